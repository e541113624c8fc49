"""The worker's sign of life."""

from celery import shared_task
from django.core.cache import cache

from core import clock

HEARTBEAT_KEY = "worker-heartbeat"


@shared_task(ignore_result=True)
def beat_heartbeat() -> None:
    """Write when a worker last ran what beat sent: one figure proves beat, broker and worker."""
    cache.set(HEARTBEAT_KEY, clock.now().timestamp(), timeout=3600)
