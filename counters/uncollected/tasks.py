"""The periodic task of uncollected passports."""

from celery import shared_task

from core import clock
from counters.uncollected.services import remind_and_cancel
from offices.directory.selectors import list_offices


@shared_task(ignore_result=True)
def remind_and_cancel_uncollected() -> None:
    """Remind owners of ready passports and cancel uncollected ones. Running it twice does no harm."""
    now = clock.now()
    for office in list_offices():
        remind_and_cancel(office, now=now)
