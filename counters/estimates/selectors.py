"""Wait estimates of everybody in an office, read in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from math import sqrt
from statistics import median_low
from typing import Any, Final

from django.db.models import Count, F, QuerySet

from booking.bookings.models import Booking
from booking.statuses import Status
from core.db import shared_read
from counters.estimates.forecast import (
    NEWCOMER,
    Entry,
    Gap,
    Length,
    Server,
    WaitRange,
    expected_chance,
    length_of_mean,
    total_minutes,
    wait_courses,
    wait_range,
)
from counters.estimates.models import EstimateScore, ServiceTime
from counters.queue.candidates import FIELDS, by_hall, ordered_by_hall
from counters.queue.selectors import waiting
from counters.visits.models import AT_A_COUNTER, CounterSession, StageRun, Visit, VisitStatus
from offices.directory.models import Counter, Hall, Office, Stage
from offices.directory.selectors import setup_of
from offices.hours.selectors import opening_hours_on
from offices.outages.selectors import counters_lacking_photo
from offices.promises import VISIT_TIME
from quotas.capacity.selectors import stage_minutes

MINUTE: Final = timedelta(minutes=1)
MEASURED_FROM: Final = 30  # visits; with fewer, the standard applies
# Our own assumptions until an office has measured: the spread of one visit, who comes, and when.
STANDARD_SIGMA: Final = 0.35
LEAST_SIGMA: Final = 0.05
SHARE_THAT_COMES: Final = 0.85
COMES_BEFORE: Final = timedelta(minutes=20)
EXPECTED_WITHIN: Final = timedelta(hours=3)
USUAL_DAYS: Final = timedelta(days=14)
ON_TIME: Final = timedelta(minutes=30)
AFTER_A_BREAK: Final = 15.0  # minutes until a paused counter is expected to go on
# The counters and stages that are tried, and the helps that are shown.
MOST_TRIED, MOST_HELPS = 6, 2
REASON_WITHIN: Final = timedelta(days=7)
Row = dict[str, Any]


@dataclass(frozen=True)
class Waits:
    """The waits of an office. `newcomers`: of a person who joins each hall now, by hall id."""

    visits: Mapping[int, WaitRange] = field(default_factory=dict)
    newcomers: Mapping[int, WaitRange] = field(default_factory=dict)
    counters: Mapping[int, int] = field(default_factory=dict)
    usual: Mapping[int, float] = field(default_factory=dict)
    lengths: Mapping[int, float] = field(default_factory=dict)
    width: float = 1.0


@shared_read(has_text=False)
def shared_forecast(office: Office, *, now: datetime) -> "tuple[Facts, Waits]":
    """Return what an office's forecast needs and the waits, at most a second old.

    Screens, tickets and the boards of all halls and languages share it: nothing may change it.
    """
    facts = read_facts(office, now=now)
    return facts, forecast_of(facts)


def waits_of(office: Office, *, now: datetime) -> Waits:
    """Return the wait of every waiting visit of an office, at most a second old.

    An empty result for a visit means that no counter will call it as things are.
    """
    _facts, waits = shared_forecast(office, now=now)
    return waits


def wait_of(visit: Visit, *, now: datetime) -> WaitRange | None:
    """Return the wait of one visit, or None if no counter will call it as things are."""
    return waits_of(visit.office, now=now).visits.get(visit.pk)


def read_facts(office: Office, *, now: datetime) -> "Facts":
    """Read what the forecast of an office needs."""
    return Facts(office, now)


def _parked(office: Office) -> list["Row"]:
    """Return the parked visits: they return to their counter, and their clocks go on."""
    rows: QuerySet[Any] = Visit.objects.filter(
        office=office, status=VisitStatus.PARKED, session__closed_at__isnull=True
    )
    return list(
        rows.order_by("parked_at", "pk").values(
            "pk",
            "booking_id",
            "booking__service_type_id",
            counter=F("session__counter"),
            clock_start=F("clock_from"),
        )
    )


class Facts:
    """What the forecast of an office needs."""

    def __init__(self, office: Office, now: datetime) -> None:
        self.office, self.now = office, now
        self.extra: frozenset[tuple[int, str]] = frozenset()
        self.day = office.local_day(now)
        setup = setup_of(office)
        self.halls = setup.halls_on(self.day)
        self.counters = sorted(setup.counters_on(self.day), key=lambda counter: counter.pk)
        self.lacking_photo = counters_lacking_photo(office)
        self.rows: list[Row] = list(
            waiting(office, now=now).values(
                *FIELDS,
                "next_counter_id",
                "ticket__letter",
                "booking_id",
                "booking__service_type_id",
                clock_start=F("clock_from"),
            )
        )
        self.sessions = list(CounterSession.objects.filter(office=office, closed_at__isnull=True))
        self.current = {
            visit.session_id: visit
            for visit in Visit.objects.filter(
                office=office, status__in=AT_A_COUNTER, session__closed_at__isnull=True
            ).select_related("booking")
        }
        self.parked = _parked(office)
        self._read_stages()
        self.learned = {
            (row.service_type_id, row.hour, row.counters): row
            for row in ServiceTime.objects.filter(office=office, n__gte=MEASURED_FROM)
        }
        self.opening = opening_hours_on(office, self.day)
        latest = EstimateScore.objects.filter(office=office, day__lt=self.day).order_by("-day")
        self.width: float = latest.values_list("width", flat=True).first() or 1.0

    def _read_stages(self) -> None:
        """Read the finished stages of each booking, and the minutes of each stage of a service."""
        bookings = [row["booking_id"] for row in [*self.rows, *self.parked]]
        bookings += [visit.booking_id for visit in self.current.values()]
        runs = StageRun.objects.filter(
            visit__booking__in=bookings, result=StageRun.Result.DONE
        ).values_list("visit__booking", "stage")
        self.done: dict[Any, set[str]] = defaultdict(set)
        for booking, stage in runs:
            self.done[booking].add(stage)
        self.stages: dict[int, dict[str, float]] = defaultdict(dict)
        for one in stage_minutes(self.office, day=self.day):
            self.stages[one.service.pk][one.stage] = one.used

    @cached_property
    def order(self) -> dict[int, list[Row]]:
        """The waiting visits of each hall in call order."""
        halls = by_hall(self.rows, self.halls)
        hall_of = {row["pk"]: hall for hall, rows in halls.items() for row in rows}
        of_id = {row["pk"]: row for row in self.rows}
        order: dict[int, list[Row]] = {hall: [] for hall in halls}
        for position in ordered_by_hall(halls, office=self.office, now=self.now):
            order[hall_of[position.id]].append(of_id[position.id])
        return order

    @cached_property
    def halls_of_pair(self) -> Mapping[tuple[str, int], set[int]]:
        """The halls that serve each lane and group."""
        of_pair: dict[tuple[str, int], set[int]] = defaultdict(set)
        for hall in self.halls:
            for pair in _pairs(hall):
                of_pair[pair].add(hall.pk)
        return of_pair

    @cached_property
    def expected(self) -> list[Row]:
        """The bookings of the next hours that have not checked in, by slot and service."""
        rows = Booking.objects.filter(
            office=self.office,
            status=Status.BOOKED,
            slot__day=self.day,
            slot__ends_at__gt=self.now,
            slot__starts_at__lt=self.now + EXPECTED_WITHIN,
        )
        counted: Any = (
            rows.values(
                "service_type_id",
                lane_id=F("slot__lane"),
                group_id=F("slot__group"),
                starts_at=F("slot__starts_at"),
                ends_at=F("slot__ends_at"),
            )
            .annotate(n=Count("pk"))
            .order_by("slot__starts_at", "service_type_id")
        )
        return list(counted)

    def minute(self, moment: datetime) -> float:
        """Return a moment in minutes from now."""
        return (moment - self.now) / MINUTE

    @cached_property
    def gaps(self) -> list[Gap]:
        """The time before opening and the breaks, in minutes from now."""
        if self.opening is None:
            return []
        spans = [
            (self.office.at(self.day, start), self.office.at(self.day, end))
            for start, end in self.opening.spans()
        ]
        edges = [self.office.at(self.day, datetime.min.time())]
        edges += [edge for span in spans for edge in span]
        pairs = zip(edges[::2], edges[1::2], strict=False)
        return [(self.minute(start), self.minute(end)) for start, end in pairs if end > self.now]


# --- Counters -------------------------------------------------------------------------------------
def _servers(facts: Facts) -> tuple[list[Server], list[Gap]]:
    """Return the counters that call, and the time in which none does."""
    gaps = facts.gaps
    is_in_gap = any(start <= 0 < end for start, end in gaps)
    paused = [row for row in facts.sessions if row.paused_at is not None]
    calling = [row for row in facts.sessions if row.paused_at is None]
    if is_in_gap and any(row.pk in facts.current for row in calling):
        gaps = [gap for gap in gaps if not gap[0] <= 0 < gap[1]]  # they work all the same
    servers = [_server(facts, row) for row in calling]
    if not calling:
        servers = [
            Server(row.counter_id, from_minute=0.0 if is_in_gap else AFTER_A_BREAK)
            for row in paused
        ]
    if not servers and (is_in_gap or facts.opening is not None):
        start = 0.0 if is_in_gap else AFTER_A_BREAK
        servers = [Server(pk, from_minute=start) for pk in _usual_counters(facts)]
    return servers, gaps


def _server(facts: Facts, session: CounterSession) -> Server:
    visit = facts.current.get(session.pk)
    if visit is None:
        return Server(session.counter_id)
    service = visit.booking.service_type_id
    # Since the call at this counter: what was done elsewhere is not part of it.
    since = visit.called_at or facts.now
    elapsed = max((facts.now - since) / MINUTE, 0.0)
    return Server(session.counter_id, current=_length(facts, service), elapsed=elapsed)


def _usual_counters(facts: Facts) -> list[int]:
    """Return the counters that are expected to open: as many as lately, those used most first."""
    since = facts.now - USUAL_DAYS
    rows = CounterSession.objects.filter(
        office=facts.office, opened_at__gte=since, opened_at__lt=facts.now, is_from_paper=False
    ).values_list("counter_id", "opened_at")
    days: dict[Any, set[int]] = defaultdict(set)
    uses: dict[int, int] = defaultdict(int)
    for counter, opened_at in rows:
        days[facts.office.local_day(opened_at)].add(counter)
        uses[counter] += 1
    if not days:
        return [counter.pk for counter in facts.counters]
    count = median_low(len(counters) for counters in days.values())
    usable = [counter.pk for counter in facts.counters]
    return sorted(usable, key=lambda counter: (-uses[counter], counter))[:count]


# --- Lengths --------------------------------------------------------------------------------------
def _length(facts: Facts, service: int) -> Length:
    """Return how long a visit takes a one-stop counter: learned for the hour and the counters open,
    else for the service, else from the stages (measured, or the standard).
    """
    hour = facts.now.astimezone(facts.office.zone).hour
    counters = sum(row.paused_at is None for row in facts.sessions)
    row = facts.learned.get((service, hour, counters)) or facts.learned.get((service, None, None))
    if row is not None:
        mu = row.log_sum / row.n
        variance = max(row.log_square_sum / row.n - mu**2, LEAST_SIGMA**2)
        return Length(mu, sqrt(variance))
    return length_of_mean(sum(facts.stages[service].values()) or 1.0, STANDARD_SIGMA)


def _length_left(facts: Facts, row: Row, counter: Counter | None) -> Length:
    """Return how long the visit takes its next counter."""
    service = row["booking__service_type_id"]
    stages, done = facts.stages[service], facts.done[row["booking_id"]]
    whole = sum(stages.values())
    if counter is not None and not counter.is_one_stop:
        here = {stage: minutes for stage, minutes in stages.items() if stage in counter.stages}
        return length_of_mean(total_minutes(here, done) or 1.0, STANDARD_SIGMA)
    left = total_minutes(stages, done)
    return _length(facts, service).scaled(left / whole) if whole and left else Length(0.0, 0.5)


# --- The forecast ---------------------------------------------------------------------------------
def forecast_of(
    facts: Facts, *, more: Sequence[int] = (), stages: Sequence[tuple[int, str]] = ()
) -> Waits:
    """Return the waits.

    What would help is tried with `more`, counters that are taken to be open as well, and `stages`,
    pairs of an open counter and a stage that it is taken to do as well.
    """
    servers, gaps = _servers(facts)
    servers += [Server(pk, from_minute=1.0) for pk in more]
    facts.extra = frozenset(stages)
    counters = {counter.pk: counter for counter in facts.counters}
    present = [counters[server.id] for server in servers if server.id in counters]
    entries: list[Entry] = [
        Entry(None, _length_left(facts, row, None), frozenset([row["counter"]]))
        for row in facts.parked
    ]
    ahead: dict[int, int] = {}
    newcomers: dict[int, int] = {}
    for number, (hall, rows) in enumerate(facts.order.items()):
        entries += _hall_entries(facts, rows, present)
        ahead |= {row["pk"]: place for place, row in enumerate(rows)}
        newcomers[hall] = -number - 1
        entries.append(_newcomer(facts, hall, present, pk=newcomers[hall]))
    courses = wait_courses(entries, servers, gaps)
    ranges = {
        visit: wait_range(minutes, ahead=ahead[visit], width=facts.width)
        for visit, minutes in courses.items()
        if visit > NEWCOMER
    }
    people = {hall: len(rows) for hall, rows in facts.order.items()}
    return Waits(
        visits=ranges,
        newcomers={
            hall: wait_range(courses[pk], ahead=people[hall], width=facts.width)
            for hall, pk in newcomers.items()
            if pk in courses
        },
        counters={
            hall.pk: sum(counter.hall_id == hall.pk for counter in present) for hall in facts.halls
        },
        usual=_usual(facts, present),
        lengths={
            row["pk"]: _length_left(facts, row, None).mean for row in [*facts.rows, *facts.parked]
        },
        width=facts.width,
    )


def _hall_entries(facts: Facts, rows: Sequence[Row], present: Sequence[Counter]) -> list[Entry]:
    """Return a hall's waiting visits with those who are expected and will come before them."""
    expected = [row for row in facts.expected if _is_of_hall(facts, row, rows)]
    entries: list[Entry] = []
    for row in rows:
        if row["queue_at"] <= row["booking__slot__starts_at"] or row["kind"] != Visit.Kind.FIRST:
            while expected and _comes_before(expected[0], row):
                entries += _expected_entries(facts, expected.pop(0), present)
        able = _able(facts, row, present)
        only = able[0] if len({counter.is_one_stop for counter in able}) == 1 else None
        servers = frozenset(counter.pk for counter in able)
        entries.append(Entry(row["pk"], _length_left(facts, row, only), servers))
    return entries


