"""The task that reads the library's holidays again."""

from celery import shared_task

from core import clock
from offices.hours.services import update_proposals


@shared_task(ignore_result=True)
def watch_holidays() -> None:
    """Propose differences from the library's table. Applies nothing; running it twice does no harm."""
    update_proposals(now=clock.now())
