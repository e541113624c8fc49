"""Adjusts the admission rates of waiting rooms."""

from contextlib import suppress

from celery import shared_task

from core import clock
from core.errors import Busy
from quotas.waiting_room import services


@shared_task(ignore_result=True)
def keep_rooms() -> None:
    """Fit the admission rates to the load of the servers. Without this task, admission continues."""
    with suppress(Busy):
        services.keep_rooms(now=clock.now())