def _is_of_hall(facts: Facts, expected: Row, rows: Sequence[Row]) -> bool:
    pairs = {(row["lane_id"], row["group_id"]) for row in rows}
    if (expected["lane_id"], expected["group_id"]) in pairs:
        return True
    mine = [hall for hall in facts.halls if pairs & _pairs(hall)]
    return any((expected["lane_id"], expected["group_id"]) in _pairs(hall) for hall in mine)


def _pairs(hall: Hall) -> set[tuple[str, int]]:
    return {(lane.pk, group.pk) for lane in hall.lanes.all() for group in hall.groups.all()}


def _comes_before(expected: Row, row: Row) -> bool:
    """True if a person who is still expected will be called before this waiting visit."""
    is_booked = row["kind"] == Visit.Kind.FIRST and row["booking__via"] != Booking.Via.DESK
    hour = row["booking__slot__starts_at"]
    if row["kind"] == Visit.Kind.RETURN:
        hour = row["arrived_at"]
    starts_at: datetime = expected["starts_at"]
    return starts_at < hour or (starts_at == hour and not is_booked)


def _expected_entries(facts: Facts, row: Row, present: Sequence[Counter]) -> list[Entry]:
    first = row["starts_at"] - COMES_BEFORE
    last = min(row["starts_at"] + ON_TIME, row["ends_at"])
    span = max((last - first) / MINUTE, 1.0)
    elapsed = min(max((facts.now - first) / MINUTE / span, 0.0), 1.0)
    entry = Entry(
        None,
        _length(facts, row["service_type_id"]),
        frozenset(counter.pk for counter in _of_pair(facts, row, present)),
        arrives=(max(facts.minute(first), 0.0), max(facts.minute(last), 1.0)),
        chance=expected_chance(SHARE_THAT_COMES, elapsed),
    )
    return [entry] * row["n"]


