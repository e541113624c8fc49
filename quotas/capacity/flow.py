"""What counters can serve, slot by slot. Pure: no database.

Places are limited by the two-hour promise: every visitor of a slot leaves within two hours of its
start, and by closing time. Breaks and outages are part of the rates (`rates.py`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor

from quotas.capacity.rates import AN_HOUR, NEARLY, PROMISE, Bottleneck, DayResources, Rate, rates
from quotas.plan.spans import Span


@dataclass(frozen=True)
class SlotCapacity:
    """One slot of a pool: the capacity of its counters, the places needed, and how many of these
    are served in time.
    """

    span: Span
    staffed: int
    capacity: int
    needed: int
    served: int
    bottleneck: Bottleneck

    @property
    def unserved(self) -> int:
        return self.needed - self.served


@dataclass(frozen=True)
class Flow:
    """A pool's rates through the day, as pieces with one rate each."""

    pieces: tuple[tuple[Span, Rate], ...]

    def completes(self, start: float, end: float) -> float:
        """Return how many visits are completed between two minutes if no counter ever waits for a visitor."""
        return sum(
            rate.per_hour / AN_HOUR * max(0.0, min(end, last) - max(start, first))
            for (first, last), rate in self.pieces
        )

    def slowest(self, span: Span) -> Rate | None:
        """Return the lowest rate within a span of the working time."""
        touching = [
            rate for (first, last), rate in self.pieces if first < span[1] and span[0] < last
        ]
        return min(touching, key=lambda rate: rate.per_hour, default=None)


def flows(resources: DayResources) -> dict[int, Flow]:
    """Return the flow of every pool through the working time of a day."""
    pieces: dict[int, list[tuple[Span, Rate]]] = {pool: [] for pool in resources.minutes}
    for span in resources.spans:
        for start, end in pairwise(marks_of(resources, span)):
            for pool, rate in rates(resources, start).items():
                pieces[pool].append(((start, end), rate))
    return {pool: Flow(tuple(rows)) for pool, rows in pieces.items()}


def marks_of(resources: DayResources, span: Span) -> list[int]:
    """Return the minutes of a span between which its rates are constant, both ends included."""
    spans = [row.span for row in resources.shifts] + [row.span for row in resources.outages]
    edges = [edge for one in spans for edge in one]
    return sorted({*span, *(edge for edge in edges if span[0] < edge < span[1])})


def slot_capacities(
    flow: Flow,
    cuts: Sequence[Span],
    needed: Sequence[int],
    *,
    inside: float = 0.0,
    now: int | None = None,
) -> list[SlotCapacity]:
    """Return the capacity of each slot of a pool, and how many of the needed places are served in time.

    `inside` are visits in progress, which come first. A slot that has begun (`now`) keeps all its
    visitors: they are on their way.
    """
    limits = [_capacity(flow, span if now is None else _rest(span, now)) for span in cuts]
    # Breaks and closing time limit how many can leave in time.
    capacities = _served(flow, cuts, limits, inside=0.0, now=None)
    served = _served(flow, cuts, needed, inside=inside, now=now)
    rows = []
    for span, most, need, in_time in zip(cuts, capacities, needed, served, strict=True):
        slowest = flow.slowest(span) or Rate(0.0, 0, Bottleneck("nobody"))
        rows.append(SlotCapacity(span, slowest.staffed, most, need, in_time, slowest.bottleneck))
    return rows


def _rest(span: Span, now: int) -> Span:
    return max(span[0], min(now, span[1])), span[1]


def _capacity(flow: Flow, span: Span) -> int:
    """Return the visits of one slot. A visit that ends in the next slot counts in the slot where it begins."""
    start = _working_since(flow, span)
    return ceil(flow.completes(start, span[1]) - NEARLY) - ceil(
        flow.completes(start, span[0]) - NEARLY
    )


def _working_since(flow: Flow, span: Span) -> int:
    """Return when the unbroken working time that contains the slot began."""
    since = span[0]
    for (first, last), _rate in reversed(flow.pieces):
        if last == since or first < since <= last:
            since = first
    return since


def _served(
    flow: Flow,
    cuts: Sequence[Span],
    needed: Sequence[int],
    *,
    inside: float,
    now: int | None,
) -> list[int]:
    closing = max((last for (_first, last), _rate in flow.pieces), default=0)
    served, backlog = [], inside
    for position, (span, need) in enumerate(zip(cuts, needed, strict=True)):
        start = span[0] if now is None else max(span[0], now)
        room = floor(flow.completes(start, min(start + PROMISE, closing)) - backlog + NEARLY)
        is_on = now is not None and span[0] <= now
        take = need if is_on else max(0, min(need, room))
        served.append(min(take, max(0, room)))
        following = cuts[position + 1][0] if position + 1 < len(cuts) else closing
        if now is not None:
            following = max(following, now)
        backlog = max(0.0, backlog + take - flow.completes(start, following))
    return served


def hours_to_close(
    flow: Flow, cuts: Sequence[Span], needed: Sequence[int], *, inside: float = 0.0, now: int
) -> Span | None:
    """Return the span of slots to close so that all others are served in time, or None.

    Slots that have begun are not closed: their visitors are there, or on their way.
    """
    left, closed = list(needed), []
    for _each in cuts:
        rows = slot_capacities(flow, cuts, left, inside=inside, now=now)
        wrong = [
            position for position, row in enumerate(rows) if row.unserved and row.span[0] > now
        ]
        if not wrong:
            break
        closed.append(cuts[wrong[0]])
        left[wrong[0]] = 0
    if not closed:
        return None
    return min(span[0] for span in closed), max(span[1] for span in closed)


def left_over(flow: Flow, *, inside: float, now: int) -> int:
    """Return how many of those inside cannot be served by closing time."""
    closing = max((last for (_first, last), _rate in flow.pieces), default=now)
    return max(0, floor(inside - flow.completes(now, closing) + 1 - NEARLY))


def pools_of(serves: Mapping[int, Iterable[tuple[str, int]]]) -> dict[int, int]:
    """Group halls that serve the same lane and group; return the pool (the id of one hall) of each hall."""
    pool = {hall: hall for hall in serves}
    first: dict[tuple[str, int], int] = {}
    for hall in sorted(serves):
        for pair in sorted(serves[hall]):
            other = first.setdefault(pair, hall)
            one, two = pool[hall], pool[other]
            if one != two:
                pool = {key: min(one, two) if of in (one, two) else of for key, of in pool.items()}
    return pool
