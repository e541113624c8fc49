"""Nightly measurement of stage times."""

from celery import shared_task

from core import clock
from counters.capacity.services import measure_stage_times
from offices.directory.selectors import list_offices


@shared_task(ignore_result=True)
def measure_stages() -> None:
    """Measure each office's stage times once, after its local midnight."""
    now = clock.now()
    for office in list_offices():
        measure_stage_times(office_id=office.pk, now=now)
