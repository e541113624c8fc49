"""Saying once that a window has opened. The window itself is open because the clock says so."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import User
from notices.services import queue_message
from offices.models import Office, Role
from offices.selectors import staff_of
from quotas import reasons
from quotas.models import Place, ReleaseWindow
from quotas.services.watches import tell_watchers


def open_due_windows(*, now: datetime) -> int:
    """Stamp and announce every window whose opening has come; return how many this call did.

    However many workers run, each window is stamped by one of them: the row is locked, and whoever
    comes second skips it.
    """
    opened = 0
    while _open_next(now):
        opened += 1
    return opened


@transaction.atomic
def _open_next(now: datetime) -> bool:
    window = (
        ReleaseWindow.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
        .select_related("office", "lane")
        .filter(announced_at=None, opens_at__lte=now)
        .order_by("opens_at", "id")
        .first()
    )
    if window is None:
        return False
    window.announced_at = now
    window.save(update_fields=["announced_at"])
    places = Place.objects.offered().filter(window=window, is_limited=False).count()
    if places and _is_news(window):
        _tell_supervisors(window, places, now)
        tell_watchers(window=window, places=places, now=now)
    return True


def _is_news(window: ReleaseWindow) -> bool:
    """A window that stood open when it was prepared, or that is for the desk, is no news to anyone."""
    return (
        window.opens_at > window.prepared_at
        and window.lane.booked_at == window.lane.BookedAt.ONLINE
    )


def _tell_supervisors(window: ReleaseWindow, places: int, now: datetime) -> None:
    for supervisor in _supervisors(window.office, now):
        with translation.override(supervisor.language):
            queue_message(
                kind="window_opened",
                dedupe_key=f"window_opened:{window.pk}:{supervisor.pk}",
                address=supervisor.email,
                language=supervisor.language,
                subject=_("Pendaftaran dibuka: %(office)s, %(days)s")
                % {"office": window.office.name, "days": _days(window)},
                paragraphs=[_("Jendela pendaftaran di kantor Anda sudah dibuka sesuai jadwal.")],
                rows=_rows(window, places),
                action=(_("Lihat jendela pendaftaran"), _address(window)),
                about_type="window",
                about_id=str(window.pk),
                office_code=window.office.code,
                now=now,
            )


def _supervisors(office: Office, now: datetime) -> list[User]:
    return staff_of(office, role=Role.SUPERVISOR, day=office.local_day(now))


def _days(window: ReleaseWindow) -> str:
    first, last = window.first_day, window.last_day
    text = date_format(first, "j M")
    return text if first == last else f"{text} – {date_format(last, 'j M')}"


def _rows(window: ReleaseWindow, places: int) -> list[tuple[str, str]]:
    zone = window.office.time_zone
    return [
        (_("Kantor"), window.office.name),
        (_("Hari layanan"), _days(window)),
        (pgettext("jumlah", "Tempat"), str(places)),
        (_("Dibuka"), reasons.moment(window.opens_at, zone)),
        (pgettext("jendela", "Ditutup"), reasons.moment(window.closes_at, zone)),
    ]


def _address(window: ReleaseWindow) -> str:
    return f"{settings.PUBLIC_URL}/admin/quotas/releasewindow/{window.pk}/change/"
