"""Periodic tasks of the outbox."""

from celery import shared_task

from core import clock
from notices import services


@shared_task(ignore_result=True)
def deliver_due_messages() -> None:
    """Send due messages. Safe to run in several workers at once: each message is leased by one."""
    services.deliver_due(now=clock.now())


@shared_task(ignore_result=True)
def deliver_due_by_phone() -> None:
    """Send due SMS and WhatsApp messages. Safe to run in several workers at once."""
    services.deliver_due_by_phone(now=clock.now())
