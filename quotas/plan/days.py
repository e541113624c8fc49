"""The plan of a day by the rules. Pure: no database, so its properties can be tested.

A day has floor(base x percent / 100) places, at most `cap`, spread over its slots by their length,
the remainder to the earliest. The *service day* decides which row applies: an office's row before
its region's before the nation's, a row for the group before one for every group.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol, TypeVar

from quotas.plan.decrees import QuotaDecree, ReleaseDecree
from quotas.plan.openings import DayWindow, windows_of
from quotas.plan.rows import Hours, OfficeRules
from quotas.plan.shares import deal, spread, tranche_sizes
from quotas.plan.spans import Shut, Span, cut, minutes, overlaps, still_served


@dataclass(frozen=True)
class Reason:
    """Why a day or a lane has no places: holiday or closed (with a name), not_working, no_quota, no_release."""

    code: str
    name: str = ""
    name_en: str = ""


NOT_WORKING = Reason("not_working")
NO_QUOTA = Reason("no_quota")
NO_RELEASE = Reason("no_release")


class LimitedToServices:
    """A slot that a closure may limit to some services; without any it is for all."""

    only_services: Any

    def is_for(self, service: int | None) -> bool:
        """True if the slot is for this service; with None, true if it is for every service."""
        return not self.only_services or service in self.only_services


@dataclass(frozen=True)
class SlotPlan(LimitedToServices):
    """A slot and its places, which can be taken until `closes_at`: at the latest when it ends.

    In a closure a slot may be for `only_services`, those that are still served; otherwise it is for
    all.
    """

    starts_at: datetime
    ends_at: datetime
    places: int
    closes_at: datetime
    only_services: tuple[int, ...] = ()


@dataclass(frozen=True)
class LanePlan:
    """The places of a lane for a group that open at one time: a tranche of a day, or all of it."""

    lane: str
    group: int
    slots: tuple[SlotPlan, ...]
    policy_id: int
    rule_id: int
    mode: str
    window_first_day: date
    window_last_day: date
    opens_at: datetime
    closes_at: datetime
    tranche: int = 1
    has_waiting_room: bool = False
    closed: Reason | None = None  # why some of its slots are not for every service

    @property
    def places(self) -> int:
        return sum(slot.places for slot in self.slots)

    def serving(self, service: int | None) -> "LanePlan | None":
        """Return the plan with the slots for a service (None: for every service), or None when there are none."""
        slots = tuple(slot for slot in self.slots if slot.is_for(service))
        if len(slots) == len(self.slots):
            return self
        return replace(self, slots=slots) if slots else None


@dataclass(frozen=True)
class DayPlan:
    """A day's lanes that have places, tranche by tranche, and the reasons of the others."""

    day: date
    reason: Reason | None
    lanes: tuple[LanePlan, ...] = ()
    refusals: tuple[tuple[str, int, Reason], ...] = ()

    def lane(self, lane: str, group: int, service: int | None = None) -> LanePlan | None:
        """Return the whole plan of one lane for one group, or None when it has no places.

        Includes slots that a closure limits to some services only for such a `service`.
        """
        mine = (row for row in self.lanes if (row.lane, row.group) == (lane, group))
        parts = [part for row in mine if (part := row.serving(service)) is not None]
        return _whole(parts) if len(parts) > 1 else next(iter(parts), None)

    def why_none(self, lane: str, group: int) -> Reason:
        """Return why the lane has no places on this day, or only for some services."""
        refused = (why for code, who, why in self.refusals if (code, who) == (lane, group))
        shut = (
            row.closed
            for row in self.lanes
            if row.closed and (row.lane, row.group) == (lane, group)
        )
        return next(refused, None) or next(shut, None) or self.reason or NO_QUOTA


def _whole(parts: Sequence[LanePlan]) -> LanePlan:
    """Join the tranches of a day: the first one opens it."""
    slots: dict[tuple[datetime, datetime, tuple[int, ...]], list[SlotPlan]] = defaultdict(list)
    for slot in (slot for part in parts for slot in part.slots):
        slots[slot.starts_at, slot.ends_at, slot.only_services].append(slot)
    return replace(
        min(parts, key=lambda part: part.opens_at),
        slots=tuple(
            replace(
                rows[0],
                places=sum(row.places for row in rows),
                closes_at=max(row.closes_at for row in rows),
            )
            for _marks, rows in sorted(slots.items())
        ),
        closes_at=max(part.closes_at for part in parts),
    )


def plan_day(rules: OfficeRules, day: date, *, only: tuple[str, int] | None = None) -> DayPlan:
    """Return the places of a day, lane by lane, with their opening; or the reason why it has none.

    `only` limits the plan to one lane and group, if they have a quota.
    """
    day_off = rules.holidays.get(day)
    if day_off is not None:
        return DayPlan(day, Reason("holiday", day_off.name, day_off.name_en))
    hours = next(
        (row for row in _in_force(rules.hours, day) if row.weekday == day.isoweekday()), None
    )
    if hours is None or not hours.spans:
        return DayPlan(day, NOT_WORKING)
    lanes: list[LanePlan] = []
    refusals: list[tuple[str, int, Reason]] = []
    pairs = sorted({(row.lane, row.group) for row in _in_force(rules.policies, day)})
    for lane, group in [only] if only in pairs else pairs:
        planned = _plan_lane(rules, hours, day, lane, group)
        if isinstance(planned, Reason):
            refusals.append((lane, group, planned))
        else:
            lanes += planned
    reason = None if lanes else next((why for _lane, _group, why in refusals), NO_QUOTA)
    return DayPlan(day, reason, tuple(lanes), tuple(refusals))


