"""Periodic tasks of subscriptions."""

from celery import shared_task

from core import clock
from reports.subscriptions import services


@shared_task(ignore_result=True)
def queue_due_reports() -> None:
    """Queue the e-mails that are due, after 06:30 by each office's clock."""
    services.queue_due_reports(now=clock.now())