def _newcomer(facts: Facts, hall: int, present: Sequence[Counter], *, pk: int) -> Entry:
    mine = frozenset(counter.pk for counter in present if counter.hall_id == hall)
    services = list(facts.stages)
    return Entry(pk, _length(facts, services[0]) if services else Length(0.0, 0.5), mine)


def _of_pair(facts: Facts, row: Row, present: Sequence[Counter]) -> list[Counter]:
    halls = facts.halls_of_pair[row["lane_id"], row["group_id"]]
    return [counter for counter in present if counter.hall_id in halls]


def _able(facts: Facts, row: Row, present: Sequence[Counter]) -> list[Counter]:
    """Return the counters that can call a visit: its hall, its next stage, the counter it was handed on to."""
    there = [
        counter for counter in _of_pair(facts, row, present) if counter.pk != row["handed_on_by_id"]
    ]
    named = [counter for counter in there if counter.pk == row["next_counter_id"]]
    stages = facts.stages[row["booking__service_type_id"]]
    done = facts.done[row["booking_id"]]
    following = next((stage for stage in stages if stage not in done), None)
    return [
        counter
        for counter in (named or there)
        if (
            counter.is_one_stop
            or following in counter.stages
            or (counter.pk, following) in facts.extra
        )
        and not (following == Stage.PHOTO and counter.pk in facts.lacking_photo)
    ]


