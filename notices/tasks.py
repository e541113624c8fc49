"""What beat runs for the outbox."""

from celery import shared_task

from core import clock
from notices import services


@shared_task(ignore_result=True)
def deliver_due_messages() -> None:
    """Send what is due. Several workers may run it at once: each message goes to one of them."""
    services.deliver_due(now=clock.now())
