"""Storing estimates of those who have just checked in, and the nightly learning."""

from datetime import timedelta

from celery import shared_task

from core import clock
from counters.estimates.services import measure_service_times, record_predictions, score_day
from offices.directory.selectors import list_offices


@shared_task(ignore_result=True)
def predict_waits() -> None:
    """Store the estimates of the last check-ins. Idempotent; people who were not stored have none."""
    now = clock.now()
    for office in list_offices():
        record_predictions(office_id=office.pk, now=now)


@shared_task(ignore_result=True)
def learn_waits() -> None:
    """Score each office's yesterday and learn from it, after its local midnight. Idempotent."""
    now = clock.now()
    for office in list_offices():
        score_day(office_id=office.pk, day=office.local_day(now) - timedelta(days=1))
        measure_service_times(office_id=office.pk, now=now)
