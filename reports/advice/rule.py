"""The quota, lanes and officers that are advised for a week. Pure: days of the simulation in, advice out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import ceil, sqrt
from typing import Final

from reports.simulation.changes import Changes, apply_changes
from reports.simulation.days import SimulationDay
from reports.simulation.runs import largest_quota, run_days, share_in_time

# People simulated to try one quota on one day.
PEOPLE: Final = 600
LEAST_RUNS, MOST_RUNS = 6, 40
# A lane has enough places if they suffice on nineteen of twenty days (Poisson).
ENOUGH: Final = 1.645


@dataclass(frozen=True)
class AdviceDay:
    """A working day: online places wanted, places of the rule, and the most that keep two hours."""

    day: date
    demand: float
    quota: int
    most: int


@dataclass(frozen=True)
class LaneAdvice:
    """A lane without bookings: its mean number of people a day, its places, and those advised."""

    lane: str
    people: float
    places: int
    advised: int


@dataclass(frozen=True)
class Advice:
    """The advice for a week. `officers` at counters serve the whole demand; None if no number does.

    code: lower (the quota cannot be kept) · raise (more is wanted and can be served) · short (more
    is wanted than can be served) · keep.
    """

    code: str
    quota: int
    days: tuple[AdviceDay, ...]
    lanes: tuple[LaneAdvice, ...]
    officers: int | None
    staffed: int

    @property
    def now(self) -> int:
        """The greatest quota of the week's days by the rule in force."""
        return max(one.quota for one in self.days)

    @property
    def most(self) -> int:
        """The quota that every day of the week can keep."""
        return min(one.most for one in self.days)

    @property
    def demand(self) -> int:
        """The online places wanted on the busiest day."""
        return max(round(one.demand) for one in self.days)

    @property
    def has_forecast(self) -> bool:
        """True if online places are expected to be wanted on a day of the week."""
        return any(one.demand for one in self.days)

    @property
    def is_change(self) -> bool:
        """True if another quota than that in force is advised."""
        return self.quota != self.now


def advise(
    days: Mapping[date, SimulationDay],
    demand: Mapping[date, float],
    lanes: Mapping[str, int],
) -> Advice | None:
    """Return the advice for the working days of a week, or None without online places.

    `demand`: online places wanted on each day. `lanes`: the places a day of the lanes at the desk.
    """
    able = {day: one for day, one in days.items() if one.has_quota}
    if not able:
        return None
    most: list[tuple[SimulationDay, int]] = []
    rows = []
    for day, one in sorted(able.items()):
        known = next((value for other, value in most if other == one), None)
        if known is None:
            known = largest_quota(one, runs_of(one)) or 0
            most.append((one, known))
        rows.append(AdviceDay(day, demand.get(day, 0.0), one.quota, known))
    busiest = able[max(rows, key=lambda row: (row.demand, row.day)).day]
    draft = Advice("keep", 0, tuple(rows), _lanes(busiest, lanes), None, staffed_at_once(busiest))
    code, quota = _decide(draft)
    officers = officers_for(busiest, draft.demand) if draft.demand > draft.most else draft.staffed
    return replace(draft, code=code, quota=quota, officers=officers)


def _decide(draft: Advice) -> tuple[str, int]:
    if draft.now > draft.most:
        return "lower", draft.most
    if draft.demand > draft.most:
        return "short", draft.most
    if draft.demand > draft.now:
        return "raise", draft.demand
    return "keep", draft.now


def expected_promise(days: Iterable[SimulationDay], quota: int) -> float | None:
    """Return the share of visits within two hours over the days of a week with a quota, or None."""
    able = [day.with_quota(quota) for day in days if day.has_quota]
    share = share_in_time([one for day in able for one in run_days(day, runs_of(day))])
    return None if share is None else share.value


def runs_of(day: SimulationDay) -> int:
    """Return how many days are simulated to try one quota."""
    return min(max(round(PEOPLE / max(day.people, 1)), LEAST_RUNS), MOST_RUNS)


def staffed_at_once(day: SimulationDay) -> int:
    """Return the officers who are rostered at the same time, at most one at each counter."""
    shifts = day.resources.shifts
    most = max(
        (sum(one.span[0] <= row.span[0] < one.span[1] for one in shifts) for row in shifts),
        default=0,
    )
    return min(int(most * day.resources.percent // 100), len(day.resources.counters))


def officers_for(day: SimulationDay, demand: int) -> int | None:
    """Return the smallest number of officers with whom the demand keeps two hours, or None."""
    for officers in range(1, len(day.resources.counters) + 1):
        staffed = apply_changes(day, Changes(counters=officers))
        most = largest_quota(staffed, runs_of(day))
        if most is not None and most >= demand:
            return officers
    return None


def _lanes(day: SimulationDay, places: Mapping[str, int]) -> tuple[LaneAdvice, ...]:
    people: dict[str, float] = dict.fromkeys(places, 0.0)
    for row in day.arrivals:
        if not row.is_booked and row.lane in people:
            people[row.lane] += row.people
    return tuple(
        LaneAdvice(lane, people[lane], places[lane], ceil(mean + ENOUGH * sqrt(mean)))
        for lane, mean in sorted(people.items())
        if mean
    )


def short_lanes(lanes: Sequence[LaneAdvice]) -> list[LaneAdvice]:
    """Return the lanes whose places do not suffice on nineteen of twenty days."""
    return [row for row in lanes if row.places < row.advised]
