"""What is open at an office, and the numbers of its day."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from booking.absences.services import absent_bookings
from booking.bookings.models import Booking, DisplacedBooking, Displacement
from booking.closures.selectors import evening_slots
from booking.restrictions.attendance import undecided_days
from booking.restrictions.models import AbsenceReview
from booking.statuses import Status
from counters.closing.models import DayClosing
from counters.gate.selectors import missed_bookings
from counters.kiosks.selectors import registered_only
from counters.screening.selectors import waiting_for_task_force
from counters.stations.selectors import with_last_act
from counters.visits.models import (
    AT_A_COUNTER,
    UNFINISHED,
    CounterSession,
    Visit,
    VisitEvent,
    VisitStatus,
)
from offices.directory.models import Office
from offices.directory.selectors import count_together
from offices.hours.selectors import closing_moment

MINUTE: Final = timedelta(minutes=1)
# People who will not be served today can be moved from here on, while they are still in the hall.
BEFORE_CLOSING: Final = timedelta(hours=1)
WITH_ALL: Final = (
    "ticket",
    "lane",
    "office",
    "booking__slot",
    "booking__applicant",
    "session__counter",
)


class Action(models.TextChoices):
    """What can be done with a visit that is open at closing."""

    OVERTIME = "overtime", _("Selesaikan dalam lembur")
    EVENING = "evening", _("Tempat malam ini")
    TOMORROW = "tomorrow", _("Tempat pertama hari berikutnya")
    INCOMPLETE = "incomplete", _("Berkas kurang")


def actions_for(visit: Visit, *, today: date, is_completing: bool) -> list[Action]:
    """Return what can be done with a visit that ended unserved, or has not ended.

    `is_completing`: the person only brings missing documents, and holds no place of the day.
    """
    if visit.status == VisitStatus.LEFT:
        return [Action.TOMORROW]
    actions = [Action.TOMORROW]
    if visit.day == today:
        actions.insert(0, Action.OVERTIME)
        if visit.status == VisitStatus.WAITING and not is_completing:
            actions.insert(1, Action.EVENING)
    if visit.status in (VisitStatus.SERVING, VisitStatus.PARKED):
        actions.append(Action.INCOMPLETE)
    return actions


def _is_completing() -> Exists:
    earlier = Visit.objects.filter(booking=OuterRef("booking"), status=VisitStatus.INCOMPLETE)
    return Exists(earlier.exclude(pk=OuterRef("pk")))


def _is_in_overtime() -> Exists:
    return Exists(VisitEvent.objects.filter(visit=OuterRef("pk"), kind=VisitEvent.Kind.OVERTIME))


def is_completing(visit: Visit) -> bool:
    """True if the person of a visit only brings missing documents."""
    return Visit.objects.filter(_is_completing(), pk=visit.pk).exists()


def in_overtime(visits: Iterable[Visit]) -> set[int]:
    """Return the ids of the visits that are to be finished in overtime."""
    ids = [visit.pk for visit in visits]
    return set(Visit.objects.filter(_is_in_overtime(), pk__in=ids).values_list("pk", flat=True))


def _to_decide(visits: QuerySet[Visit]) -> QuerySet[Any]:
    """Return visits with all that the list shows, and whether they are completing or in overtime."""
    return visits.select_related(*WITH_ALL).annotate(
        is_completing=_is_completing(), is_in_overtime=_is_in_overtime()
    )


@dataclass(frozen=True)
class OpenDay:
    """Everything at an office that is still open."""

    visits: int
    expected: int  # bookings of this evening that have not come yet
    missed: int  # bookings that are over, without a check-in
    moving: (
        int  # bookings that the system is about to move, because the office could not serve them
    )
    undecided: int  # days whose absences a supervisor must decide
    referred: int  # people who wait for the task force at the gate
    registered: int  # people who registered at a kiosk and have not been checked in at the gate
    counters: int

    @property
    def people(self) -> int:
        """People who are still to be served."""
        return self.visits + self.expected

    @property
    def is_open(self) -> bool:
        unresolved = (
            self.missed or self.moving or self.undecided or self.referred or self.registered
        )
        return bool(self.people or unresolved or self.counters)


def open_day(office: Office, *, now: datetime) -> OpenDay:
    """Return the counts of what is open, of today and of earlier days."""
    reviews = AbsenceReview.objects.filter(office=office, day=OuterRef("slot__day"))
    not_served = reviews.filter(decision=AbsenceReview.Decision.NOT_SERVED)
    missed = missed_bookings(office, now=now)
    no_decision_pending = ~Exists(reviews.exclude(decision=AbsenceReview.Decision.ABSENT))
    counts = count_together(
        office,
        visits=(open_visits(office, now=now), ""),
        expected=(expected_later(office, now=now), ""),
        missed=(missed.filter(no_decision_pending), ""),
        moving=(missed.filter(Exists(not_served)), ""),
        undecided=(undecided_days(office), ""),
        referred=(waiting_for_task_force(office, office.local_day(now)), ""),
        registered=(registered_only(office), ""),
        counters=(open_sessions(office), ""),
    )
    return OpenDay(**{name: row.n for name, row in counts.items()})


def open_visits(office: Office, *, now: datetime) -> QuerySet[Any]:
    """Return unfinished visits of today and of earlier days, oldest first."""
    rows = Visit.objects.filter(
        office=office, day__lte=office.local_day(now), status__in=UNFINISHED
    )
    return _to_decide(rows).order_by("day", "arrived_at", "pk")


def left_visits(office: Office, *, now: datetime) -> QuerySet[Any]:
    """Return today's visits of people who left unserved and have no other booking, oldest first."""
    live = Booking.objects.filter(
        person_key=OuterRef("booking__person_key"),
        status__in=(Status.HELD, Status.BOOKED, Status.DISPLACED, Status.CHECKED_IN),
    )
    rows = Visit.objects.filter(
        ~Exists(live), office=office, day=office.local_day(now), status=VisitStatus.LEFT
    )
    return _to_decide(rows).order_by("arrived_at", "pk")


