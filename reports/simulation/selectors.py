"""Reading an office's day for the simulation: rules, roster, people and measured times."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from math import exp, sqrt
from typing import Any, Final

from django.db.models import Count, Max, Q

from booking.bookings.models import Booking
from booking.statuses import WITH_PLACE, Status
from core.db import fetch_rows, shared_read
from counters.estimates.models import ServiceTime
from counters.estimates.selectors import MEASURED_FROM, SHARE_THAT_COMES, STANDARD_SIGMA
from counters.queue.candidates import CALLS
from counters.queue.order import Terms
from counters.visits.counting import lanes_booked_at
from counters.visits.models import CounterSession, Visit, VisitEvent, VisitStatus
from offices.day_rules.models import DayRule
from offices.day_rules.selectors import day_rule_on
from offices.directory.models import Lane, Office
from offices.directory.selectors import setup_of
from offices.hours.models import OpeningHours
from offices.hours.selectors import FULL_ATTENDANCE, opening_hours_on
from quotas.capacity import rates
from quotas.capacity.office_days import OfficeDay, PromisedSlot, StageMinutes
from quotas.capacity.rates import AN_HOUR
from quotas.capacity.selectors import office_day, office_days, stage_minutes
from quotas.plan.spans import Span, minutes
from reports.simulation.days import (
    LONGEST_OVERTIME,
    ONLINE,
    USUAL_LATENESS,
    Arrivals,
    CounterPlace,
    Service,
    SimulationDay,
)

# What the last weeks and nights measured changes once a day.
HISTORY_KEPT: Final = 30
LOOKED_BACK: Final = timedelta(days=56)
ONE_DAY: Final = timedelta(days=1)
QUANTILES: Final = 21
# A longer gap between two visits is not part of the work.
LONGEST_GAP: Final = 5.0
ABSENT: Final = (Status.NO_SHOW,)
CAME_OR_NOT: Final = (Status.SERVED, Status.NO_SHOW, Status.LEFT, Status.CHECKED_IN)

LATENESS: Final = """
SELECT count(*),
       percentile_cont(%(shares)s::float8[]) WITHIN GROUP
         (ORDER BY extract(epoch FROM v.arrived_at - s.starts_at)::float8 / 60)
  FROM counters_visit v
  JOIN booking_booking b ON b.id = v.booking_id AND b.via <> 'desk'
  JOIN quotas_slot s ON s.id = b.slot_id
 WHERE v.office_id = %(office)s AND v.kind = 'first' AND v.status <> 'undone'
   AND v.day BETWEEN %(first)s AND %(last)s AND s.day = v.day
