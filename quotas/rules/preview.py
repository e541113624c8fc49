"""The effects of a rule change before it is saved: today's plan and the new one."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TypeVar

from django.db.models import Count, Q

from offices.directory.models import Office
from quotas.places.models import Place
from quotas.plan.days import plan_day
from quotas.plan.decrees import PlannedDecree, QuotaDecree, ReleaseDecree
from quotas.plan.rows import OfficeRules
from quotas.plan.windows import FROZEN_BEFORE
from quotas.policies.selectors import rules_of

WEEKS = 8
SOON = timedelta(days=28)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class PreviewDay:
    """A day's places before and after. A day whose window is open keeps its places."""

    day: date
    before: int
    after: int
    held: int
    is_open: bool


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


@dataclass(frozen=True)
class Preview:
    """The next eight weeks of one lane for one group, before and after."""

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
        return sum(day.before != day.after for day in self.days)

    @property
    def affected(self) -> int:
        """The number of bookings on the days that change; all of them keep their place."""
        return sum(day.held for day in self.days if day.before != day.after)

    @property
    def open_days(self) -> int:
        return sum(day.is_open for day in self.days)


D = TypeVar("D", QuotaDecree, ReleaseDecree)


def with_decree(rules: OfficeRules, decree: PlannedDecree) -> OfficeRules:
    """Return the rules with this decree of the office."""
    if isinstance(decree, QuotaDecree):
        return replace(rules, policies=_put(rules.policies, decree))
    return replace(rules, releases=_put(rules.releases, decree))


def _put(rows: tuple[D, ...], new: D) -> tuple[D, ...]:
    """End the office's own row the day before the new one. Rows of later days stay."""
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
    kept.append(new)
    return tuple(kept)


def _earlier(one: date | None, other: date) -> date:
    return other if one is None else min(one, other)


def preview(office: Office, *, decree: PlannedDecree, group: int, now: datetime) -> Preview:
    """Plan the next eight weeks of one group with today's rules and with the decree."""
    today = office.local_day(now)
    start = decree.valid_from
    first = today if start <= today + SOON else start - timedelta(days=7)
    days = [first + timedelta(days=step) for step in range(7 * WEEKS)]
    old = rules_of(office, first=first, last=days[-1])
    new = with_decree(old, decree)
    key = (decree.lane, group)
    rows = _rows(office, key, days, now)
    previews = [_day(old, new, day, key, rows.get(day)) for day in days]
    previews = [day for day in previews if day.before or day.after]
    sample = next((day.day for day in previews if day.before != day.after), None)
    return Preview(
        days=previews,
        sample=sample,
        hours=[] if sample is None else _hours(old, new, sample, key),
        openings=_openings(old, new, days, key, now),
    )


@dataclass(frozen=True)
class _Rows:
    """The counts of the places of a day: those of frozen windows, and the held ones."""

    frozen: int
    held: int


def _rows(
    office: Office, key: tuple[str, int], days: list[date], now: datetime
) -> dict[date, _Rows]:
    is_frozen = Q(window__opens_at__lte=now + FROZEN_BEFORE)
    rows = (
        Place.objects.offered()
        .filter(slot__office=office, slot__lane=key[0], slot__group=key[1])
        .filter(slot__day__range=(days[0], days[-1]))
        .values("slot__day")
        .annotate(
            frozen=Count("id", filter=is_frozen), held=Count("id", filter=Q(holder__isnull=False))
        )
    )
    return {row["slot__day"]: _Rows(row["frozen"], row["held"]) for row in rows}


def _day(
    old: OfficeRules, new: OfficeRules, day: date, key: tuple[str, int], rows: _Rows | None
) -> PreviewDay:
    if rows is not None and rows.frozen:
        return PreviewDay(day, rows.frozen, rows.frozen, rows.held, is_open=True)
    before, after = (_places(rules, day, key) for rules in (old, new))
    return PreviewDay(day, before, after, rows.held if rows else 0, is_open=False)


def _places(rules: OfficeRules, day: date, key: tuple[str, int]) -> int:
    lane = plan_day(rules, day).lane(*key)
    return 0 if lane is None else lane.places


def _hours(
    old: OfficeRules, new: OfficeRules, day: date, key: tuple[str, int]
) -> list[PreviewHour]:
    counts: dict[tuple[datetime, datetime], list[int]] = defaultdict(lambda: [0, 0])
    for position, rules in enumerate((old, new)):
        lane = plan_day(rules, day).lane(*key)
        for slot in () if lane is None else lane.slots:
            counts[slot.starts_at, slot.ends_at][position] = slot.places
    return [PreviewHour(*marks, *pair) for marks, pair in sorted(counts.items())]


def _openings(
    old: OfficeRules, new: OfficeRules, days: list[date], key: tuple[str, int], now: datetime
) -> list[PreviewOpening]:
    """Return the coming openings: the days that open together under the new rules, before and after."""
    by_moments: dict[tuple[datetime | None, datetime | None], list[tuple[date, int]]] = defaultdict(
        list
    )
    rooms: dict[date, bool] = {}
    for day in days:
        lanes = [plan_day(rules, day).lane(*key) for rules in (old, new)]
        before, after = (None if lane is None else lane.opens_at for lane in lanes)
        if max((moment for moment in (before, after) if moment), default=now) > now:
            by_moments[before, after].append((day, lanes[1].places if lanes[1] else 0))
            rooms[day] = lanes[1] is not None and lanes[1].has_waiting_room
    return [
        PreviewOpening(
            rows[0][0],
            rows[-1][0],
            before,
            after,
            sum(places for _day, places in rows),
            rooms[rows[0][0]],
        )
        for (before, after), rows in sorted(by_moments.items(), key=lambda pair: pair[1][0][0])
    ]
