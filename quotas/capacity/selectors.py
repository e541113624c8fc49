"""The capacity of an office's counters on its days, and the places that are promised there."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Count, Q

from core.db import shared_read
from offices.directory.models import Counter, Device, Hall, Office, Stage, StageTime
from offices.directory.selectors import setup_of
from offices.hours.models import Attendance
from offices.hours.selectors import FULL_ATTENDANCE
from offices.ordered import applies_to, nearest
from offices.outages.models import Outage
from offices.rosters.models import RosterShift
from offices.staff.models import Role, StaffRole
from quotas.capacity import rates
from quotas.capacity.flow import pools_of
from quotas.capacity.office_days import OfficeDay, Pair, Pool, PromisedSlot, StageMinutes
from quotas.capacity.rates import AN_HOUR
from quotas.places.models import Slot
from quotas.plan.days import DayPlan, Reason, plan_day
from quotas.plan.rows import Hours, OfficeRules
from quotas.plan.shares import spread
from quotas.plan.spans import Span, cut, minutes
from quotas.policies.selectors import rules_of

MEASURED_FROM: Final = 30  # visits; with fewer, the standard applies
MEASURED_WITHIN: Final = timedelta(days=180)
A_DAY: Final = 24 * AN_HOUR
ONE_DAY: Final = timedelta(days=1)
# The stage that a device is for. Printers have none: passports are printed after the visit.
STAGE_OF: Final = {
    Device.Kind.CAMERA: Stage.PHOTO,
    Device.Kind.FINGERPRINT: Stage.PHOTO,
    Device.Kind.SCANNER: Stage.DOCUMENTS,
}


def office_day(office: Office, day: date, *, rules: OfficeRules | None = None) -> OfficeDay:
    """Return the capacity of one day; `rules` if they are read already."""
    return office_days(office, first=day, last=day, rules=rules)[0]


def office_days(
    office: Office,
    *,
    first: date,
    last: date,
    rules: OfficeRules | None = None,
) -> list[OfficeDay]:
    """Return the capacity of each day of a span, both ends included.

    `rules`: those of the span, if they are read already.
    """
    facts = _Facts(office, first, last, rules or rules_of(office, first=first, last=last))
    count = (last - first).days + 1
    return [_day(facts, first + ONE_DAY * step) for step in range(count)]


@shared_read(times=10, has_text=False)
def stage_minutes(office: Office, *, day: date) -> list[StageMinutes]:
    """Return the duration of each stage of each service at an office, standard and measured.

    At most ten seconds old: the times are measured each night.
    """
    since = office.at(day, datetime.min.time()) - MEASURED_WITHIN
    known = {
        (row.service_type_id, row.stage): row
        for row in StageTime.objects.filter(
            office=office, n__gte=MEASURED_FROM, measured_until__gte=since
        )
    }
    return [
        StageMinutes(service, row.stage, row.minutes, known.get((service.pk, row.stage)))
        for service in setup_of(office).services
        for row in sorted(service.stages.all(), key=lambda one: one.position)
    ]


class _Facts:
    """The rows about an office and a span of days, read in a dozen queries."""

    def __init__(self, office: Office, first: date, last: date, rules: OfficeRules) -> None:
        self.office, self.first, self.last = office, first, last
        self.rules = rules
        self.setup = setup_of(office)
        begins = office.at(first, datetime.min.time())
        ends = office.at(last, datetime.min.time()) + ONE_DAY
        span = Q(ended_at__isnull=True) | Q(ended_at__gt=begins)
        self.outages = list(Outage.objects.filter(span, office=office, started_at__lt=ends))
        days = {"day__gte": first, "day__lte": last}
        self.shifts = list(RosterShift.objects.filter(office=office, **days))
        roles = StaffRole.objects.filter(office=office, role=Role.COUNTER, user__is_active=True)
        self.staff = list(roles.order_by("user_id"))
        self.attendance = list(Attendance.objects.filter(applies_to(office)))
        self.times = stage_minutes(office, day=first)
        offered = Count("places", filter=Q(places__withdrawn_at__isnull=True))
        slots = Slot.objects.filter(office=office, **days).annotate(offered=offered)
        self.slots = list(slots.order_by("starts_at", "pk"))
        self._pools: dict[tuple[Hall, ...], tuple[Pool, ...]] = {}

    def pools_on(self, day: date) -> tuple[Pool, ...]:
        """Return the pools of the halls in use on a day."""
        halls = self.setup.halls_on(day)
        if halls not in self._pools:
            self._pools[halls] = _pools(halls)
        return self._pools[halls]


def _pools(halls: Sequence[Hall]) -> tuple[Pool, ...]:
    serves: dict[int, list[Pair]] = {
        hall.pk: [(lane.pk, group.pk) for lane in hall.lanes.all() for group in hall.groups.all()]
        for hall in halls
    }
    of_hall = pools_of(serves)
    pools = []
    for pool in dict.fromkeys(of_hall[hall.pk] for hall in halls):
        mine = tuple(hall for hall in halls if of_hall[hall.pk] == pool)
        pairs = frozenset(pair for hall in mine for pair in serves[hall.pk])
        pools.append(Pool(pool, mine, pairs))
    return tuple(pools)


def _day(facts: _Facts, day: date) -> OfficeDay:
    plan = plan_day(facts.rules, day)
    opening = _hours_on(facts.rules, day)
    if opening is None:
        return OfficeDay(facts.office, day, plan.reason or Reason("not_working"))
    spans = tuple((minutes(start), minutes(end)) for start, end in opening.spans)
    closing = spans[-1][1]
    shifts = [row for row in facts.shifts if row.day == day]
    present, is_assumed = _present(facts, day, shifts, (spans[0][0], closing))
    evening = _merged((closing, one.span[1]) for one in present if one.span[1] > closing)
    slots = [row for row in facts.slots if row.day == day]
    cuts = tuple(piece for span in spans for piece in cut(span, AN_HOUR)) + _evening_cuts(
        facts.office, slots, closing, evening
    )
    promised = _promised(facts.office, plan, slots)
    pools = facts.pools_on(day)
    needed = _needed(pools, promised, cuts)
    counters = facts.setup.counters_on(day)
    attendance = nearest(facts.attendance, facts.office, day)
    percent = FULL_ATTENDANCE if attendance is None else attendance.percent
    resources = rates.DayResources(
        minutes={pool.id: _minutes(facts, pool) for pool in pools},
        spans=spans + evening,
        counters=_counters(counters, pools),
        devices=_devices(facts.setup.devices, counters),
        shifts=present,
        outages=_outages(facts, day),
        percent=percent,
        weights={pool: sum(row) for pool, row in needed.items()},
    )
    return OfficeDay(
        facts.office,
        day,
        None,
        pools,
        cuts,
        needed,
        promised,
        resources,
        percent,
        is_assumed,
        closing,
    )


def _hours_on(rules: OfficeRules, day: date) -> Hours | None:
    if not rules.works_on(day):
        return None
    rows = (
        row
        for row in rules.hours
        if row.weekday == day.isoweekday()
        and row.valid_from <= day
        and (row.valid_until is None or day <= row.valid_until)
    )
    return next(rows, None)


def _span(office: Office, day: date, start: datetime, end: datetime | None) -> Span:
    """Return a span of times as minutes of a day, limited to that day."""
    midnight = datetime.combine(day, datetime.min.time(), office.zone)
    first = int((start - midnight).total_seconds() // 60)
    last = A_DAY if end is None else int((end - midnight).total_seconds() // 60)
    return max(0, first), min(A_DAY, last)


def _present(
    facts: _Facts, day: date, shifts: Sequence[RosterShift], opening: Span
) -> tuple[tuple[rates.Shift, ...], bool]:
    """Return the shifts of a day; without a roster, one of the whole day for every counter officer."""
    rostered = [
        rates.Shift(_span(facts.office, day, row.starts_at, row.ends_at), row.counter_id)
        for row in shifts
        if row.absent_at is None
    ]
    if any(not row.overtime_reason for row in shifts):
        return tuple(rostered), False
    staff = {
        row.user_id
        for row in facts.staff
        if row.valid_from <= day and (row.valid_until is None or day <= row.valid_until)
    }
    return (*rostered, *(rates.Shift(opening) for _officer in sorted(staff))), True


def _outages(facts: _Facts, day: date) -> tuple[rates.Outage, ...]:
    """Return the outages of a day; one that has not ended lasts until midnight."""
    rows = [(row, _span(facts.office, day, row.started_at, row.ended_at)) for row in facts.outages]
    return tuple(
        rates.Outage(span, counter=row.counter_id, device=row.device_id)
        for row, span in rows
        if span[0] < span[1]
    )


def _counters(counters: Sequence[Counter], pools: Sequence[Pool]) -> tuple[rates.Counter, ...]:
    pool_of_hall = {hall.pk: pool.id for pool in pools for hall in pool.halls}
    return tuple(
        rates.Counter(row.pk, pool_of_hall[row.hall_id], frozenset(row.stages), row.is_one_stop)
        for row in counters
    )


def _devices(devices: Sequence[Device], counters: Sequence[Counter]) -> tuple[rates.Device, ...]:
    """Return the shared devices and those of these counters that a stage needs."""
    places = {None, *(counter.pk for counter in counters)}
    return tuple(
        rates.Device(
            row.pk,
            row.kind,
            str(STAGE_OF[Device.Kind(row.kind)]),
            row.counter_id,
            row.minutes_a_visit,
        )
        for row in devices
        if row.kind in STAGE_OF and row.counter_id in places
    )


def _minutes(facts: _Facts, pool: Pool) -> dict[str, float]:
    """Return the minutes of each stage of an average visit of a pool, weighted by measured visits."""
    groups = {group for _lane, group in pool.pairs}
    times = [row for row in facts.times if row.service.group_id in groups]
    weights: dict[int, int] = {}
    for row in times:
        weights[row.service.pk] = max(weights.get(row.service.pk, 0), row.n)
    if not any(weights.values()):
        weights = dict.fromkeys(weights, 1)
    totals: dict[str, float] = defaultdict(float)
    for row in times:
        share = weights[row.service.pk] / sum(weights.values())
        if share:
            totals[row.stage] += row.used * share
    return dict(totals)


def _merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    rows = list(spans)
    return ((rows[0][0], max(end for _start, end in rows)),) if rows else ()


def _evening_cuts(
    office: Office, slots: Sequence[Slot], closing: int, evening: Sequence[Span]
) -> tuple[Span, ...]:
    """Return the slots after closing time that have places or officers."""
    ends = [end for _start, end in evening]
    ends += [
        _span(office, row.day, row.starts_at, row.ends_at)[1]
        for row in slots
        if row.offered and _span(office, row.day, row.starts_at, row.ends_at)[0] >= closing  # type: ignore[attr-defined]
    ]
    return tuple(cut((closing, max(ends)), AN_HOUR)) if ends else ()


def _promised(office: Office, plan: DayPlan, slots: Sequence[Slot]) -> tuple[PromisedSlot, ...]:
    """Return the places of each lane by slot: the existing rows, or else the planned ones."""
    existing = {(row.lane_id, row.group_id) for row in slots}
    rows: list[tuple[Pair, datetime, datetime, int]] = [
        ((row.lane_id, row.group_id), row.starts_at, row.ends_at, row.offered)  # type: ignore[attr-defined]
        for row in slots
    ]
    rows += [
        ((lane.lane, lane.group), slot.starts_at, slot.ends_at, slot.places)
        for lane in plan.lanes
        if (lane.lane, lane.group) not in existing
        for slot in lane.slots
    ]
    return tuple(
        PromisedSlot(*pair, _span(office, plan.day, starts_at, ends_at), places)
        for pair, starts_at, ends_at, places in rows
        if places
    )


def _needed(
    pools: Sequence[Pool], promised: Sequence[PromisedSlot], cuts: Sequence[Span]
) -> dict[int, list[int]]:
    """Return the places of each pool by hour."""
    needed = {pool.id: [0] * len(cuts) for pool in pools}
    of_pair = {pair: pool.id for pool in pools for pair in pool.pairs}
    for row in promised:
        pool = of_pair.get((row.lane, row.group))
        if pool is not None:
            for position, count in spread_over(row.span, row.places, cuts).items():
                needed[pool][position] += count
    return needed


def spread_over(span: Span, places: int, cuts: Sequence[Span]) -> dict[int, int]:
    """Spread the places of a span over the slots it overlaps, by minutes."""
    starts, ends = span
    touched = {
        position: length
        for position, (start, end) in enumerate(cuts)
        if (length := min(end, ends) - max(start, starts)) > 0
    }
    if not touched:
        return {}
    return dict(zip(touched, spread(places, list(touched.values())), strict=True))