"""


def read_day(
    office: Office, day: date, *, now: datetime, group: int | None = None
) -> SimulationDay | None:
    """Return a day of an office for the simulation, or None if the office is closed on it.

    A day to come: every place of the lanes that are booked is taken, the others have their usual
    people, and the roster works. A day that is over: its bookings, those who came to the desk, and
    its counter sessions. `group`: whose online places are the quota; without it, those of the group
    with most of them.
    """
    if day >= office.local_day(now):
        return read_days(office, day, day, now=now, group=group).get(day)
    planned = office_day(office, day)
    opening = opening_hours_on(office, day) if planned.cuts else None
    if opening is None:
        return None
    reader = _Reader(office, planned, last=day)
    counts = _booked_of(office, day, day)
    arrivals = _arrivals_of_past(planned, counts, reader.desk)
    simulated = reader.day(planned, arrivals, counts, group)
    return _as_worked(simulated, planned, opening)


def read_days(
    office: Office, first: date, last: date, *, now: datetime, group: int | None = None
) -> dict[date, SimulationDay]:
    """Return the open days to come of a span, both ends included, each as `read_day` does."""
    open_days = [row for row in office_days(office, first=first, last=last) if row.cuts]
    return read_open_days(office, open_days, now=now, group=group)


def read_open_days(
    office: Office, open_days: Sequence[OfficeDay], *, now: datetime, group: int | None = None
) -> dict[date, SimulationDay]:
    """Return open days to come, whose capacity is read already, in order, as `read_days` does."""
    if not open_days:
        return {}
    last = min(open_days[0].day, office.local_day(now)) - ONE_DAY
    reader = _Reader(office, open_days[0], last=last)
    people = reader.history.people
    return {
        planned.day: reader.day(
            planned, _arrivals(planned, reader.history, reader.desk), people, group
        )
        for planned in open_days
    }


class _Reader:
    """What is the same on every day of an office: its history, services, lanes and counters."""

    def __init__(self, office: Office, planned: OfficeDay, *, last: date) -> None:
        self.office = office
        self.history = _read_history(office, last - LOOKED_BACK + ONE_DAY, last)
        self.services = _services(office, planned.day)
        self.places = _places(planned)
        self.desk = lanes_booked_at(Lane.BookedAt.DESK)

    def day(
        self,
        planned: OfficeDay,
        arrivals: Sequence[Arrivals],
        people: "People",
        group: int | None,
    ) -> SimulationDay:
        """Return one day with its people; `people` gives their services and the share of absent ones."""
        rule = day_rule_on(self.office, planned.day)
        mix = _mix(self.services, people)
        chosen = group or _largest_group(planned.slots)
        mine = [row for row in planned.slots if (row.lane, row.group) == (ONLINE, chosen)]
        return SimulationDay(
            resources=planned.resources,
            arrivals=tuple(row for row in arrivals if row.group in mix),
            services={service.pk: row for service, row in self.services.items()},
            mix=mix,
            places=self.places,
            terms=Terms(rule.priority_after, rule.calls_before_again),
            closes=planned.closes,
            group=chosen,
            quota=sum(row.places for row in mine),
            absent=people.absent,
            lateness=self.history.lateness,
            early_minutes=float(rule.early_minutes),
            late_minutes=float(rule.late_minutes),
            is_late_rebooked=rule.after_grace == DayRule.AfterGrace.REBOOK,
            unanswered=self.history.unanswered,
            most_calls=rule.most_calls,
            incomplete=self.history.incomplete,
        )


# --- History --------------------------------------------------------------------------------------
@dataclass(frozen=True)
class People:
    """The people of a span of days: bookings by lane and group, by slot, by service; and shares.

    `desk`: those without a booking by lane, group and the local hour of their slot.
    """

    booked: Mapping[tuple[str, int, int], int]
    desk: Mapping[tuple[str, int, int], int]
    services: Mapping[int, int]
    absent: float


@dataclass(frozen=True)
class History:
    """The figures of an office's recent days."""

    people: People
    days: int
    lateness: tuple[float, ...]
    unanswered: float
    incomplete: float


@shared_read(times=HISTORY_KEPT, has_text=False)
def _read_history(office: Office, first: date, last: date) -> History:
    visits = Visit.objects.filter(office=office, day__range=(first, last)).counted()
    counted = visits.aggregate(
        days=Count("day", distinct=True),
        finished=Count("pk", filter=Q(status=VisitStatus.FINISHED)),
        incomplete=Count("pk", filter=Q(status=VisitStatus.INCOMPLETE)),
    )
    events = VisitEvent.objects.filter(visit__office=office, visit__day__range=(first, last))
    called = events.aggregate(
        calls=Count("pk", filter=Q(kind__in=CALLS)),
        unanswered=Count("pk", filter=Q(kind__in=("skipped", "did_not_answer"))),
    )
    ended = counted["finished"] + counted["incomplete"]
    return History(
        people=_booked_of(office, first, last),
        days=counted["days"],
        lateness=_lateness(office, first, last),
        unanswered=_share(called["unanswered"], called["calls"], 0.0),
        incomplete=_share(counted["incomplete"], ended, 0.0),
    )


