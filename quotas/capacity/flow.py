"""What counters can bear, hour by hour: pure, without a database.

Places are held to the two-hour promise: whoever comes at the start of an hour is out two hours later,
and by closing. Breaks and outages are in the rates (`rates.py`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor

from quotas.capacity.rates import AN_HOUR, NEARLY, PROMISE, Bottleneck, DayResources, Rate, rates
from quotas.plan.spans import Span, overlaps


@dataclass(frozen=True)
class Hour:
    """An hour of a pool: places the counters bear beside those needed, and how many of these can be kept."""

    span: Span
    staffed: int
    capacity: int
    needed: int
    kept: int
    bottleneck: Bottleneck

    @property
    def unserved(self) -> int:
        return self.needed - self.kept


@dataclass(frozen=True)
class Flow:
    """A pool's rates through the day, piece by piece."""

    pieces: tuple[tuple[Span, Rate], ...]

    def completes(self, start: float, end: float) -> float:
        """Return how many visits are completed between two moments, when nobody has to be waited for."""
        return sum(
            rate.per_hour / AN_HOUR * max(0.0, min(end, last) - max(start, first))
            for (first, last), rate in self.pieces
        )

    def slowest(self, span: Span) -> Rate | None:
        """Return the lowest rate within a span of the working time."""
        touching = [rate for piece, rate in self.pieces if overlaps([piece], [span])]
        return min(touching, key=lambda rate: rate.per_hour, default=None)


def flows(resources: DayResources) -> dict[int, Flow]:
    """Return the flow of every pool through the working time of a day."""
    pieces: dict[int, list[tuple[Span, Rate]]] = {pool: [] for pool in resources.minutes}
    for span in resources.spans:
        for start, end in pairwise(_marks(resources, span)):
            for pool, rate in rates(resources, start).items():
                pieces[pool].append(((start, end), rate))
    return {pool: Flow(tuple(rows)) for pool, rows in pieces.items()}


def _marks(resources: DayResources, span: Span) -> list[int]:
    spans = [row.span for row in resources.shifts] + [row.span for row in resources.outages]
    edges = [edge for one in spans for edge in one]
    return sorted({*span, *(edge for edge in edges if span[0] < edge < span[1])})


def hours(
    flow: Flow,
    cuts: Sequence[Span],
    needed: Sequence[int],
    *,
    inside: float = 0.0,
    now: int | None = None,
) -> list[Hour]:
    """Return each hour of a pool: what its counters bear, and how many of the needed places they keep.

    `inside` are people who are there already and come first. An hour that has begun (`now`) keeps
    its people: they are on their way.
    """
    limits = [_capacity(flow, span if now is None else _rest(span, now)) for span in cuts]
    # Nor are there more than can be out in time: before a break, and by closing.
    capacities = _kept(flow, cuts, limits, inside=0.0, now=None)
    kept = _kept(flow, cuts, needed, inside=inside, now=now)
    rows = []
    for span, most, need, keep in zip(cuts, capacities, needed, kept, strict=True):
        slowest = flow.slowest(span) or Rate(0.0, 0, Bottleneck("nobody"))
        rows.append(Hour(span, slowest.staffed, most, need, keep, slowest.bottleneck))
    return rows


def _rest(span: Span, now: int) -> Span:
    return max(span[0], min(now, span[1])), span[1]


def _capacity(flow: Flow, span: Span) -> int:
    """Return the visits that fall to an hour; one that it begins and the next one ends is its own."""
    start = _working_since(flow, span)
    return ceil(flow.completes(start, span[1]) - NEARLY) - ceil(
        flow.completes(start, span[0]) - NEARLY
    )


def _working_since(flow: Flow, span: Span) -> int:
    """Return when the unbroken working time of an hour began."""
    since = span[0]
    for (first, last), _rate in reversed(flow.pieces):
        if last == since or first < since <= last:
            since = first
    return since


def _kept(
    flow: Flow,
    cuts: Sequence[Span],
    needed: Sequence[int],
    *,
    inside: float,
    now: int | None,
) -> list[int]:
    closing = max((last for (_first, last), _rate in flow.pieces), default=0)
    kept, backlog = [], inside
    for position, (span, need) in enumerate(zip(cuts, needed, strict=True)):
        start = span[0] if now is None else max(span[0], now)
        room = floor(flow.completes(start, min(start + PROMISE, closing)) - backlog + NEARLY)
        is_on = now is not None and span[0] <= now
        take = need if is_on else max(0, min(need, room))
        kept.append(min(take, max(0, room)))
        following = cuts[position + 1][0] if position + 1 < len(cuts) else closing
        if now is not None:
            following = max(following, now)
        backlog = max(0.0, backlog + take - flow.completes(start, following))
    return kept


def hours_to_close(
    flow: Flow, cuts: Sequence[Span], needed: Sequence[int], *, inside: float = 0.0, now: int
) -> Span | None:
    """Return the hours to close so that everybody else is kept, from the first that cannot be; or None.

    Hours that have begun are not closed: their people are there, or on their way.
    """
    left, closed = list(needed), []
    for _each in cuts:
        rows = hours(flow, cuts, left, inside=inside, now=now)
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
    """Return how many of those inside cannot be served by closing: overtime, or another day."""
    closing = max((last for (_first, last), _rate in flow.pieces), default=now)
    return max(0, floor(inside - flow.completes(now, closing) + 1 - NEARLY))


def pools_of(serves: Mapping[int, Iterable[tuple[str, int]]]) -> dict[int, int]:
    """Put halls that serve the same lane and group together; return each hall's pool (a hall's id)."""
    pool = {hall: hall for hall in serves}
    first: dict[tuple[str, int], int] = {}
    for hall in sorted(serves):
        for pair in sorted(serves[hall]):
            other = first.setdefault(pair, hall)
            one, two = pool[hall], pool[other]
            if one != two:
                pool = {key: min(one, two) if of in (one, two) else of for key, of in pool.items()}
    return pool
