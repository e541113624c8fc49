"""Tasks that run after closing."""

from contextlib import suppress

from celery import shared_task

from booking.absences.services import review_absence
from booking.bookings.changes import mark_no_show
from booking.bookings.errors import BookingChanged
from booking.restrictions.errors import AbsenceUnresolved
from core import clock
from counters.gate.selectors import missed_booking_ids
from counters.service.returns import give_up_returns
from counters.stations.services import close_forgotten_sessions
from offices.directory.selectors import list_offices


@shared_task(ignore_result=True)
def mark_no_shows() -> None:
    """Mark no-shows after closing, end overdue returns and forgotten sessions. Idempotent.

    Checked-in applicants are not affected: they are served in overtime.
    """
    now = clock.now()
    for office in list_offices():
        for booking_id in missed_booking_ids(office, now=now):
            # An officer may check the applicant in between our read and our lock: the check-in wins.
            with suppress(BookingChanged):
                try:
                    mark_no_show(booking_id=booking_id, now=now)
                except AbsenceUnresolved:
                    review_absence(booking_id=booking_id, now=now)
    give_up_returns(now=now)
    close_forgotten_sessions(now=now)