def _share(part: int, whole: int, standard: float) -> float:
    return part / whole if whole >= MEASURED_FROM else standard


def _booked_of(office: Office, first: date, last: date) -> People:
    rows = Booking.objects.filter(
        office=office, slot__day__range=(first, last), status__in=WITH_PLACE
    ).exclude(status=Status.HELD)
    columns = ("via", "status", "slot__lane", "slot__group", "slot__starts_at", "service_type")
    booked: dict[tuple[str, int, int], int] = defaultdict(int)
    desk: dict[tuple[str, int, int], int] = defaultdict(int)
    services: dict[int, int] = defaultdict(int)
    final = absent = 0
    for via, status, lane, group, starts_at, service, n in (
        rows.values_list(*columns).annotate(n=Count("pk")).order_by()
    ):
        local = starts_at.astimezone(office.zone)
        key = (lane, group, local.hour * 60 + local.minute)
        (desk if via == Booking.Via.DESK else booked)[key] += n
        services[service] += n
        if via != Booking.Via.DESK and status in CAME_OR_NOT:
            final += n
            absent += n if status in ABSENT else 0
    return People(booked, desk, services, _share(absent, final, 1 - SHARE_THAT_COMES))


def _lateness(office: Office, first: date, last: date) -> tuple[float, ...]:
    shares = [step / (QUANTILES - 1) for step in range(QUANTILES)]
    [(count, values)] = fetch_rows(
        LATENESS, office=office.pk, first=first, last=last, shares=shares
    )
    return tuple(values) if count >= MEASURED_FROM else USUAL_LATENESS


# --- Times and counters ---------------------------------------------------------------------------
@shared_read(times=HISTORY_KEPT, has_text=False)
def _services(office: Office, day: date) -> dict[Any, Service]:
    """Return how long each service takes: learned at counters, else from the stages."""
    learned = {
        row.service_type_id: row
        for row in ServiceTime.objects.filter(
            office=office, hour__isnull=True, counters__isnull=True, n__gte=MEASURED_FROM
        )
    }
    stages: dict[Any, list[StageMinutes]] = defaultdict(list)
    for row in stage_minutes(office, day=day):
        stages[row.service].append(row)
    return {service: _service(rows, learned.get(service.pk)) for service, rows in stages.items()}


def _service(stages: Sequence[StageMinutes], learned: ServiceTime | None) -> Service:
    whole = sum(row.used for row in stages)
    shares = tuple((row.stage, row.used / whole) for row in stages)
    if learned is None:
        return Service(shares, whole, STANDARD_SIGMA)
    mu = learned.log_sum / learned.n
    sigma = sqrt(max(learned.log_square_sum / learned.n - mu**2, 0.0))
    mean = exp(mu + sigma**2 / 2)
    return Service(shares, mean, sigma, gap=min(max(mean - whole, 0.0), LONGEST_GAP))


def _places(planned: OfficeDay) -> dict[int, CounterPlace]:
    """Return whom each counter serves: the lanes and groups of its hall."""
    places = {
        hall.pk: CounterPlace(
            hall.pk,
            frozenset(
                (lane.pk, group.pk) for lane in hall.lanes.all() for group in hall.groups.all()
            ),
        )
        for pool in planned.pools
        for hall in pool.halls
    }
    counters = setup_of(planned.office).counters_on(planned.day)
    return {counter.pk: places[counter.hall_id] for counter in counters}


