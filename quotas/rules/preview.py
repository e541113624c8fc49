"""The effects of a rule change before it is saved: the plan of today's rules and the new one.

A frozen window (open, or opening within 15 minutes) keeps its places whatever the rules say. The
preview therefore counts as `quotas.windows` will: places of frozen windows, and the planned places
of windows that still follow the rules.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from django.db.models import Count, Q

from offices.directory.models import Lane, Office, ServiceGroup
from quotas.capacity.office_days import OfficeDay
from quotas.capacity.selectors import office_days
from quotas.places.models import Place
from quotas.plan.days import LanePlan, plan_day, policy_for, release_for
from quotas.plan.decrees import Decree, PlannedDecree, QuotaDecree, ReleaseDecree
from quotas.plan.rows import OfficeRules
from quotas.plan.windows import FROZEN_BEFORE, WindowKey
from quotas.policies.selectors import later_row, notice_on, rules_of
from quotas.windows.reconciliation import frozen_of

WEEKS = 8
SOON = timedelta(days=28)
ONE_DAY = timedelta(days=1)
CAPACITY_DAYS = 7
TEN_TIMES = 10

Pair = tuple[str, int]  # lane, group


@dataclass(frozen=True)
class PreviewDay:
    """A lane's places on a day before and after. `frozen` of them are in windows that stay as they are.

    `opens_before` and `opens_after` are the openings of the windows that follow the rules; None without any.
    `at_once` places would be open as soon as the rule is saved.
    """

    day: date
    before: int
    after: int
    held: int
    frozen: int = 0
    opens_before: datetime | None = None
    opens_after: datetime | None = None
    at_once: int = 0

    @property
    def is_changed(self) -> bool:
        return self.before != self.after or self.opens_before != self.opens_after

    @property
    def is_frozen(self) -> bool:
        return self.frozen > 0

    @property
    def is_partly_frozen(self) -> bool:
        """True if a part of the day is open and another part still follows the rules."""
        return 0 < self.frozen < max(self.before, self.after)


@dataclass(frozen=True)
class PreviewHour:
    starts_at: datetime
    ends_at: datetime
    before: int
    after: int


@dataclass(frozen=True)
class PreviewOpening:
    """The opening of a span of days, before and after; None where there is none."""

    first_day: date
    last_day: date
    before: datetime | None
    after: datetime | None
    places: int
    has_waiting_room: bool = False
    is_lottery: bool = False
    is_at_once: bool = False


@dataclass(frozen=True)
class Caution:
    """Something that needs a second confirmation. `token` names it with its numbers.

    Codes: opens_at_once (places), short_notice (places, opens_at, hours), ten_times (usual, after,
    day), above_capacity (capacity, needed, day). A form sends the tokens that the officer confirmed.
    """

    code: str
    lane: str
    values: tuple[tuple[str, Any], ...]

    @property
    def token(self) -> str:
        texts = (
            f"{value:%Y%m%d%H%M}" if isinstance(value, date) else str(value)
            for _name, value in self.values
        )
        return ":".join((self.code, self.lane, *texts))


@dataclass(frozen=True)
class LanePreview:
    """The next eight weeks of one lane for one group, before and after."""

    lane: Lane
    group: ServiceGroup
    days: list[PreviewDay]
    sample: date | None
    hours: list[PreviewHour]
    openings: list[PreviewOpening]

    @property
    def before(self) -> int:
        return sum(day.before for day in self.days)

    @property
    def after(self) -> int:
        return sum(day.after for day in self.days)

    @property
    def changed(self) -> int:
        return sum(day.is_changed for day in self.days)

    @property
    def affected(self) -> int:
        """The number of bookings on the days that change; all of them keep their place."""
        return sum(day.held for day in self.days if day.is_changed)

    @property
    def frozen_days(self) -> int:
        return sum(day.is_frozen for day in self.days)

    @property
    def at_once(self) -> int:
        return sum(day.at_once for day in self.days)


@dataclass(frozen=True)
class Preview:
    """What a decree does to one office: every lane and group that it touches.

    `last_day` is the day on which it ends, `ended_by` the instrument of the later decree that ends it.
    """

    office: Office
    lanes: list[LanePreview]
    last_day: date | None = None
    ended_by: str = ""
    cautions: list[Caution] = field(default_factory=list)

    @property
    def before(self) -> int:
        return sum(lane.before for lane in self.lanes)

    @property
    def after(self) -> int:
        return sum(lane.after for lane in self.lanes)

    @property
    def changed(self) -> int:
        """The number of days on which a lane changes."""
        return len({day.day for lane in self.lanes for day in lane.days if day.is_changed})

    @property
    def affected(self) -> int:
        return sum(lane.affected for lane in self.lanes)


D = TypeVar("D", QuotaDecree, ReleaseDecree)


def with_decree(rules: OfficeRules, decree: PlannedDecree) -> OfficeRules:
    """Return the rules with this decree of the office."""
    if isinstance(decree, QuotaDecree):
        return replace(rules, policies=_put(rules.policies, decree))
    return replace(rules, releases=_put(rules.releases, decree))


def _put(rows: tuple[D, ...], new: D) -> tuple[D, ...]:
    """End the office's own row the day before the new one. Rows of later days stay.

    A row that begins on the same day is overwritten, so the new one has its id.
    """
    kept: list[D] = []
    for row in rows:
        is_same = row.values(*row.key) == new.values(*new.key)
        if not is_same or (row.valid_until is not None and row.valid_until < new.valid_from):
            kept.append(row)
        elif row.valid_from > new.valid_from:
            kept.append(row)
            new = replace(new, valid_until=_earlier(new.valid_until, row.valid_from - ONE_DAY))
        elif row.valid_from < new.valid_from:
            kept.append(replace(row, valid_until=new.valid_from - ONE_DAY))
        else:
            new = replace(new, id=row.id)
    kept.append(new)
    return tuple(kept)


def _earlier(one: date | None, other: date) -> date:
    return other if one is None else min(one, other)


def preview(office: Office, *, decree: PlannedDecree, now: datetime) -> Preview:
    """Plan the eight weeks that a decree changes first, with today's rules and with the decree."""
    last_day, ended_by = end_of(decree)
    effects = preview_together(office, decrees=[decree], now=now)
    return replace(effects, last_day=last_day, ended_by=ended_by)


