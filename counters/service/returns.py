"""Returns with missing documents, and their deadline."""

from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from booking.bookings.changes import end_unserved
from booking.bookings.errors import BookingChanged
from booking.statuses import Status
from counters.visits.models import UNFINISHED, Visit, VisitStatus

# Not from a regulation: the same period as for collecting a passport.
RETURN_WITHIN_DAYS: Final = 30


def return_until(visit: Visit, *, now: datetime) -> date:
    """Return the last day on which the applicant can return without a new booking."""
    return visit.office.local_day(visit.ended_at or now) + timedelta(days=RETURN_WITHIN_DAYS)


def give_up_returns(*, now: datetime) -> int:
    """End bookings whose applicant did not return with documents in time, with a message; return the count.

    A booking left open would prevent the person from booking again (law 2).
    """
    ended = 0
    for visit in _overdue(now):
        # The applicant may return between our read and our lock: the return wins.
        with suppress(BookingChanged):
            end_unserved(
                booking_id=visit.booking_id,
                why="overdue",
                now=now,
                reason=_("Tidak kembali melengkapi berkas"),
            )
            ended += 1
    return ended


def _overdue(now: datetime) -> list[Visit]:
    others = Visit.objects.counted().filter(booking=OuterRef("booking"))
    rows = Visit.objects.filter(
        ~Exists(others.filter(status__in=UNFINISHED)),
        ~Exists(others.filter(arrived_at__gt=OuterRef("arrived_at"))),
        booking__status=Status.CHECKED_IN,
        status=VisitStatus.INCOMPLETE,
        ended_at__lt=now - timedelta(days=RETURN_WITHIN_DAYS),
    ).select_related("office")
    return [row for row in rows if row.office.local_day(now) > return_until(row, now=now)]
