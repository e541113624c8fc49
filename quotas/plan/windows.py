"""The windows to prepare: the days that one rule opens at one time."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from quotas.plan.days import LanePlan, plan_day
from quotas.plan.decrees import ReleaseDecree
from quotas.plan.rows import OfficeRules

AHEAD = timedelta(days=28)
OPENINGS_AHEAD = 3
FROZEN_BEFORE = timedelta(minutes=15)
# Days in the unit of a kind of rule, and the longest gap from one opening to the next.
MEASURE = {"monthly": 31, "weekly": 7, "daily": 1}
PACE = {"monthly": 31, "weekly": 7, "daily": 7}

WindowKey = tuple[int, date, int]  # rule, first day, tranche


@dataclass(frozen=True)
class WindowPlan:
    """The days that one rule opens at one time."""

    rule_id: int
    lane: str
    mode: str
    first_day: date
    last_day: date
    opens_at: datetime
    closes_at: datetime
    days: tuple[tuple[date, LanePlan], ...]
    tranche: int = 1
    has_waiting_room: bool = False

    @property
    def key(self) -> WindowKey:
        return self.rule_id, self.first_day, self.tranche

    @property
    def places(self) -> int:
        return sum(lane.places for _day, lane in self.days)


def plan_windows(rules: OfficeRules, *, today: date, now: datetime) -> list[WindowPlan]:
    """Return the windows to prepare: those that open within 28 days or among the next three.

    Only days from today on are planned. Windows that opened in the past are included, so that their
    days are open after the first load.
    """
    by_key: dict[WindowKey, list[tuple[date, LanePlan]]] = defaultdict(list)
    days_to_plan = max((_days_ahead(row) for row in rules.releases), default=0)
    for step in range(days_to_plan + 1):
        day = today + timedelta(days=step)
        for lane in plan_day(rules, day).lanes:
            by_key[lane.rule_id, lane.window_first_day, lane.tranche].append((day, lane))
    windows = [_window(rows) for rows in by_key.values()]
    return sorted(_due(windows, now), key=lambda row: (row.opens_at, row.rule_id))


def _days_ahead(release: ReleaseDecree) -> int:
    """Return how many service days the next 28 days or three openings of a rule can reach."""
    lead = (1 + max(ahead for _percent, ahead in release.parts)) * MEASURE[release.kind]
    return AHEAD.days + lead + PACE[release.kind] * (OPENINGS_AHEAD + 2)


def _window(rows: list[tuple[date, LanePlan]]) -> WindowPlan:
    first = rows[0][1]
    return WindowPlan(
        rule_id=first.rule_id,
        lane=first.lane,
        mode=first.mode,
        first_day=first.window_first_day,
        last_day=first.window_last_day,
        opens_at=min(lane.opens_at for _day, lane in rows),
        closes_at=max(lane.closes_at for _day, lane in rows),
        days=tuple(rows),
        tranche=first.tranche,
        has_waiting_room=first.has_waiting_room,
    )


def _due(windows: list[WindowPlan], now: datetime) -> list[WindowPlan]:
    coming: dict[str, set[datetime]] = defaultdict(set)
    for window in windows:
        if window.opens_at > now:
            coming[window.lane].add(window.opens_at)
    limits = {
        lane: max(now + AHEAD, *sorted(moments)[:OPENINGS_AHEAD])
        for lane, moments in coming.items()
    }
    return [window for window in windows if window.opens_at <= limits.get(window.lane, now + AHEAD)]
