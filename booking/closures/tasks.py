"""Tasks that move bookings after a closure and offer free places."""

from contextlib import suppress

from celery import shared_task

from booking.closures import moves, rounds, selectors
from booking.closures.moves import move_everyone
from core import clock
from core.errors import Busy

PARTIES_A_RUN = 300


@shared_task(ignore_result=True)
def move_displaced() -> None:
    """Move the bookings of closures. The next run continues one that was interrupted."""
    for closure_id in selectors.unfinished_closures():
        # A booking of the party is being changed, or another worker is moving it: the next run retries.
        with suppress(Busy):
            move_everyone(closure_id=closure_id, now=clock.now(), limit=PARTIES_A_RUN)


@shared_task(ignore_result=True)
def place_waiting() -> None:
    """Give displaced parties the first free places, in their original order."""
    for displacement_id in selectors.waiting_displacements():
        with suppress(Busy):
            moves.place_waiting(displacement_id=displacement_id, now=clock.now())


@shared_task(ignore_result=True)
def serve_waiting_lists() -> None:
    """Expire and end what is over at the waiting lists, and offer freed places. Running it twice does no harm."""
    rounds.serve_waiting_lists(now=clock.now())
