"""Tasks about contests and broker signals."""

from contextlib import suppress

from celery import shared_task

from booking.integrity import broker_signals, contests
from core import clock
from core.errors import Busy


@shared_task(ignore_result=True)
def lapse_contests() -> None:
    """End contests that are too old or no longer needed. Running it twice does no harm."""
    with suppress(Busy):
        contests.lapse_contests(now=clock.now())


@shared_task(ignore_result=True)
def find_broker_signals() -> None:
    """Scan for broker signals. Running it twice does no harm."""
    broker_signals.find_broker_signals(now=clock.now())


@shared_task(ignore_result=True)
def find_churn_signals() -> None:
    """Look for places that are booked and cancelled again and again. Running it twice does no harm."""
    broker_signals.find_churn_signals(now=clock.now())
