"""Measures every night how long stages took."""

from celery import shared_task

from core import clock
from counters.capacity.services import measure_stage_times
from offices.directory.selectors import list_offices


@shared_task(ignore_result=True)
def measure_stages() -> None:
    """Measure each office's stages after its own midnight, once: the planner reads what stands then."""
    now = clock.now()
    for office in list_offices():
        measure_stage_times(office_id=office.pk, now=now)
