"""The worker's sign of life."""

from celery import shared_task

from core import clock
from ops import broker


@shared_task(ignore_result=True)
def beat_heartbeat() -> None:
    """Write when a worker last ran what beat sent: one figure proves beat, broker and worker."""
    broker.write_heartbeat(clock.now())
