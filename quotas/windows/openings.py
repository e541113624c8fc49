"""Announces each opened window once. The clock opens the window; this does not."""

from datetime import datetime

from django.db import transaction

from notices.services import new_message, queue_messages
from offices.staff.models import Role
from offices.staff.selectors import staff_of
from quotas.places.models import Place, ReleaseWindow
from quotas.watches.services import queue_watch_messages


def open_due_windows(*, now: datetime) -> int:
    """Stamp and announce every window that has opened; return how many this call did.

    Each window is stamped once with any number of workers: rows are locked, and locked rows
    skipped.
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
        _queue_supervisor_messages(window, places, now)
        queue_watch_messages(window=window, places=places, now=now)
    return True


def _is_news(window: ReleaseWindow) -> bool:
    """False for a window that was open when it was prepared, and for one of the desk."""
    return (
        window.opens_at > window.prepared_at
        and window.lane.booked_at == window.lane.BookedAt.ONLINE
    )


def _queue_supervisor_messages(window: ReleaseWindow, places: int, now: datetime) -> None:
    office = window.office
    context = {
        "office": office.snapshot(),
        "window": window.pk,
        "first_on": window.first_day,
        "last_on": window.last_day,
        "places": places,
        "opens_at": window.opens_at,
        "closes_at": window.closes_at,
    }
    queue_messages(
        new_message(
            kind="window_opened",
            dedupe_key=f"window_opened:{window.pk}:{supervisor.pk}",
            address=supervisor.email,
            language=supervisor.language,
            context=context,
            about_type="window",
            about_id=window.pk,
            office_code=office.code,
            now=now,
        )
        for supervisor in staff_of(office, role=Role.SUPERVISOR, day=office.local_day(now))
    )
