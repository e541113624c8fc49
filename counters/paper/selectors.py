"""Checks before a line of a paper list is entered."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from booking.bookings.models import Booking
from booking.statuses import Status
from counters.visits.models import AT_A_COUNTER, CounterSession, StageRun, Visit, VisitEvent
from offices.directory.models import Counter

CAN_BE_ENTERED = (Status.BOOKED, Status.NO_SHOW, Status.LEFT, Status.CHECKED_IN)


@dataclass(frozen=True)
class ServedVisit:
    """A visit served at a counter. `end` is None while it is being served."""

    visit: Visit
    begin: datetime
    end: datetime | None


@dataclass(frozen=True)
class ExistingRecord:
    """Why no line can be entered for a booking, with its visit and the visit's last event, if any."""

    why: str
    visit: Visit | None
    last: VisitEvent | None


def overlapping_visit(counter: Counter, begin: datetime, end: datetime) -> ServedVisit | None:
    """Return the first visit served at a counter between `begin` and `end`, or None.

    Abandoned stages do not count: after a power failure their end is unknown.
    """
    lines = CounterSession.objects.filter(counter=counter, is_from_paper=True)
    line = lines.filter(closed_at__gt=begin, opened_at__lt=end).order_by("opened_at").first()
    if line is not None:
        return ServedVisit(_visit(session=line), line.opened_at, line.closed_at)
    runs = StageRun.objects.filter(session__counter=counter, session__is_from_paper=False)
    runs = runs.exclude(result=StageRun.Result.ABANDONED)
    within = runs.filter(Q(ended_at=None) | Q(ended_at__gt=begin), started_at__lt=end)
    run = within.order_by("started_at", "pk").first()
    if run is None:
        return None
    whole = list(runs.filter(visit=run.visit_id, session=run.session_id))
    ends = [each.ended_at for each in whole]
    return ServedVisit(
        _visit(pk=run.visit_id),
        min(each.started_at for each in whole),
        None if None in ends else max(each for each in ends if each),
    )


def existing_record(booking: Booking, *, today: date) -> ExistingRecord | None:
    """Return the record that prevents entering a line, or None if a line can be entered."""
    visits = booking.visits.counted().select_related("ticket", "session__counter")
    visit = visits.order_by("-arrived_at", "-pk").first()
    if visit is not None and visit.status in AT_A_COUNTER:
        why = "at_a_counter"
    elif booking.status not in CAN_BE_ENTERED:
        why = "served" if booking.status == Status.SERVED else "no_visit"
    elif booking.slot.day > today:
        why = "to_come"
    else:
        return None
    last = (
        visit.history.select_related("by", "session").order_by("at", "pk").last() if visit else None
    )
    return ExistingRecord(why, visit, last)


def _visit(**which: object) -> Visit:
    return Visit.objects.select_related("ticket").get(**which)
