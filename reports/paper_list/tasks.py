"""Periodic tasks of the paper list."""

from celery import shared_task

from core import clock
from reports.paper_list import services


@shared_task(ignore_result=True)
def make_paper_lists() -> None:
    """Make each office's list after 06:00 local time."""
    services.make_due_paper_lists(now=clock.now())
