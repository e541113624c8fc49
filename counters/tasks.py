"""What beat sends to this room."""

from contextlib import suppress

from celery import shared_task

from booking.errors import BookingChanged
from booking.services import mark_no_show
from core import clock
from counters.selectors.gate import missed_booking_ids
from counters.services import (
    close_forgotten_sessions,
    give_up_returns,
    measure_stage_times,
)
from offices.selectors import list_offices


@shared_task(ignore_result=True)
def mark_no_shows() -> None:
    """Mark who never came once their office's day has closed, or never came back. Running it twice does no harm.

    Whoever is in the house stays: they are checked in, and overtime serves them.
    """
    now = clock.now()
    for office in list_offices():
        for booking_id in missed_booking_ids(office, now=now):
            # An officer may check the applicant in between our read and our lock: that wins.
            with suppress(BookingChanged):
                mark_no_show(booking_id=booking_id, now=now)
    give_up_returns(now=now)
    close_forgotten_sessions(now=now)


@shared_task(ignore_result=True)
def measure_stages() -> None:
    """Measure each office's stages after its own midnight, once: the planner reads what stands then."""
    now = clock.now()
    for office in list_offices():
        measure_stage_times(office_id=office.pk, now=now)
