"""Periodic tasks of the daily load."""

from celery import shared_task

from core import clock
from reports.load import services


@shared_task(ignore_result=True)
def refresh_load() -> None:
    """Compute today again, and the days of which something changed in the last minutes."""
    services.refresh(now=clock.now())


@shared_task(ignore_result=True)
def rebuild_load() -> None:
    """Compute the last week and the coming five again, and earlier days that are missing."""
    services.rebuild_recent(now=clock.now())
