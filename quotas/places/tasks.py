"""Moves unused places to another lane when due."""

from contextlib import suppress

from celery import shared_task

from core import clock
from core.errors import Busy
from quotas.places import roll_over


@shared_task(ignore_result=True)
def roll_over_due() -> None:
    """Move unused places to another lane where a rule says so. A late run moves them late, and only once."""
    with suppress(Busy):
        roll_over.roll_over_due(now=clock.now())
