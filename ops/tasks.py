"""The worker's heartbeat."""

from celery import shared_task

from core import clock
from offices.outages.uptime import record_uptime
from ops import broker


@shared_task(ignore_result=True)
def beat_heartbeat() -> None:
    """Record that a worker ran a task of beat, and that the system works."""
    now = clock.now()
    broker.write_heartbeat(now)
    record_uptime(now=now)