def _usual(facts: Facts, present: Sequence[Counter]) -> dict[int, float]:
    """Return the plain figure: the average time times the people ahead, divided by the counters."""
    usual = {}
    for rows in facts.order.values():
        minutes = 0.0
        for row in rows:
            usual[row["pk"]] = minutes / max(len(_of_pair(facts, row, present)), 1)
            minutes += sum(facts.stages[row["booking__service_type_id"]].values())
    return usual


# --- The two-hour promise -------------------------------------------------------------------------
@dataclass(frozen=True)
class Breach:
    """A visit that will probably end after its two hours. `minutes_left` until then."""

    visit: Visit
    minutes_left: int
    minutes_over: int


@dataclass(frozen=True)
class Help:
    """What would help: `open` or `resume` a counter, or let it do one more `stage`."""

    code: str
    counter: Counter
    left: int  # likely breaches that would remain
    stage: str = ""


@dataclass(frozen=True)
class Outlook:
    """The likely breaches of an office, soonest first, and what would help most."""

    breaches: Sequence[Breach] = ()
    help: Sequence[Help] = ()


def outlook_of(office: Office, *, now: datetime) -> Outlook:
    """Return who will probably leave after two hours, long before it happens, and what would help."""
    facts = read_facts(office, now=now)
    over = _over(facts, forecast_of(facts))
    if not over:
        return Outlook()
    visits = Visit.objects.filter(pk__in=over).select_related(
        "ticket", "office", "session__counter"
    )
    rows = [
        Breach(
            visit=visit,
            minutes_left=int((visit.clock_from + VISIT_TIME - now) / MINUTE),
            minutes_over=round(over[visit.pk]),
        )
        for visit in visits
    ]
    rows.sort(key=lambda row: (row.minutes_left, row.visit.pk))
    return Outlook(rows, _helps(facts, len(over)))


