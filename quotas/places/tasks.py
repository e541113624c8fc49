"""Moves unused places to another lane when their time has come."""

from contextlib import suppress

from celery import shared_task

from core import clock
from core.errors import Busy
from quotas.places import roll_over


@shared_task(ignore_result=True)
def roll_over_due() -> None:
    """Move what nobody took to another lane where a rule says so. A late run moves it late, and once."""
    with suppress(Busy):
        roll_over.roll_over_due(now=clock.now())
