"""The daily paper list: rendered, stored and announced to supervisors."""

import logging
import os
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils import translation

from booking.bookings.selectors import day_list
from offices.directory.models import Office
from offices.directory.selectors import list_offices
from reports.paper_list.messages import queue_paper_list_message
from reports.paper_list.pdf import render_day_list

MADE_AT: Final = time(6)
KEEP_DAYS: Final = 7
logger = logging.getLogger(__name__)


def make_due_paper_lists(*, now: datetime) -> int:
    """Make today's list for every office after 06:00 local time; return the number of new lists.

    Idempotent: an existing list is not replaced, and its message is queued once.
    """
    made = 0
    for office in list_offices():
        day = office.local_day(now)
        if now >= office.at(day, MADE_AT) and not paper_file(office, day).exists():
            made += _make(office, day, now=now)
    return made


def paper_file(office: Office, day: date) -> Path:
    """Return the path of a day's list."""
    return Path(settings.PAPER_DIR) / office.code / f"{day:%Y-%m-%d}.pdf"


def _make(office: Office, day: date, *, now: datetime) -> int:
    bookings = list(day_list(office, day))
    if not bookings:
        return 0
    with translation.override(settings.LANGUAGE_CODE):
        content = render_day_list(office, day, bookings, now=now)
    try:
        _write_file(paper_file(office, day), content)
        _clear_old(office, day)
    except OSError as error:
        # The message is still queued: its link renders the list again.
        logger.warning(
            "paper_list_not_kept", extra={"office": office.code, "error": error.strerror}
        )
    queue_paper_list_message(office, day, now=now)
    return 1


def _write_file(path: Path, content: bytes) -> None:
    """Write the file atomically, readable by its owner only, because it contains names."""
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
