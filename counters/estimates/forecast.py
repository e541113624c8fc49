"""When the waiting visits will be called: many possible courses of the day, played in memory. Pure.

All times are minutes from now. A course draws a length for every visit and an arrival for everybody
who is still expected; then each counter that becomes free takes the first visit of the order that it
can serve. The middle of the courses is the estimate, four fifths of them are the range. The draws
are the same at each call, so that an estimate moves only when the office does.
"""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from heapq import heapify, heappop, heapreplace
from math import ceil, exp, floor, log
from random import Random
from statistics import NormalDist
from typing import Final

COURSES: Final = 60
DRAWS_OF_AN_ENTRY: Final = 3  # comes, arrives, length
BLOCK: Final = 4096  # draws are made in multiples of it
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
    samples = [_Sample(entry) for entry in entries]
    lefts = [_Left(server) for server in servers]
    waits: dict[int, list[float]] = {entry.id: [] for entry in entries if entry.id is not None}
    draws_of_a_course = len(samples) * DRAWS_OF_AN_ENTRY + len(lefts)
    shares, scores = _draws(-(-draws_of_a_course * COURSES // BLOCK) * BLOCK)
    for course in range(COURSES):
        first, last = course * draws_of_a_course, (course + 1) * draws_of_a_course
        for visit, minute in _course_of(
            samples, lefts, gaps, shares[first:last], scores[first:last]
        ):
            waits[visit].append(minute)
    return {visit: sorted(minutes) for visit, minutes in waits.items() if minutes}


@lru_cache(maxsize=8)
def _draws(number: int) -> tuple[Sequence[float], Sequence[float]]:
    """Return the draws of all courses, and the same as scores of the normal distribution.

    They are the same at each call, so they are kept. A longer sequence begins as a shorter one.
    """
    random = Random(SEED)  # noqa: S311 - a simulation, not a secret
    shares = array("d", (random.random() for _number in range(number)))
    return shares, array("d", map(_score, shares))


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


class _Sample:
    """What a course needs of an entry, with the sums done once."""

    __slots__ = ("chance", "id", "mu", "servers", "sigma", "span", "start")

    def __init__(self, entry: Entry) -> None:
        self.id, self.servers, self.chance = entry.id, entry.servers, entry.chance
        self.mu, self.sigma = entry.length.mu, entry.length.sigma
        self.start, end = entry.arrives or (0.0, 0.0)
        self.span = end - self.start


Queue = list[tuple[float, float, _Sample]]  # arrival, length


def _course_of(
    samples: Sequence[_Sample],
    lefts: Sequence["_Left"],
    gaps: Sequence[Gap],
    shares: Sequence[float],
    scores: Sequence[float],
) -> Iterable[tuple[int, float]]:
    queue = _sampled(samples, shares, scores)
    of_counters = shares[len(samples) * DRAWS_OF_AN_ENTRY :]
    free = [
        (_open_at(max(left.minutes(share), left.server.from_minute), gaps), left.server.id)
        for left, share in zip(lefts, of_counters, strict=True)
    ]
    heapify(free)
    left = sum(sample.id is not None for _arrives, _length, sample in queue)
    while left and free:
        minute, server = free[0]
        turn = _turn(queue, server, minute)
        if turn is None:
            heappop(free)
            continue  # nobody for this counter is left
        place, start = turn
        start = _open_at(start, gaps)
        _arrives, length, sample = queue.pop(place)
        if sample.id is not None:
            left -= 1
            yield sample.id, start
        heapreplace(free, (_open_at(start + length, gaps), server))


def _sampled(samples: Sequence[_Sample], shares: Sequence[float], scores: Sequence[float]) -> Queue:
    """Return the arrival and the length of everybody who comes in this course."""
    # The same number of draws for every entry, whatever comes out.
    end = len(samples) * DRAWS_OF_AN_ENTRY
    draws = zip(
        samples,
        shares[0:end:DRAWS_OF_AN_ENTRY],
        shares[1:end:DRAWS_OF_AN_ENTRY],
        scores[2:end:DRAWS_OF_AN_ENTRY],
        strict=True,
    )
    return [
        (one.start + one.span * at, exp(one.mu + one.sigma * score), one)
        for one, comes, at, score in draws
        if comes < one.chance
    ]


def _turn(queue: Queue, server: int, minute: float) -> tuple[int, float] | None:
    """Return the visit that a free counter takes, and when: the first who is there, else the next to arrive."""
    best: tuple[float, int] | None = None
    for place, (arrives, _length, sample) in enumerate(queue):
        if server not in sample.servers:
            continue
        if arrives <= minute:
            return place, minute
        if best is None or arrives < best[0]:
            best = (arrives, place)
    return None if best is None else (best[1], best[0])


class _Left:
    """How long the current visit of a counter still takes, given how long it has taken."""

    __slots__ = ("done", "server")

    def __init__(self, server: Server) -> None:
        self.server = server
        self.done = 0.0
        length = server.current
        if length is not None and server.elapsed > 0:
            done = NORMAL.cdf((log(server.elapsed) - length.mu) / max(length.sigma, 0.01))
            # After that the tail says nothing; the visit ends some time soon.
            self.done = min(done, 0.98)

    def minutes(self, share: float) -> float:
        """Return the minutes for a draw."""
        length = self.server.current
        if length is None:
            return 0.0
        score = _score(self.done + (1 - self.done) * share)
        return max(exp(length.mu + length.sigma * score) - self.server.elapsed, 0.3)


def _score(share: float) -> float:
    """Return where a share of the normal distribution ends; its tails are cut off."""
    return NORMAL.inv_cdf(min(max(share, 0.001), 0.999))


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
