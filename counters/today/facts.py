"""What the page of the day is made of, read once, in a number of queries that people do not change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from django.db.models import Count, Q

from booking.bookings.models import Booking
from core.db import shared_read
from counters.capacity.selectors import Rest, rest_of_day
from counters.estimates.selectors import Outlook, outlook_of
from counters.queue.candidates import hall_of_pairs
from counters.queue.selectors import QueueRow, queue
from counters.uncollected.selectors import soon_cancelled
from counters.visits import counting
from counters.visits.models import UNFINISHED, CounterSession, StageRun, Visit
from offices.closures.models import Closure
from offices.directory.models import Counter, Hall, Office
from offices.directory.selectors import OfficeSetup, setup_of
from offices.outages.models import Outage
from offices.outages.selectors import open_outages
from offices.rosters.models import RosterShift
from quotas.capacity.selectors import office_day
from quotas.plan.rows import OfficeRules
from quotas.policies.selectors import rules_of

# Rules change seldom; a prediction changes with every call and takes many queries.
RULES_KEPT, PREDICTION_KEPT = 30, 15
VISIT_FLAGS = {
    "arrived": counting.ARRIVED,
    "direct": counting.DIRECT,
    "waiting": counting.WAITING,
    "being_served": counting.BEING_SERVED,
    "served": counting.SERVED,
}


@dataclass(frozen=True)
class Plan:
    """The day by its rules: hours (None on a closed day), and the planned places of each slot."""

    opens_at: datetime | None
    closes_at: datetime | None
    places: tuple[counting.PlannedPlaces, ...]
    rules: OfficeRules
    holiday: str = ""

    def is_open_at(self, now: datetime) -> bool:
        return bool(self.opens_at and self.closes_at and self.opens_at <= now < self.closes_at)

    def has_closed(self, now: datetime) -> bool:
        return self.closes_at is not None and now >= self.closes_at


@dataclass(frozen=True)
class Prediction:
    """How the rest of the day will probably be."""

    rest: Rest | None
    outlook: Outlook
    queue: Sequence[QueueRow]
    soon_cancelled: int


@shared_read(times=RULES_KEPT)
def plan_of(office: Office, day: date) -> Plan:
    """Return the plan of an office's day, at most half a minute old."""
    rules = rules_of(office, first=day, last=day)
    return Plan(
        *_hours(office, rules, day),
        places=tuple(counting.planned_places(rules, day, counting.online_lanes())),
        rules=rules,
        holiday=rules.holidays[day].name if day in rules.holidays else "",
    )


def _hours(
    office: Office, rules: OfficeRules, day: date
) -> tuple[datetime | None, datetime | None]:
    if not rules.works_on(day):
        return None, None
    spans = next(
        row.spans
        for row in rules.hours
        if row.weekday == day.isoweekday()
        and row.spans
        and row.valid_from <= day
        and (row.valid_until is None or day <= row.valid_until)
    )
    return office.at(day, spans[0][0]), office.at(day, spans[-1][1])


@shared_read(times=PREDICTION_KEPT)
def prediction_of(office: Office, *, now: datetime) -> Prediction:
    """Return the prediction of the rest of the day, at most a quarter of a minute old."""
    day = office.local_day(now)
    return Prediction(
        rest=rest_of_day(office_day(office, day, rules=plan_of(office, day).rules), now=now),
        outlook=outlook_of(office, now=now),
        queue=queue(office, now=now),
        soon_cancelled=len(soon_cancelled(office, now=now)),
    )


@dataclass(frozen=True)
class BookedSlot:
    """The bookings of one lane and group at one hour: how many are booked online, and not here yet."""

    lane: str
    group: int
    starts_at: datetime
    booked: int
    expected: int


