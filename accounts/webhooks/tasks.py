"""Periodic task of webhooks."""

from celery import shared_task

from accounts.webhooks.delivery import deliver_due
from core import clock


@shared_task(ignore_result=True)
def deliver_due_webhooks() -> None:
    """Send due events. Safe to run in several workers at once: each event is leased by one."""
    deliver_due(now=clock.now())
