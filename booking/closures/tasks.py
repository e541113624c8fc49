"""Tasks after a closure, and the rounds that offer free places."""

from contextlib import suppress

from celery import shared_task

from booking.closures import moves, rounds, selectors
from booking.closures.moves import move_everyone
from core import clock
from core.errors import Busy

PARTIES_A_RUN = 300


@shared_task(ignore_result=True)
def move_displaced() -> None:
    """Move those whom a closure took the hour from. A run that dies is taken up by the next one."""
    for closure_id in selectors.unfinished_closures():
        # Somebody of a party is just changing the booking, or another worker is at it.
        with suppress(Busy):
            move_everyone(closure_id=closure_id, now=clock.now(), limit=PARTIES_A_RUN)


@shared_task(ignore_result=True)
def place_waiting() -> None:
    """Give those who wait for a place the first ones there are, in the old order."""
    for displacement_id in selectors.waiting_displacements():
        with suppress(Busy):
            moves.place_waiting(displacement_id=displacement_id, now=clock.now())


@shared_task(ignore_result=True)
def serve_waiting_lists() -> None:
    """End what is over at the waiting lists, and offer what was given back. Running it twice does no harm."""
    rounds.serve_waiting_lists(now=clock.now())
