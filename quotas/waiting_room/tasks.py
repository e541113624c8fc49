"""Keeps the waiting rooms' admission rates."""

from contextlib import suppress

from celery import shared_task

from core import clock
from core.errors import Busy
from quotas.waiting_room import services


@shared_task(ignore_result=True)
def keep_rooms() -> None:
    """Fit the doors of the waiting rooms to what the machines bear. Late or never, the doors still move."""
    with suppress(Busy):
        services.keep_rooms(now=clock.now())
