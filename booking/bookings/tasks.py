"""Tasks about bookings."""

from contextlib import suppress

from celery import shared_task

from booking.bookings import messages, selectors
from booking.bookings.changes import expire_hold
from booking.bookings.errors import BookingChanged
from core import clock


@shared_task(ignore_result=True)
def queue_reminders() -> None:
    """Queue due reminders. Runs every few minutes; running it twice does no harm."""
    messages.queue_reminders(now=clock.now())


@shared_task(ignore_result=True)
def expire_holds() -> None:
    """Free the places of expired holds. Running it twice does no harm."""
    now = clock.now()
    for booking_id in selectors.overdue_hold_ids(now):
        # The applicant may have kept or cancelled it between our read and our lock: that wins.
        with suppress(BookingChanged):
            expire_hold(booking_id=booking_id, now=now)