def _over(facts: Facts, waits: Waits) -> dict[int, float]:
    """Return by how many minutes each visit is expected to exceed its two hours."""
    over = {}
    for row in facts.rows:
        wait = waits.visits.get(row["pk"])
        # Without a counter that can call it, a visit waits at least until the counters close.
        minutes = VISIT_TIME / MINUTE if wait is None else float(wait.middle)
        spent = (facts.now - row["clock_start"]) / MINUTE
        over[row["pk"]] = spent + minutes + waits.lengths[row["pk"]] - VISIT_TIME / MINUTE
    for row in facts.parked:
        spent = (facts.now - row["clock_start"]) / MINUTE
        over[row["pk"]] = spent + waits.lengths[row["pk"]] - VISIT_TIME / MINUTE
    for visit in facts.current.values():
        length = _length(facts, visit.booking.service_type_id).mean
        elapsed = (facts.now - (visit.called_at or facts.now)) / MINUTE
        spent = (facts.now - visit.clock_from) / MINUTE
        over[visit.pk] = spent + max(length - elapsed, 1.0) - VISIT_TIME / MINUTE
    return {visit: minutes for visit, minutes in over.items() if minutes > 0}


def _helps(facts: Facts, breaches: int) -> list[Help]:
    """Try what a supervisor can do; return what leaves fewer breaches, best first."""
    paused = {row.counter_id for row in facts.sessions if row.paused_at is not None}
    calling = {row.counter_id for row in facts.sessions if row.paused_at is None}
    helps = []
    for counter in [row for row in facts.counters if row.pk not in calling][:MOST_TRIED]:
        left = len(_over(facts, forecast_of(facts, more=[counter.pk])))
        helps.append(Help("resume" if counter.pk in paused else "open", counter, left))
    for counter, stage in _movable(facts, calling)[:MOST_TRIED]:
        left = len(_over(facts, forecast_of(facts, stages=[(counter.pk, stage)])))
        helps.append(Help("stage", counter, left, stage))
    useful = [row for row in helps if row.left < breaches]
    return sorted(useful, key=lambda row: (row.left, row.code, row.counter.number))[:MOST_HELPS]


