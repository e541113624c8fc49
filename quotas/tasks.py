"""What beat runs for quotas. Running any of it twice does no harm."""

from contextlib import suppress

from celery import shared_task

from core import clock
from core.errors import Busy
from offices.selectors import list_offices
from offices.services import ensure_holidays
from quotas import services


@shared_task(ignore_result=True)
def prepare_windows() -> None:
    """Have every office's windows ready ahead of time, and the days off of the years they reach into."""
    ensure_holidays(now=clock.now())
    for office in list_offices():
        # Another worker has this office in hand just now; the next run looks again.
        with suppress(Busy):
            services.prepare_windows(office_id=office.pk, now=clock.now())


@shared_task(ignore_result=True)
def open_due_windows() -> None:
    """Stamp and announce what has opened. A late run announces late; it opens nothing late."""
    services.open_due_windows(now=clock.now())


@shared_task(ignore_result=True)
def roll_over_due() -> None:
    """Move what nobody took to another lane where a rule says so. A late run moves it late, and once."""
    with suppress(Busy):
        services.roll_over_due(now=clock.now())


@shared_task(ignore_result=True)
def keep_rooms() -> None:
    """Fit the doors of the waiting rooms to what the machines bear. Late or never, the doors still move."""
    with suppress(Busy):
        services.keep_rooms(now=clock.now())