def _plan_lane(
    rules: OfficeRules, hours: Hours, day: date, lane: str, group: int
) -> list[LanePlan] | Reason:
    shut = [row for row in rules.closures if row.shuts(day, (lane, group))]
    for row in shut:
        if row.from_time is None and not row.open_for(group):
            return Reason("closed", row.reason, row.reason_en)
    policy = policy_for(rules, day, lane, group)
    total = 0 if policy is None else day_total(policy)
    if policy is None or total == 0:
        return NO_QUOTA
    release = release_for(rules, day, lane, group)
    if release is None:
        return NO_RELEASE
    pieces = _pieces(policy, hours)
    if not pieces:
        return NOT_WORKING
    windows = windows_of(release, day, rules.time_zone, rules.works_on)
    sizes = _sizes(release, windows, total)
    counts = spread(total, [end - start for start, end in pieces])
    plans = [
        _lane_plan(lane, group, policy, release, window, _slots(day, pieces, mine, window))
        for window, mine in zip(windows, deal(counts, sizes), strict=True)
        if window is not None and any(mine)
    ]
    return _unless_shut(plans, shut, day) or NO_RELEASE


def _unless_shut(plans: list[LanePlan], shut: Sequence[Shut], day: date) -> list[LanePlan] | Reason:
    """Remove the slots that closures cover, or limit them to the services that are still served.

    The other slots keep their number of places.
    """
    if not shut or not plans:
        return plans
    remaining, reason = [], Reason("closed", shut[0].reason, shut[0].reason_en)
    for plan in plans:
        slots = tuple(_left_of(plan, shut, day))
        if slots:
            closed = reason if slots != plan.slots else None
            remaining.append(replace(plan, slots=slots, closed=closed))
    return remaining or reason


def _left_of(plan: LanePlan, shut: Sequence[Shut], day: date) -> Iterator[SlotPlan]:
    pair = (plan.lane, plan.group)
    for slot in plan.slots:
        served = still_served(shut, day, pair, slot.starts_at.time(), slot.ends_at.time())
        if served is None:
            yield slot
        elif served:
            yield replace(slot, only_services=served)


def _sizes(release: ReleaseDecree, windows: Sequence[DayWindow | None], total: int) -> list[int]:
    """Return the places of each tranche. One that cannot open in time is added to the last that can."""
    sizes = tranche_sizes(total, [percent for percent, _ahead in release.parts])
    able = [position for position, window in enumerate(windows) if window is not None]
    for position, window in enumerate(windows):
        if window is None and able:
            sizes[able[-1]] += sizes[position]
            sizes[position] = 0
    return sizes


def _lane_plan(
    lane: str,
    group: int,
    policy: QuotaDecree,
    release: ReleaseDecree,
    window: DayWindow,
    slots: tuple[SlotPlan, ...],
) -> LanePlan:
    return LanePlan(
        lane=lane,
        group=group,
        slots=slots,
        policy_id=policy.id,
        rule_id=release.id,
        mode=release.mode,
        window_first_day=window.first_day,
        window_last_day=window.last_day,
        opens_at=window.opens_at,
        closes_at=max(slot.closes_at for slot in slots),
        tranche=window.tranche,
        has_waiting_room=release.has_waiting_room,
    )


class _Dated(Protocol):
    @property
    def valid_from(self) -> date: ...
    @property
    def valid_until(self) -> date | None: ...


D = TypeVar("D", bound=_Dated)


def _in_force(rows: Iterable[D], day: date) -> list[D]:
    return [
        row
        for row in rows
        if row.valid_from <= day and (row.valid_until is None or day <= row.valid_until)
    ]


def policy_for(rules: OfficeRules, day: date, lane: str, group: int) -> QuotaDecree | None:
    """Return the quota in force for a lane and a group on a service day."""
    rows = (row for row in _in_force(rules.policies, day) if (row.lane, row.group) == (lane, group))
    return min(rows, key=lambda row: row.scope, default=None)


def release_for(rules: OfficeRules, day: date, lane: str, group: int) -> ReleaseDecree | None:
    """Return the release rule in force for a lane and a group on a service day."""
    rows = (
        row
        for row in _in_force(rules.releases, day)
        if row.lane == lane and row.group in (None, group)
    )
    return min(rows, key=lambda row: (row.scope, row.group is None), default=None)


def day_total(policy: QuotaDecree) -> int:
    """Return floor(base x percent / 100), at most the cap."""
    total = int(policy.base * policy.percent // 100)
    return total if policy.cap is None else min(total, policy.cap)


def _pieces(policy: QuotaDecree, hours: Hours) -> list[Span]:
    """Return the hours of the day that the policy uses, cut into slots."""
    spans = [(minutes(start), minutes(end)) for start, end in hours.spans]
    if policy.hours:
        narrow = [(minutes(start), minutes(end)) for start, end in policy.hours]
        spans = overlaps(spans, narrow)
    return [piece for span in spans for piece in cut(span, policy.slot_minutes)]


def _slots(
    day: date, pieces: Sequence[Span], counts: Sequence[int], window: DayWindow
) -> tuple[SlotPlan, ...]:
    midnight = datetime.combine(day, time(), window.opens_at.tzinfo)
    slots = []
    for (start, end), places in zip(pieces, counts, strict=True):
        starts_at, ends_at = midnight + timedelta(minutes=start), midnight + timedelta(minutes=end)
        closes_at = (
            min(window.closes_at, ends_at) if ends_at > window.opens_at else window.closes_at
        )
        if places:
            slots.append(SlotPlan(starts_at, ends_at, places, closes_at))
    return tuple(slots)
