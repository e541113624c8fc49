"""Tasks about lotteries."""

from celery import shared_task

from booking.lottery import relay, results
from core import clock


@shared_task(ignore_result=True)
def hold_due_draws() -> None:
    """Prepare, close, hold and pass on every lottery that is due. Running it twice does no harm."""
    results.hold_due_draws(now=clock.now())


@shared_task(ignore_result=True)
def fetch_beacon_rounds() -> None:
    """Fetch the rounds that closed lotteries wait for, if a relay is configured."""
    relay.fetch_due_rounds(now=clock.now())
