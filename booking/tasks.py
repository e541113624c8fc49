"""What beat runs in this room: a loop and a service call each."""

from contextlib import suppress

from celery import shared_task

from booking import selectors, services
from booking.errors import BookingChanged
from core import clock
from core.errors import Busy

PARTIES_A_RUN = 300


@shared_task(ignore_result=True)
def queue_reminders() -> None:
    """Beat runs this every few minutes. Running it twice does no harm."""
    services.queue_reminders(now=clock.now())


@shared_task(ignore_result=True)
def expire_holds() -> None:
    """Free the places of holds whose time is over. Running it twice does no harm."""
    now = clock.now()
    for booking_id in selectors.overdue_hold_ids(now):
        # The applicant may have kept or cancelled it between our read and our lock: that wins.
        with suppress(BookingChanged):
            services.expire_hold(booking_id=booking_id, now=now)


@shared_task(ignore_result=True)
def hold_due_draws() -> None:
    """Prepare, close, hold and pass on whatever is due. Running it twice does no harm."""
    services.hold_due_draws(now=clock.now())


@shared_task(ignore_result=True)
def move_displaced() -> None:
    """Move those whom a closure took the hour from. A run that dies is taken up by the next one."""
    for closure_id in selectors.unfinished_closures():
        # Somebody of a party is just changing the booking, or another worker is at it.
        with suppress(Busy):
            services.move_everyone(closure_id=closure_id, now=clock.now(), limit=PARTIES_A_RUN)


@shared_task(ignore_result=True)
def place_waiting() -> None:
    """Give those who wait for a place the first ones there are, in the old order."""
    for displacement_id in selectors.waiting_displacements():
        with suppress(Busy):
            services.place_waiting(displacement_id=displacement_id, now=clock.now())


@shared_task(ignore_result=True)
def lapse_contests() -> None:
    """End contested numbers that nobody came for. Running it twice does no harm."""
    with suppress(Busy):
        services.lapse_contests(now=clock.now())


@shared_task(ignore_result=True)
def find_broker_signals() -> None:
    """Look for the work of brokers. Running it twice does no harm."""
    services.find_broker_signals(now=clock.now())


@shared_task(ignore_result=True)
def serve_waiting_lists() -> None:
    """End what is over at the waiting lists, and offer what was given back. Running it twice does no harm."""
    services.serve_waiting_lists(now=clock.now())
