"""What a simulated day consists of, and what comes of it. Pure: no database, no clock.

Times are minutes since midnight at the office; lengths are minutes; shares are between 0 and 1.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from counters.queue.order import Terms
from quotas.capacity.rates import DayResources
from quotas.plan.shares import spread
from quotas.plan.spans import Span

ONLINE: Final = "online"
# Until an office has measured: when booked people arrive, in minutes from the start of their hour.
# Quantiles, evenly spaced.
USUAL_LATENESS: Final = (-25.0, -15.0, -10.0, -6.0, -3.0, 0.0, 4.0, 10.0, 25.0)
# The longest work after closing time that is simulated; who is not served by then is unserved.
LONGEST_OVERTIME: Final = 240.0
NO_ANSWER_MINUTES: Final = 2.0


@dataclass(frozen=True)
class Service:
    """How long one visit takes its counter.

    `stages`: each stage with its share of the time, in order. `sigma`: the spread of the logarithm.
    `gap`: minutes of the mean that pass between the end of a visit and the next call.
    `is_exponential`: for the comparison with queueing theory only.
    """

    stages: tuple[tuple[str, float], ...]
    mean: float
    sigma: float
    gap: float = 0.0
    is_exponential: bool = False


@dataclass(frozen=True)
class Arrivals:
    """The people of one slot of a lane and a group.

    `people`: the number of bookings; without a booking the mean number (Poisson distributed) of
    those who come at any time of the slot.
    """

    lane: str
    group: int
    span: Span
    people: float
    is_booked: bool = True


@dataclass(frozen=True)
class CounterPlace:
    """Whom a counter serves: the lanes and groups of its hall, in which calls are interleaved."""

    hall: int
    pairs: frozenset[tuple[str, int]]


@dataclass(frozen=True)
class SimulationDay:
    """Everything that decides a simulated day.

    `mix`: the services of a group's people, each with its cumulated share. `quota`: the online
    places of `group`, of which the share `filled` is booked, but not more than `demand`. `closes`:
    the end of the opening hours. `unanswered`: share of calls. `incomplete`: share of visits that
    end after their first stage. `overtime`: the longest work after closing time.
    """

    resources: DayResources
    arrivals: tuple[Arrivals, ...]
    services: Mapping[int, Service]
    mix: Mapping[int, tuple[tuple[int, float], ...]]
    places: Mapping[int, CounterPlace]  # by counter
    terms: Terms
    closes: int
    group: int = 0
    quota: int = 0
    filled: float = 1.0
    demand: float | None = None
    absent: float = 0.0
    lateness: tuple[float, ...] = USUAL_LATENESS
    early_minutes: float = 60.0
    late_minutes: float = 30.0
    is_late_rebooked: bool = False
    unanswered: float = 0.0
    most_calls: int = 3
    incomplete: float = 0.0
    overtime: float = LONGEST_OVERTIME

    @property
    def people(self) -> float:
        """The people who are expected, the absent included."""
        return sum(row.people for row in self.arrivals)

    @property
    def has_quota(self) -> bool:
        """True if the group has online slots, so that another quota can be tried."""
        return any(self.is_of_quota(row) for row in self.arrivals)

    def is_of_quota(self, row: Arrivals) -> bool:
        """True for the slots whose places are the quota."""
        return row.is_booked and row.lane == ONLINE and row.group == self.group

    def with_quota(self, quota: int) -> "SimulationDay":
        """Return the day with another quota, spread over its slots as the planner does."""
        mine = [row for row in self.arrivals if self.is_of_quota(row)]
        others = [row for row in self.arrivals if not self.is_of_quota(row)]
        if not mine:
            return self
        booked = round(quota * self.filled)
        if self.demand is not None:
            booked = min(booked, round(self.demand))
        counts = spread(booked, [end - start for start, end in (row.span for row in mine)])
        rows = [replace(row, people=n) for row, n in zip(mine, counts, strict=True)]
        return replace(self, quota=quota, arrivals=(*rows, *others))


@dataclass(frozen=True)
class RunResult:
    """One simulated day.

    `waits`: from the arrival (or the booked hour, if later) to the first call; `visits`: from there
    to the end, of those whose visit was finished. `overtime` is summed over the counters.
    """

    waits: tuple[float, ...]
    visits: tuple[float, ...]
    arrived: int
    absent: int
    unserved: int
    overtime: float
    waits_by_hour: Mapping[int, tuple[float, ...]] = field(default_factory=dict)