def open_sessions(office: Office) -> Any:
    """Return the counters that are open, with their last recorded act."""
    rows = CounterSession.objects.filter(office=office, closed_at__isnull=True)
    return with_last_act(rows.select_related("counter__hall", "officer", "office")).order_by(
        "counter__number"
    )


def expected_later(office: Office, *, now: datetime) -> QuerySet[Booking]:
    """Return today's bookings without a check-in whose hour is not over yet."""
    return Booking.objects.filter(
        office=office, slot__day=office.local_day(now), slot__ends_at__gt=now, status=Status.BOOKED
    )


def decisions_from(office: Office, day: date) -> datetime:
    """Return from when the visits of a day can be moved: an hour before closing."""
    return closing_moment(office, day) - BEFORE_CLOSING


def undecided(office: Office, *, now: datetime) -> list[tuple[AbsenceReview, int]]:
    """Return the days whose absences are undecided, each with the number of people."""
    return [
        (review, absent_bookings(office, review.day, now=now).count())
        for review in undecided_days(office)
    ]


def evening_places(office: Office, visits: list[Any], *, now: datetime) -> dict[int, int]:
    """Return for each visit how many evening places of its lane and group are free."""
    free: Counter[tuple[str, int]] = Counter()
    for row in evening_slots(office, now=now):
        free[row.lane_id, row.group_id] += row.free
    slots = {visit.pk: visit.booking.slot for visit in visits}
    return {pk: free[slot.lane_id, slot.group_id] for pk, slot in slots.items()}


def to_inform(office: Office) -> list[DisplacedBooking]:
    """Return moved bookings of people without an e-mail address not informed yet."""
    rows = DisplacedBooking.objects.filter(
        displacement__office=office,
        displacement__cause=Displacement.Cause.UNSERVED,
        displacement__notified_at__isnull=True,
        booking__account__isnull=True,
        booking__status__in=(Status.BOOKED, Status.DISPLACED),
    ).select_related("displacement", "booking__applicant", "booking__slot", "booking__office")
    return list(rows.order_by("displacement__displaced_at", "pk"))


def closing_of(office: Office, day: date) -> DayClosing | None:
    """Return the record that a day was closed, or None."""
    rows = DayClosing.objects.filter(office=office, day=day).select_related("closed_by")
    return rows.first()


@dataclass(frozen=True)
class DayNumbers:
    """What became of everyone on a day. Every visit is counted exactly once after `visits`."""

    booked: int  # bookings that hold a place of that day
    no_shows: int
    undecided: int  # never came, and the office may not have been able to serve them
    visits: int
    served: int
    incomplete: int
    moved: int  # not served; first place of a later day, or return without a booking
    left: int
    refused: int
    open: int
    evening: int
    overtime_minutes: int


def numbers_of(office: Office, day: date, *, now: datetime) -> DayNumbers:
    """Return the numbers of a day."""
    bookings = Booking.objects.filter(slot__office=office, slot__day=day, place__isnull=False)
    came = Visit.objects.filter(booking=OuterRef("pk")).exclude(status=VisitStatus.UNSERVED)
    counted: dict[str, int] = bookings.aggregate(
        booked=Count("pk"),
        no_shows=Count("pk", filter=~Exists(came) & Q(status=Status.NO_SHOW)),
        undecided=Count("pk", filter=Q(slot__ends_at__lte=now, status=Status.BOOKED)),
    )
    evening = VisitEvent.objects.filter(visit=OuterRef("pk"), kind=VisitEvent.Kind.EVENING)
    visits: dict[str, Any] = Visit.objects.filter(office=office, day=day).aggregate(
        visits=Count("pk"),
        served=Count("pk", filter=Q(status=VisitStatus.FINISHED)),
        incomplete=Count("pk", filter=Q(status=VisitStatus.INCOMPLETE)),
        moved=Count("pk", filter=Q(status=VisitStatus.UNSERVED)),
        left=Count("pk", filter=Q(status=VisitStatus.LEFT)),
        refused=Count("pk", filter=Q(status=VisitStatus.REFUSED)),
        open=Count("pk", filter=Q(status__in=UNFINISHED)),
        evening=Count("pk", filter=Q(Exists(evening))),
    )
    overtime = overtime_minutes(office, day, now=now)
    return DayNumbers(overtime_minutes=overtime, **counted, **visits)


def overtime_minutes(office: Office, day: date, *, now: datetime) -> int:
    """Return the minutes of work after closing time over all counters, up to each last recorded act."""
    closes_at = closing_moment(office, day)
    until = office.at(day + timedelta(days=1), datetime.min.time())
    rows = CounterSession.objects.filter(office=office, opened_at__lt=until).filter(
        Q(closed_at__isnull=True) | Q(closed_at__gt=closes_at)
    )
    busy = Visit.objects.filter(session=OuterRef("pk"), status__in=AT_A_COUNTER)
    total = timedelta()
    sessions: QuerySet[Any] = with_last_act(rows).annotate(is_busy=Exists(busy))
    for session in sessions:
        worked_until = now if session.is_busy else session.last_act
        ends = min(worked_until, session.closed_at or now, until)
        total += max(ends - max(session.opened_at, closes_at), timedelta())
    return total // MINUTE
