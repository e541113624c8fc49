"""Counting how many records officers opened."""

from celery import shared_task

from core import clock
from privacy.reads.services import count_reading


@shared_task(ignore_result=True)
def count_reading_of_days() -> None:
    """Beat runs this every hour; a day is counted once, after it has ended."""
    count_reading(now=clock.now())
