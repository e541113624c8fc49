"""The worker's heartbeat."""

from celery import shared_task

from core import clock
from ops import broker


@shared_task(ignore_result=True)
def beat_heartbeat() -> None:
    """Record that a worker ran a task of beat: one figure covers beat, broker and worker."""
    broker.write_heartbeat(clock.now())