def preview_together(office: Office, *, decrees: Sequence[PlannedDecree], now: datetime) -> Preview:
    """Plan the eight weeks that decrees with one first day change, with today's rules and with all of them.

    The decrees may end on different days, so the preview has no last day.
    """
    today = office.local_day(now)
    start = min(decree.valid_from for decree in decrees)
    first = today if start <= today + SOON else start - timedelta(days=7)
    days = [first + timedelta(days=step) for step in range(7 * WEEKS)]
    old = rules_of(office, first=first, last=days[-1])
    new = old
    for decree in decrees:
        new = with_decree(new, decree)
    plans = _Plans(office, old, new, days, start, now)
    lanes = [_lane(plans, pair) for pair in _all_pairs(plans, decrees)]
    return Preview(office=office, lanes=lanes, cautions=list(_cautions(plans, lanes)))


def end_of(decree: Decree) -> tuple[date | None, str]:
    """Return the last day of a decree, and the instrument of the later decree that ends it, if one does."""
    later = later_row(decree)
    if later is None:
        return decree.valid_until, ""
    until = later.valid_from - ONE_DAY
    if decree.valid_until is not None and decree.valid_until <= until:
        return decree.valid_until, ""
    return until, later.instrument


class _Plans:
    """The rules before and after `start`, the frozen windows, and the counts of places in them."""

    def __init__(
        self,
        office: Office,
        old: OfficeRules,
        new: OfficeRules,
        days: list[date],
        start: date,
        now: datetime,
    ) -> None:
        self.office, self.old, self.new, self.days, self.now = office, old, new, days, now
        self.start = start
        self.windows, self.frozen_keys, self.claims = frozen_of(
            office.pk, days[0], days[-1], now=now
        )
        self.counts = _counts(office, days, now)
        self.lanes = Lane.objects.in_bulk()
        self.groups = ServiceGroup.objects.in_bulk()

    def before_and_after(self, day: date, pair: Pair) -> tuple[list[LanePlan], list[LanePlan]]:
        """Return the parts of a day by the old rules and by the new ones: the same before the first day."""
        before = self.parts(self.old, day, pair)
        return before, before if day < self.start else self.parts(self.new, day, pair)

    def parts(self, rules: OfficeRules, day: date, pair: Pair) -> list[LanePlan]:
        """Return the tranches of a day whose window still follows the rules."""
        owners = self.claims.get((day, *pair), set())
        return [
            part
            for part in plan_day(rules, day, only=pair).lanes
            if (part.lane, part.group) == pair and self._is_made(_key(part), owners)
        ]

    def _is_made(self, key: WindowKey, owners: set[WindowKey]) -> bool:
        if key in self.frozen_keys:
            return False
        return not any(own[0] != key[0] or own[2] == key[2] for own in owners)

    def is_lottery(self, part: LanePlan) -> bool:
        """A window that is prepared keeps the mode that was announced."""
        row = self.windows.get(_key(part))
        return (part.mode if row is None else row.mode) == "draw"


