"""Tasks about payments."""

from contextlib import suppress

from celery import shared_task

from booking.bookings.errors import BookingChanged
from booking.payments.errors import NothingToPay
from booking.settlement.selectors import overdue_booking_ids
from booking.settlement.services import expire_if_unpaid
from core import clock


@shared_task(ignore_result=True)
def expire_unpaid_bookings() -> None:
    """End bookings that were not paid in time. Running it twice does no harm."""
    now = clock.now()
    for booking_id in overdue_booking_ids(now):
        # The payment may arrive between our read and our lock: that wins.
        with suppress(BookingChanged, NothingToPay):
            expire_if_unpaid(booking_id=booking_id, now=now)
