"""What planned, booked, arrived, waiting and served mean. Every screen, report and board counts by these.

planned    places that the quota policies give a day, in lanes that are booked online
booked     bookings that hold a place of that day, in lanes that are booked online
arrived    of those, how many came: their first visit, unless its check-in was undone
direct     first visits of people whom the desk gave a place: walk-ins and most of the priority lane
waiting    visits that wait for a call now
in service visits at a counter now: called, served, or held there
served     visits that an officer finished, in every lane
in time    visits that ended with an answer within two hours; the promise counts these against all
           visits with an answer and those without one after two hours

A booking counts on the day of its slot, a visit on the day of its arrival (both by the office's
calendar). Conditions on bookings are for `Booking`, conditions on visits for `Visit`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db.models import BooleanField, Case, CharField, Exists, F, OuterRef, Q, Value, When

from booking.bookings.models import Booking
from booking.statuses import Status
from core.db import shared_read
from counters.visits.models import IN_SERVICE, Visit, VisitStatus
from offices.directory.models import Lane
from offices.promises import VISIT_TIME, Outcome
from quotas.plan.days import plan_day
from quotas.plan.rows import OfficeRules

ONLINE: Final = Lane.BookedAt.ONLINE
# A visit of which nothing counts: its check-in was a mistake.
UNDONE: Final = Q(status=VisitStatus.UNDONE)

# --- Bookings -------------------------------------------------------------------------------------
BOOKED: Final = Q(place__isnull=False, slot__lane__booked_at=ONLINE)
# A visit that the office could not serve does not turn the booking into a no-show.
_CAME: Final = Exists(
    Visit.objects.filter(booking=OuterRef("pk")).exclude(
        status__in=(VisitStatus.UNDONE, VisitStatus.UNSERVED)
    )
)
NO_SHOW: Final = BOOKED & Q(status=Status.NO_SHOW) & ~Q(_CAME)
WALK_IN: Final = Q(place__isnull=False, via=Booking.Via.DESK, slot__lane="walk_in")
PRIORITY: Final = Q(place__isnull=False, via=Booking.Via.DESK, slot__lane="priority")
EXPECTED: Final = Q(status=Status.BOOKED)

# --- Visits ---------------------------------------------------------------------------------------
_FIRST: Final = ~UNDONE & Q(kind=Visit.Kind.FIRST)
ARRIVED: Final = _FIRST & Q(booking__slot__lane__booked_at=ONLINE)
DIRECT: Final = _FIRST & Q(booking__via=Booking.Via.DESK)
ACCELERATED: Final = _FIRST & Q(lane="accelerated")
WAITING: Final = Q(status=VisitStatus.WAITING)
BEING_SERVED: Final = Q(status__in=IN_SERVICE)
SERVED: Final = Q(status=VisitStatus.FINISHED)
# Visits of which the length is measured: the person left with an answer.
ENDED_WITH_ANSWER: Final = Q(status__in=(VisitStatus.FINISHED, VisitStatus.INCOMPLETE))
IN_TIME: Final = ENDED_WITH_ANSWER & Q(ended_at__lte=F("clock_from") + VISIT_TIME)
_WITHOUT_ANSWER: Final = ~Q(
    status__in=(
        VisitStatus.FINISHED,
        VisitStatus.INCOMPLETE,
        VisitStatus.REFUSED,
        VisitStatus.UNDONE,
    )
)


def unserved_late(now: datetime) -> Q:
    """Visits that took more than two hours until now, or until they ended, and got no answer."""
    return _WITHOUT_ANSWER & (
        Q(ended_at__gt=F("clock_from") + VISIT_TIME)
        | Q(ended_at__isnull=True, clock_from__lt=now - VISIT_TIME)
    )


def two_hours_outcome(now: datetime) -> Case:
    """Return what became of the two-hour promise of each visit that was not undone, until now.

    Kept: ended in time, served or sent for missing documents. Unserved: no answer after two hours,
    gone or still waiting.
    """
    outcomes = (
        (IN_TIME, Outcome.KEPT),
        (ENDED_WITH_ANSWER, Outcome.LATE),
        (Q(status=VisitStatus.REFUSED), Outcome.REFUSED),
        (unserved_late(now), Outcome.UNSERVED),
        (Q(ended_at__isnull=True), Outcome.OPEN),
        (Q(status=VisitStatus.LEFT), Outcome.LEFT),
    )
    return Case(
        *(When(condition, then=Value(str(outcome))) for condition, outcome in outcomes),
        default=Value(str(Outcome.SENT_HOME)),
        output_field=CharField(),
    )


def flags(conditions: Mapping[str, Q]) -> dict[str, Case]:
    """Return annotations `is_<name>` that say of each row whether it fulfils a condition."""
    return {
        f"is_{name}": Case(
            When(condition, then=Value(True)), default=Value(False), output_field=BooleanField()
        )
        for name, condition in conditions.items()
    }


# --- Places ---------------------------------------------------------------------------------------
@dataclass(frozen=True)
class PlannedPlaces:
    """The planned places of one slot."""

    lane: str
    group: int
    starts_at: datetime
    places: int


def planned_places(
    rules: OfficeRules, day: date, online: frozenset[str]
) -> Iterator[PlannedPlaces]:
    """Yield the planned places of a day, slot by slot; `online` are the codes of `online_lanes`."""
    for lane in plan_day(rules, day).lanes:
        if lane.lane in online:
            for slot in lane.slots:
                yield PlannedPlaces(lane.lane, lane.group, slot.starts_at, slot.places)


def online_lanes() -> frozenset[str]:
    """Return the codes of the lanes that are booked online only."""
    return lanes_booked_at(ONLINE)


@shared_read(times=10, has_text=False)
def lanes_booked_at(where: str) -> frozenset[str]:
    """Return the codes of the lanes that are booked there, at most ten seconds old."""
    return frozenset(Lane.objects.filter(booked_at=where).values_list("code", flat=True))