def _key(part: LanePlan) -> WindowKey:
    return part.rule_id, part.window_first_day, part.tranche


@dataclass(frozen=True)
class _Counts:
    """The places of a lane's day: those of frozen windows, the held ones, the held ones elsewhere."""

    frozen: int = 0
    held: int = 0
    held_elsewhere: int = 0


def _counts(
    office: Office, days: list[date], now: datetime
) -> dict[tuple[date, str, int], _Counts]:
    is_soon = Q(window__opens_at__lte=now + FROZEN_BEFORE, window__prepared_at__lte=now)
    is_held = Q(holder__isnull=False)
    rows = (
        Place.objects.offered()
        .filter(slot__office=office, slot__day__range=(days[0], days[-1]))
        .values("slot__day", "slot__lane", "slot__group")
        .annotate(
            frozen=Count("id", filter=is_soon),
            held=Count("id", filter=is_held),
            held_elsewhere=Count("id", filter=is_held & ~is_soon),
        )
    )
    return {
        (row["slot__day"], row["slot__lane"], row["slot__group"]): _Counts(
            row["frozen"], row["held"], row["held_elsewhere"]
        )
        for row in rows
    }


def _pairs(plans: _Plans, decree: PlannedDecree) -> list[Pair]:
    """Return every lane and group whose quota or opening the decree decides on some day."""
    if isinstance(decree, QuotaDecree):
        return [(decree.lane, decree.group)]
    groups = {row.group for row in plans.new.policies if row.lane == decree.lane}
    after = [day for day in plans.days if day >= decree.valid_from]
    return sorted(
        (decree.lane, group)
        for group in groups
        if any(
            policy_for(plans.new, day, decree.lane, group)
            and (rule := release_for(plans.new, day, decree.lane, group)) is not None
            and rule.values(*rule.key) == decree.values(*decree.key)
            and rule.valid_from == decree.valid_from
            for day in after
        )
    )


def _all_pairs(plans: _Plans, decrees: Sequence[PlannedDecree]) -> list[Pair]:
    """Return every lane and group that one of the decrees decides, each once."""
    return list(dict.fromkeys(pair for decree in decrees for pair in _pairs(plans, decree)))


def _lane(plans: _Plans, pair: Pair) -> LanePreview:
    days = [_day(plans, day, pair) for day in plans.days]
    shown = [day for day in days if day.before or day.after]
    sample = next((day.day for day in shown if day.before != day.after), None)
    return LanePreview(
        lane=plans.lanes[pair[0]],
        group=plans.groups[pair[1]],
        days=shown,
        sample=sample,
        hours=[] if sample is None else _hours(plans, sample, pair),
        openings=_openings(plans, days, pair),
    )


def _day(plans: _Plans, day: date, pair: Pair) -> PreviewDay:
    counts = plans.counts.get((day, *pair), _Counts())
    old, new = plans.before_and_after(day, pair)
    before, after = (
        counts.frozen + max(sum(part.places for part in parts), counts.held_elsewhere)
        for parts in (old, new)
    )
    return PreviewDay(
        day,
        before,
        after,
        counts.held,
        frozen=counts.frozen,
        opens_before=min((part.opens_at for part in old), default=None),
        opens_after=min((part.opens_at for part in new), default=None),
        at_once=max(0, _open_now(new, plans.now) - _open_now(old, plans.now)),
    )


def _open_now(parts: list[LanePlan], now: datetime) -> int:
    """Return the places of windows that do not exist yet and would be open as soon as they do."""
    return sum(
        slot.places
        for part in parts
        for slot in part.slots
        if part.opens_at <= now < slot.closes_at
    )


def _hours(plans: _Plans, day: date, pair: Pair) -> list[PreviewHour]:
    counts: dict[tuple[datetime, datetime], list[int]] = defaultdict(lambda: [0, 0])
    for position, parts in enumerate(plans.before_and_after(day, pair)):
        for part in parts:
            for slot in part.slots:
                counts[slot.starts_at, slot.ends_at][position] += slot.places
    return [PreviewHour(*marks, *pair) for marks, pair in sorted(counts.items())]


