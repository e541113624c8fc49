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
    """Prepare every office's windows, and the holidays of the years that they reach."""
    ensure_holidays(now=clock.now())
    for office in list_offices():
        # Another worker has locked this office; the next run prepares it.
        with suppress(Busy):
            services.prepare_windows(office_id=office.pk, now=clock.now())


@shared_task(ignore_result=True)
def open_due_windows() -> None:
    """Stamp and announce opened windows. A late run announces late; the opening itself is never late."""
    openings.open_due_windows(now=clock.now())
