"""When the waiting visits will be called: many possible courses of the day, played in memory. Pure.

All times are minutes from now. A course draws a length for every visit and an arrival for everybody
who is still expected; then each counter that becomes free takes the first visit of the order that it
can serve. The middle of the courses is the estimate, four fifths of them are the range. The draws
are the same at each call, so that an estimate moves only when the office does.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from math import ceil, exp, floor, log
from random import Random
from statistics import NormalDist
from typing import Final

COURSES: Final = 60
SEED: Final = 1
LOW, HIGH = 0.1, 0.9
LEAST_HALF_WIDTH: Final = 1.0  # minutes; a shorter range would promise more than is known
NORMAL: Final = NormalDist()
NEWCOMER: Final = 0  # the id of a person who joins now
Gap = tuple[float, float]


@dataclass(frozen=True)
class Length:
    """How long visits take: a lognormal distribution, in minutes."""

    mu: float
    sigma: float

    @property
    def mean(self) -> float:
        return exp(self.mu + self.sigma**2 / 2)

    def scaled(self, share: float) -> "Length":
        """Return the length of a part of the visit."""
        return Length(self.mu + log(share), self.sigma)


def length_of_mean(minutes: float, sigma: float) -> Length:
    """Return the distribution with this mean."""
    return Length(log(max(minutes, 0.1)) - sigma**2 / 2, sigma)


@dataclass(frozen=True)
class Server:
    """A counter with an officer. `current`: the visit at it and the minutes it has taken so far."""

    id: int
    current: Length | None = None
    elapsed: float = 0.0
    from_minute: float = 0.0


@dataclass(frozen=True)
class Entry:
    """A visit in the order. `arrives` and `chance` are of a person who is still expected."""

    id: int | None
    length: Length
    servers: frozenset[int]
    arrives: Gap | None = None
    chance: float = 1.0


@dataclass(frozen=True)
class WaitRange:
    """A wait in whole minutes: four of five people are called between `low` and `high`."""

    low: int
    middle: int
    high: int
    ahead: int


def wait_courses(
    entries: Sequence[Entry], servers: Sequence[Server], gaps: Sequence[Gap] = ()
) -> dict[int, list[float]]:
    """Return the waits of each visit in all courses, sorted. A visit that no counter serves is missing."""
    random = Random(SEED)  # noqa: S311 - a simulation, not a secret
    waits: dict[int, list[float]] = {entry.id: [] for entry in entries if entry.id is not None}
    for _course in range(COURSES):
        for visit, minute in _course_of(entries, servers, gaps, random):
            waits[visit].append(minute)
    return {visit: sorted(minutes) for visit, minutes in waits.items() if minutes}


def wait_range(waits: Sequence[float], *, ahead: int, width: float = 1.0) -> WaitRange:
    """Return the range of sorted waits. `width` is what the office's scores have taught."""
    middle = quantile(waits, 0.5)
    below = max((middle - quantile(waits, LOW)) * width, LEAST_HALF_WIDTH)
    above = max((quantile(waits, HIGH) - middle) * width, LEAST_HALF_WIDTH)
    return WaitRange(
        low=max(floor(middle - below), 0),
        middle=round(middle),
        high=ceil(middle + above),
        ahead=ahead,
    )


def quantile(values: Sequence[float], share: float) -> float:
    """Return a quantile of sorted values, with linear interpolation."""
    place = (len(values) - 1) * share
    below = floor(place)
    above = min(below + 1, len(values) - 1)
    return values[below] + (values[above] - values[below]) * (place - below)


def _course_of(
    entries: Sequence[Entry], servers: Sequence[Server], gaps: Sequence[Gap], random: Random
) -> Iterable[tuple[int, float]]:
    queue = _sampled(entries, random)
    free = [
        (_open_at(max(_left_of(server, random), server.from_minute), gaps), server.id)
        for server in servers
    ]
    heapify(free)
    left = sum(entry.id is not None for _arrives, _length, entry in queue)
    while left and free:
        minute, server = heappop(free)
        turn = _turn(queue, server, minute)
        if turn is None:
            continue  # nobody for this counter is left
        place, start = turn
        start = _open_at(start, gaps)
        _arrives, length, entry = queue.pop(place)
        if entry.id is not None:
            left -= 1
            yield entry.id, start
        heappush(free, (_open_at(start + length, gaps), server))


def _sampled(entries: Sequence[Entry], random: Random) -> list[tuple[float, float, Entry]]:
    """Return the arrival and the length of everybody who comes in this course."""
    queue = []
    for entry in entries:
        # The same number of draws for every entry, whatever comes out.
        comes, at, length = random.random(), random.random(), random.random()
        if comes < entry.chance:
            start, end = entry.arrives or (0.0, 0.0)
            queue.append((start + (end - start) * at, _minutes(entry.length, length), entry))
    return queue


def _turn(
    queue: Sequence[tuple[float, float, Entry]], server: int, minute: float
) -> tuple[int, float] | None:
    """Return the visit that a free counter takes, and when: the first who is there, else the next to arrive."""
    best: tuple[float, int] | None = None
    for place, (arrives, _length, entry) in enumerate(queue):
        if server not in entry.servers:
            continue
        if arrives <= minute:
            return place, minute
        if best is None or arrives < best[0]:
            best = (arrives, place)
    return None if best is None else (best[1], best[0])


def _left_of(server: Server, random: Random) -> float:
    """Draw how long the current visit still takes, given how long it has taken."""
    share = random.random()
    if server.current is None:
        return 0.0
    length = server.current
    done = 0.0
    if server.elapsed > 0:
        done = NORMAL.cdf((log(server.elapsed) - length.mu) / max(length.sigma, 0.01))
    done = min(done, 0.98)  # after that the tail says nothing; the visit ends some time soon
    return max(_minutes(length, done + (1 - done) * share) - server.elapsed, 0.3)


def _minutes(length: Length, share: float) -> float:
    share = min(max(share, 0.001), 0.999)
    return exp(length.mu + length.sigma * NORMAL.inv_cdf(share))


def _open_at(minute: float, gaps: Sequence[Gap]) -> float:
    """Return the first minute from then on in which counters call."""
    for start, end in gaps:
        if start <= minute < end:
            return end
    return minute


def expected_chance(share_that_comes: float, elapsed: float) -> float:
    """Return the chance that a person comes who has not come in that share of the usual time."""
    still = share_that_comes * (1 - elapsed)
    return still / max(1 - share_that_comes * elapsed, 0.01)


def total_minutes(stages: Mapping[str, float], done: Iterable[str]) -> float:
    """Return the minutes of the stages that are not done."""
    finished = set(done)
    return sum(minutes for stage, minutes in stages.items() if stage not in finished)
