"""What beat sends to this room."""

from celery import shared_task

from core import clock
from reports.paper_list import services


@shared_task(ignore_result=True)
def make_paper_lists() -> None:
    """Make each office's list once its clock shows six in the morning."""
    services.make_due_paper_lists(now=clock.now())
