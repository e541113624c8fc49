"""Coming back with what was missing, and the end of waiting for it."""

from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from booking.bookings.changes import mark_no_show
from booking.bookings.errors import BookingChanged
from booking.statuses import Status
from counters.visits.models import UNFINISHED, Visit, VisitStatus

# Our own figure: as long as a finished passport waits to be collected.
RETURN_WITHIN_DAYS: Final = 30


def return_until(visit: Visit, *, now: datetime) -> date:
    """Return the last day on which an incomplete visit can be taken up again without a new booking."""
    return visit.office.local_day(visit.ended_at or now) + timedelta(days=RETURN_WITHIN_DAYS)


def give_up_returns(*, now: datetime) -> int:
    """End bookings whose applicant was sent for a document and did not come back in time.

    A booking that waits for good would keep the person from ever booking again (law 2).
    """
    ended = 0
    for visit in _overdue(now):
        # The person may walk in between our read and our lock: that wins.
        with suppress(BookingChanged):
            mark_no_show(
                booking_id=visit.booking_id, now=now, reason=_("Tidak kembali melengkapi berkas")
            )
            ended += 1
    return ended


def _overdue(now: datetime) -> list[Visit]:
    others = Visit.objects.filter(booking=OuterRef("booking"))
    rows = Visit.objects.filter(
        ~Exists(others.filter(status__in=UNFINISHED)),
        ~Exists(others.filter(arrived_at__gt=OuterRef("arrived_at"))),
        booking__status=Status.CHECKED_IN,
        status=VisitStatus.INCOMPLETE,
        ended_at__lt=now - timedelta(days=RETURN_WITHIN_DAYS),
    ).select_related("office")
    return [row for row in rows if row.office.local_day(now) > return_until(row, now=now)]
