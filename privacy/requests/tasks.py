"""Deadlines of requests."""

from celery import shared_task

from core import clock
from privacy.requests.services import remind_and_escalate


@shared_task(ignore_result=True)
def watch_deadlines() -> None:
    """Beat runs this every 15 minutes. Running it twice does no harm."""
    remind_and_escalate(now=clock.now())
