"""Tasks about lotteries."""

from celery import shared_task

from booking.lottery import results
from core import clock


@shared_task(ignore_result=True)
def hold_due_draws() -> None:
    """Prepare, close, hold and pass on every lottery that is due. Running it twice does no harm."""
    results.hold_due_draws(now=clock.now())
