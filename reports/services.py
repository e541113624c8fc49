"""The paper list of each morning: made, laid down, and its supervisors told where it is."""

import logging
import os
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from booking.selectors import day_list
from core.templatetags.formats import date_long
from notices.services import queue_message
from offices.models import Office, Role
from offices.selectors import list_offices, staff_of
from reports.paper import draw_day_list

MADE_AT: Final = time(6)
KEEP_DAYS: Final = 7
logger = logging.getLogger(__name__)


def make_due_paper_lists(*, now: datetime) -> int:
    """Make today's list of every office where it is past six; return how many were new.

    Running it twice does no harm: a list that lies there is left alone, a letter is written once.
    """
    made = 0
    for office in list_offices():
        day = office.local_day(now)
        if now >= office.at(day, MADE_AT) and not paper_file(office, day).exists():
            made += _make(office, day, now=now)
    return made


def paper_file(office: Office, day: date) -> Path:
    """Return where a day's list lies."""
    return Path(settings.PAPER_DIR) / office.code / f"{day:%Y-%m-%d}.pdf"


def _make(office: Office, day: date, *, now: datetime) -> int:
    bookings = list(day_list(office, day))
    if not bookings:
        return 0
    with translation.override(settings.LANGUAGE_CODE):
        content = draw_day_list(office, day, bookings, now=now)
    try:
        _lay_down(paper_file(office, day), content)
        _clear_old(office, day)
    except OSError as error:
        # The letter goes out all the same: its link draws the list anew.
        logger.warning(
            "paper_list_not_kept", extra={"office": office.code, "error": error.strerror}
        )
    _tell_supervisors(office, day, now=now)
    return 1


def _lay_down(path: Path, content: bytes) -> None:
    """Write the file whole or not at all, for its owner only: it holds names."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}.part")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    draft.replace(path)


def _clear_old(office: Office, day: date) -> None:
    oldest = f"{day - timedelta(days=KEEP_DAYS):%Y-%m-%d}"
    for path in paper_file(office, day).parent.glob("*.pdf"):
        if path.stem < oldest:
            path.unlink(missing_ok=True)


def _tell_supervisors(office: Office, day: date, *, now: datetime) -> None:
    for supervisor in staff_of(office, role=Role.SUPERVISOR, day=day):
        with translation.override(supervisor.language):
            queue_message(
                kind="paper_list",
                dedupe_key=f"paper_list:{office.code}:{day:%Y-%m-%d}:{supervisor.pk}",
                address=supervisor.email,
                language=supervisor.language,
                subject=_("Daftar kertas %(day)s siap dicetak") % {"day": date_long(day)},
                paragraphs=[
                    _(
                        "Cetaklah pagi ini, selagi listrik dan jaringan ada. Isinya data pribadi: tautan ini meminta Anda masuk."
                    )
                ],
                action=(_("Buka daftar kertas"), f"{settings.PUBLIC_URL}/admin/today/paper/"),
                about_type="office",
                about_id=str(office.pk),
                office_code=office.code,
                now=now,
            )