def _movable(facts: Facts, calling: set[int]) -> list[tuple[Counter, str]]:
    """Return the open counters that do not do the stage for which most people wait, with that stage."""
    waiting_for: dict[str, int] = defaultdict(int)
    for row in facts.rows:
        stages = facts.stages[row["booking__service_type_id"]]
        done = facts.done[row["booking_id"]]
        following = next((stage for stage in stages if stage not in done), None)
        if following is not None:
            waiting_for[following] += 1
    if not waiting_for:
        return []
    stage = max(waiting_for, key=lambda one: (waiting_for[one], one))
    return [
        (counter, stage)
        for counter in facts.counters
        if counter.pk in calling
        and not counter.is_one_stop
        and stage not in counter.stages
        and not (stage == Stage.PHOTO and counter.pk in facts.lacking_photo)
    ]


def late_without_reason(
    office: Office, *, now: datetime, session: CounterSession | None = None
) -> QuerySet[Visit]:
    """Return visits of the last week that ended after two hours and have no reason, latest first."""
    first = office.local_day(now) - REASON_WITHIN
    rows = Visit.objects.filter(
        office=office,
        day__gte=first,
        status__in=(VisitStatus.FINISHED, VisitStatus.INCOMPLETE),
        late_reason__isnull=True,
        ended_at__gt=F("clock_from") + VISIT_TIME,
    )
    if session is not None:
        rows = rows.filter(session=session)
    return rows.select_related("ticket", "office", "session__counter").order_by("-ended_at", "-pk")


def scores_of(office: Office, *, since: Any) -> list[EstimateScore]:
    """Return the office's scores since a day, latest first."""
    return list(EstimateScore.objects.filter(office=office, day__gte=since))