class DayFacts:
    """An office's day so far. Everything is read when it is first used, and once."""

    def __init__(self, office: Office, *, now: datetime) -> None:
        self.office, self.now = office, now
        self.day = office.local_day(now)

    @cached_property
    def plan(self) -> Plan:
        return plan_of(self.office, self.day)

    @cached_property
    def prediction(self) -> Prediction:
        return prediction_of(self.office, now=self.now)

    @cached_property
    def visits(self) -> list[Visit]:
        """The visits of today, and unfinished ones of earlier days, by arrival."""
        rows = (
            Visit.objects.counted()
            .filter(
                Q(day=self.day) | Q(status__in=UNFINISHED, day__lt=self.day), office=self.office
            )
            .annotate(**counting.flags(VISIT_FLAGS))
            .select_related("ticket", "lane", "booking__slot", "session__counter__hall")
        )
        visits = list(rows.order_by("arrived_at", "pk"))
        for visit in visits:
            visit.office = self.office
        return visits

    @cached_property
    def today(self) -> list[Visit]:
        return [visit for visit in self.visits if visit.day == self.day]

    @cached_property
    def left_over(self) -> list[Visit]:
        """Open visits of earlier days."""
        return [visit for visit in self.visits if visit.day < self.day]

    @cached_property
    def open_today(self) -> list[Visit]:
        return [visit for visit in self.today if visit.status in UNFINISHED]

    @cached_property
    def slots(self) -> list[BookedSlot]:
        rows = Booking.objects.filter(slot__office=self.office, slot__day=self.day)
        counted = rows.values_list("slot__lane", "slot__group", "slot__starts_at").annotate(
            booked=Count("pk", filter=counting.BOOKED),
            expected=Count("pk", filter=counting.EXPECTED),
        )
        return [BookedSlot(*row) for row in counted]

    @cached_property
    def setup(self) -> OfficeSetup:
        return setup_of(self.office)

    @cached_property
    def counters(self) -> list[Counter]:
        """The counters in use today, and one that nobody has closed since its last day."""
        counters = {row.pk: row for row in self.setup.counters_on(self.day)}
        counters |= {row.counter_id: row.counter for row in self.sessions}
        return sorted(counters.values(), key=lambda row: (row.hall.floor, row.number))

    @cached_property
    def halls(self) -> Sequence[Hall]:
        return self.setup.halls_on(self.day)

    @cached_property
    def pairs(self) -> dict[tuple[str, int], int]:
        return hall_of_pairs(self.halls)

    @cached_property
    def sessions(self) -> list[CounterSession]:
        rows = CounterSession.objects.filter(office=self.office, closed_at__isnull=True)
        return list(rows.select_related("officer", "counter__hall"))

    @cached_property
    def running_stages(self) -> dict[int, str]:
        """The stage that runs in each session."""
        rows = StageRun.objects.filter(visit__office=self.office, ended_at__isnull=True)
        return dict(rows.values_list("session", "stage"))

    @cached_property
    def shifts(self) -> list[RosterShift]:
        """The shifts of today of people who are not absent. Overtime is a shift like any other."""
        rows = RosterShift.objects.filter(office=self.office, day=self.day, absent_at__isnull=True)
        return list(rows.select_related("counter"))

    @cached_property
    def shifts_now(self) -> list[RosterShift]:
        return [row for row in self.shifts if row.starts_at <= self.now < row.ends_at]

    @cached_property
    def outages(self) -> list[Outage]:
        return open_outages(self.office)

    @cached_property
    def closures(self) -> list[Closure]:
        rows = Closure.objects.filter(office=self.office).not_lifted().touching(self.day, self.day)
        return list(rows.select_related("hall", "lane").order_by("first_day", "pk"))

    def hall_of(self, visit: Visit) -> int | None:
        """The hall of a visit's counter, or the one that serves its lane and group."""
        if visit.session is not None:
            return visit.session.counter.hall_id
        return self.pairs.get((visit.lane_id, visit.group_id))

    def hall_of_pair(self, lane: str, group: int) -> int | None:
        return self.pairs.get((lane, group))