def _as_worked(day: SimulationDay, planned: OfficeDay, opening: OpeningHours) -> SimulationDay:
    """Return a day that is over with the counters that were open, and the overtime that was worked.

    Breaks count unless somebody was called in them.
    """
    office = planned.office
    begins = office.at(planned.day, time())
    sessions = CounterSession.objects.filter(
        office=office, opened_at__range=(begins, begins + ONE_DAY), is_from_paper=False
    ).values_list("counter", "opened_at", "closed_at")
    shifts = tuple(
        rates.Shift((planned.minute(opened), planned.minute(closed or begins + ONE_DAY)), counter)
        for counter, opened, closed in sessions
    )
    if not shifts:
        return day
    visits = Visit.objects.filter(office=office, day=planned.day).counted()
    called = [
        planned.minute(moment)
        for moment in visits.values_list("first_called_at", flat=True)
        if moment is not None
    ]
    last = visits.filter(status=VisitStatus.FINISHED).aggregate(last=Max("ended_at"))["last"]
    whole = (minutes(opening.opens), day.closes)
    spans = tuple((minutes(start), minutes(end)) for start, end in opening.spans())
    is_in_break = any(
        whole[0] <= minute < whole[1] and not any(start <= minute < end for start, end in spans)
        for minute in called
    )
    resources = replace(
        day.resources,
        shifts=shifts,
        spans=(whole,) if is_in_break else spans,
        percent=FULL_ATTENDANCE,
    )
    overtime = 0.0 if last is None else max(planned.minute(last) - day.closes, 0.0)
    return replace(day, resources=resources, overtime=min(float(overtime), LONGEST_OVERTIME))


def _mix(
    services: Mapping[Any, Service], people: People
) -> dict[int, tuple[tuple[int, float], ...]]:
    """Return the services of each group with their cumulated shares: as lately, else equal."""
    groups: dict[int, dict[int, int]] = defaultdict(dict)
    for service in services:
        groups[service.group_id][service.pk] = people.services.get(service.pk, 0)
    mix = {}
    for group, measured in groups.items():
        counts = measured if any(measured.values()) else dict.fromkeys(measured, 1)
        whole = sum(counts.values())
        until = [n / whole for n in accumulate(counts.values())]
        until[-1] = 1.0
        mix[group] = tuple(zip(counts, until, strict=True))
    return mix


# --- Who comes ------------------------------------------------------------------------------------
def _largest_group(slots: Iterable[PromisedSlot]) -> int:
    places: dict[int, int] = defaultdict(int)
    for row in slots:
        places[row.group] += row.places if row.lane == ONLINE else 0
    return max(places, key=lambda group: (places[group], -group), default=0)


def _arrivals(planned: OfficeDay, facts: History, desk_lanes: frozenset[str]) -> list[Arrivals]:
    """Return the people of a day to come."""
    rows = [
        Arrivals(row.lane, row.group, row.span, row.places)
        for row in planned.slots
        if row.lane not in desk_lanes
    ]
    if not facts.days:
        return rows + [
            Arrivals(row.lane, row.group, row.span, row.places, is_booked=False)
            for row in planned.slots
            if row.lane in desk_lanes
        ]
    return rows + [
        Arrivals(lane, group, span, n / facts.days, is_booked=False)
        for (lane, group, start), n in sorted(facts.people.desk.items())
        if (span := _span_from(planned, start)) is not None
    ]


def _span_from(planned: OfficeDay, start: int) -> Span | None:
    """Return the part of an hour in which the office is open, or None."""
    span = next((cut for cut in planned.cuts if cut[0] <= start < cut[1]), None)
    return None if span is None else (start, span[1])


def _arrivals_of_past(
    planned: OfficeDay, people: People, desk_lanes: frozenset[str]
) -> list[Arrivals]:
    """Return the people of a day that is over: its bookings and those who came to the desk."""
    spans = {
        (row.lane, row.group, row.span[0]): row.span
        for row in planned.slots
        if row.lane not in desk_lanes
    }
    spans |= {key: (key[2], key[2] + AN_HOUR) for key in people.booked if key not in spans}
    rows = [
        Arrivals(lane, group, span, people.booked.get((lane, group, start), 0))
        for (lane, group, start), span in sorted(spans.items())
    ]
    return rows + [
        Arrivals(lane, group, (start, start + AN_HOUR), n, is_booked=False)
        for (lane, group, start), n in sorted(people.desk.items())
    ]