def _openings(plans: _Plans, days: list[PreviewDay], pair: Pair) -> list[PreviewOpening]:
    """Return the openings that are coming or change: the days that open together, before and after."""
    together: dict[tuple[datetime | None, datetime | None], list[PreviewDay]] = defaultdict(list)
    for day in days:
        marks = day.opens_before, day.opens_after
        is_coming = any(mark is not None and mark > plans.now for mark in marks)
        if is_coming or day.at_once:
            together[marks].append(day)
    rows = []
    for (before, after), mine in sorted(together.items(), key=lambda pair: pair[1][0].day):
        first = next(iter(plans.parts(plans.new, mine[0].day, pair)), None)
        rows.append(
            PreviewOpening(
                mine[0].day,
                mine[-1].day,
                before,
                after,
                sum(day.after - day.frozen for day in mine),
                first is not None and first.has_waiting_room,
                first is not None and plans.is_lottery(first),
                is_at_once=any(day.at_once for day in mine),
            )
        )
    return rows


# --- What needs a second confirmation -----------------------------------------------------------


def _cautions(plans: _Plans, lanes: list[LanePreview]) -> Iterator[Caution]:
    hours = notice_on(plans.office, day=plans.office.local_day(plans.now)).opening_hours
    for lane in lanes:
        name = f"{lane.lane.pk}-{lane.group.pk}"
        if lane.at_once:
            yield Caution("opens_at_once", name, (("places", lane.at_once),))
        yield from _short_notice(plans, lane, name, hours)
        usual = max((day.before for day in lane.days), default=0)
        greatest = max(lane.days, key=lambda day: day.after, default=None)
        if greatest and usual and greatest.after >= TEN_TIMES * usual:
            values = (("usual", usual), ("after", greatest.after), ("day", greatest.day))
            yield Caution("ten_times", name, values)
    yield from _above_capacity(plans, lanes)


def _short_notice(plans: _Plans, lane: LanePreview, name: str, hours: int) -> Iterator[Caution]:
    """An opening that is new or brought forward, later than now but within the least notice."""
    limit = plans.now + timedelta(hours=hours)
    soon = [
        day
        for day in lane.days
        if day.opens_after is not None
        and plans.now < day.opens_after < limit
        and (day.opens_before is None or day.opens_before > day.opens_after)
    ]
    if soon:
        opens_at = min(day.opens_after for day in soon if day.opens_after)
        places = sum(day.after - day.frozen for day in soon)
        values = (("places", places), ("opens_at", opens_at), ("hours", hours))
        yield Caution("short_notice", name, values)


def _above_capacity(plans: _Plans, lanes: list[LanePreview]) -> Iterator[Caution]:
    """The first week in which a lane has more places than before, against what its counters can serve.

    Lanes that share counters count together, and are named once.
    """
    weeks: dict[date, list[OfficeDay]] = {}
    named: set[tuple[tuple[str, Any], ...]] = set()
    for lane in lanes:
        first = min((day.day for day in lane.days if day.after > day.before), default=None)
        if first is None:
            continue
        if first not in weeks:
            last = min(first + ONE_DAY * (CAPACITY_DAYS - 1), plans.days[-1])
            weeks[first] = office_days(plans.office, first=first, last=last, rules=plans.old)
        values = _greatest_excess(weeks[first], lane, lanes)
        if values is not None and values not in named:
            named.add(values)
            yield Caution("above_capacity", f"{lane.lane.pk}-{lane.group.pk}", values)


def _greatest_excess(
    week: list[OfficeDay], lane: LanePreview, lanes: list[LanePreview]
) -> tuple[tuple[str, Any], ...] | None:
    """Return capacity, needed and day of the day that exceeds its capacity most; None if none does."""
    raised = {day.day for day in lane.days if day.after > day.before}
    worst: tuple[int, tuple[tuple[str, Any], ...]] | None = None
    for one in week:
        pool = one.pool_of((lane.lane.pk, lane.group.pk))
        row = next((row for row in one.by_pool if row.pool == pool), None)
        if one.day not in raised or row is None or pool is None:
            continue
        has_counters = any(counter.pool == pool.id for counter in one.resources.counters)
        if not has_counters or not one.resources.shifts:
            continue  # neither counters nor officers are recorded: nothing to compare with
        needed = row.needed + sum(
            day.after - day.before
            for other in lanes
            if (other.lane.pk, other.group.pk) in pool.pairs
            for day in other.days
            if day.day == one.day
        )
        excess = needed - row.capacity
        if excess > 0 and (worst is None or excess > worst[0]):
            worst = excess, (("capacity", row.capacity), ("needed", needed), ("day", one.day))
    return None if worst is None else worst[1]
