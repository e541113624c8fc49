"""What beat runs in this room: a loop and a service call each."""

from contextlib import suppress

from celery import shared_task

from booking import selectors, services
from booking.errors import MoveNotAllowed
from core import clock


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
        with suppress(MoveNotAllowed):
            services.expire_hold(booking_id=booking_id, now=now)


@shared_task(ignore_result=True)
def hold_due_draws() -> None:
    """Prepare, close, hold and pass on whatever is due. Running it twice does no harm."""
    services.hold_due_draws(now=clock.now())
