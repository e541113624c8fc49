"""Many simulated days: their figures with confidence intervals, and the largest quota. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from math import sqrt
from multiprocessing import get_context
from os import cpu_count
from statistics import NormalDist, fmean, stdev
from typing import Final

from counters.estimates.forecast import quantile
from offices.promises import SHARE_IN_TIME, VISIT_TIME
from quotas.capacity.flow import flows
from reports.simulation.days import RunResult, SimulationDay
from reports.simulation.engine import MINUTE, Plan, simulate

PROMISE: Final = VISIT_TIME / MINUTE
CONFIDENCE: Final = 0.95
# Starting processes takes about as long as simulating this many people.
WORTH_PROCESSES: Final = 15_000
MOST_PROCESSES: Final = 8
LARGEST_TRIED: Final = 2_000
BIN: Final = 10  # minutes of a bar of the distributions
Days = Sequence[RunResult]
Simulate = Callable[[SimulationDay, int], Days]


@dataclass(frozen=True)
class Figure:
    """A figure of a day: its mean over the simulated days with the 95 % confidence interval of this
    mean (`low`, `high`), and between which values 95 % of the days are (`day_low`, `day_high`).
    """

    value: float
    low: float
    high: float
    day_low: float
    day_high: float

    def times(self, factor: float) -> "Figure":
        """Return the figure in another unit."""
        values = (self.value, self.low, self.high, self.day_low, self.day_high)
        return Figure(*(value * factor for value in values))


@dataclass(frozen=True)
class Simulation:
    """The figures of simulated days; minutes, people a day and shares. None where nobody was served.

    `visit_bins`: share of people by BIN minutes. `by_hour`: the mean wait and the
    95th percentile of those who arrived in an hour.
    """

    runs: int
    quota: int
    arrived: Figure
    unserved: Figure
    overtime: Figure
    wait_p50: Figure | None
    wait_p95: Figure | None
    visit_p50: Figure | None
    visit_p95: Figure | None
    within_two_hours: Figure | None
    visit_bins: tuple[float, ...]
    by_hour: Mapping[int, tuple[float, float]]

    @property
    def keeps_promise(self) -> bool:
        """True if 95 % leave within two hours. A day on which nobody comes keeps it."""
        share = self.within_two_hours
        return share is None or share.value >= SHARE_IN_TIME

    @property
    def percent(self) -> Figure | None:
        """The share within two hours in percent."""
        return None if self.within_two_hours is None else self.within_two_hours.times(100)


# --- Running --------------------------------------------------------------------------------------
def run_days(day: SimulationDay, runs: int) -> Days:
    """Return simulated days, with the seeds 1 to `runs`."""
    return _run_part(day, range(1, runs + 1))


def _run_part(day: SimulationDay, seeds: Sequence[int]) -> list[RunResult]:
    plan = Plan(day)
    return [simulate(plan, seed) for seed in seeds]


@contextmanager
def in_processes(people: float) -> Iterator[Simulate]:
    """Yield `run_days` on all processors if so many people are worth the processes.

    The result is the same. Not for use inside a Celery worker, whose processes have no children.
    """
    count = min(cpu_count() or 1, MOST_PROCESSES)
    if count == 1 or people < WORTH_PROCESSES:
        yield run_days
        return
    with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:

        def run(day: SimulationDay, runs: int) -> Days:
            seeds = range(1, runs + 1)
            size = -(-runs // (count * 4))
            parts = [seeds[at : at + size] for at in range(0, runs, size)]
            return [one for rows in pool.map(partial(_run_part, day), parts) for one in rows]

        yield run


def largest_quota(day: SimulationDay, runs: int, *, run: Simulate = run_days) -> int | None:
    """Return the largest quota with which 95 % of those who come leave within two hours.

    None if the day has no online places. People who are unserved at the end count as not in time.
    Every quota is tried with the same people, so that the share falls steadily; bisection finds it.
    """
    if not day.has_quota:
        return None

    def keeps(quota: int) -> bool:
        share = share_in_time(run(day.with_quota(quota), runs))
        return share is None or share.value >= SHARE_IN_TIME

    if not keeps(0):
        return 0
    low, high = 0, max(round(capacity_of(day)), 8)
    while high < LARGEST_TRIED and keeps(high):
        low, high = high, high * 3 // 2 + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if keeps(middle) else (low, middle)
    return low


def capacity_of(day: SimulationDay) -> float:
    """Return how many visits the staffed counters complete if they never wait for anybody."""
    return sum(flow.completes(0, 24 * 60) for flow in flows(day.resources).values())


# --- Figures --------------------------------------------------------------------------------------
def summarize(day: SimulationDay, days: Days) -> Simulation:
    """Return the figures of simulated days."""
    return Simulation(
        runs=len(days),
        quota=day.quota,
        arrived=_figure([one.arrived for one in days]),
        unserved=_figure([one.unserved for one in days]),
        overtime=_figure([one.overtime for one in days]),
        wait_p50=_percentile([one.waits for one in days], 0.5),
        wait_p95=_percentile([one.waits for one in days], 0.95),
        visit_p50=_percentile([one.visits for one in days], 0.5),
        visit_p95=_percentile([one.visits for one in days], 0.95),
        within_two_hours=share_in_time(days),
        visit_bins=_bins([minutes for one in days for minutes in one.visits]),
        by_hour=_by_hour(days),
    )


def share_in_time(days: Days) -> Figure | None:
    """Return the share of those finished or unserved who left within two hours."""
    pairs = [
        (sum(minutes <= PROMISE for minutes in one.visits), len(one.visits) + one.unserved)
        for one in days
    ]
    pairs = [(kept, people) for kept, people in pairs if people]
    people = sum(n for _kept, n in pairs)
    if not people:
        return None
    share = sum(kept for kept, _n in pairs) / people
    # The error of a ratio of two means.
    residuals = [kept - share * n for kept, n in pairs]
    half = _half_width(residuals) * len(pairs) / people
    shares = sorted(kept / n for kept, n in pairs)
    low, high = _days_between(shares)
    return Figure(share, max(share - half, 0.0), min(share + half, 1.0), low, high)


def _percentile(rows: Sequence[Sequence[float]], share: float) -> Figure | None:
    values = [quantile(sorted(row), share) for row in rows if row]
    return _figure(values) if values else None


def _figure(values: Sequence[float]) -> Figure:
    mean, half = fmean(values), _half_width(values)
    low, high = _days_between(sorted(values))
    # No figure of a day is negative.
    return Figure(mean, max(mean - half, 0.0), mean + half, low, high)


def _half_width(values: Sequence[float]) -> float:
    """Return half the width of the 95 % confidence interval of a mean (Student's t)."""
    count = len(values)
    if count < 2:
        return 0.0
    return _student(count - 1) * stdev(values) / sqrt(count)


def _student(freedom: int) -> float:
    """Return Student's t for CONFIDENCE, by the expansion around the normal quantile."""
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    first = (z**3 + z) / (4 * freedom)
    second = (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
    return z + first + second


def _days_between(ordered: Sequence[float]) -> tuple[float, float]:
    edge = (1 - CONFIDENCE) / 2
    return quantile(ordered, edge), quantile(ordered, 1 - edge)


def _bins(minutes: Sequence[float]) -> tuple[float, ...]:
    if not minutes:
        return ()
    counts = [0] * (int(max(minutes) // BIN) + 1)
    for value in minutes:
        counts[int(value // BIN)] += 1
    return tuple(count / len(minutes) for count in counts)


def _by_hour(days: Days) -> dict[int, tuple[float, float]]:
    hours = sorted({hour for one in days for hour in one.waits_by_hour})
    rows = {
        hour: sorted(wait for one in days for wait in one.waits_by_hour.get(hour, ()))
        for hour in hours
    }
    return {hour: (fmean(waits), quantile(waits, 0.95)) for hour, waits in rows.items()}
