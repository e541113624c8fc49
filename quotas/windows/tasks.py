"""Prepares and opens windows."""

from contextlib import suppress

from celery import shared_task

from core import clock
from core.errors import Busy
from offices.directory.selectors import list_offices
from offices.hours.services import ensure_holidays
from quotas.windows import openings, services


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
    openings.open_due_windows(now=clock.now())
