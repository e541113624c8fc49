"""Spans of a day, and the closures that overlap them. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time
from itertools import pairwise

Span = tuple[int, int]  # minutes since midnight
Pair = tuple[str, int]  # lane, group


def minutes(moment: time) -> int:
    """Return the minutes since midnight."""
    return moment.hour * 60 + moment.minute


def overlaps(spans: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    """Return the overlaps of two lists of spans."""
    pairs = [(max(a, c), min(b, d)) for a, b in spans for c, d in others]
    return sorted((start, end) for start, end in pairs if start < end)


def cut(span: Span, length: int) -> list[Span]:
    """Cut a span into pieces of `length` minutes; the last one may be shorter."""
    start, end = span
    marks = [*range(start, end, length), end]
    return list(pairwise(marks))


@dataclass(frozen=True)
class Shut:
    """A closure as the planner reads it. `pairs` None: every lane and group except `open_lanes`.

    `open_services` are the services that are still served in it, each with its group.
    """

    first_day: date
    last_day: date | None
    from_time: time | None
    until_time: time | None
    pairs: frozenset[Pair] | None
    open_lanes: frozenset[str]
    reason: str
    reason_en: str = ""
    id: int | None = None
    open_services: frozenset[tuple[int, int]] = frozenset()  # service, group

    def shuts(self, day: date, pair: Pair) -> bool:
        """True if the closure covers this day, lane and group, at any hour."""
        is_in_span = self.first_day <= day and (self.last_day is None or day <= self.last_day)
        is_meant = pair[0] not in self.open_lanes and (self.pairs is None or pair in self.pairs)
        return is_in_span and is_meant

    def covers(self, day: date, pair: Pair, starts: time, ends: time) -> bool:
        """True if a slot, in the office's civil time, overlaps the closure."""
        if not self.shuts(day, pair):
            return False
        if self.from_time is None or self.until_time is None:
            return True
        return starts < self.until_time and self.from_time < (ends if ends > starts else time.max)

    def open_for(self, group: int) -> frozenset[int]:
        """Return the services of a group that are still served in the closure."""
        return frozenset(service for service, whose in self.open_services if whose == group)


def still_served(
    shut: Iterable[Shut], day: date, pair: Pair, starts: time, ends: time
) -> tuple[int, ...] | None:
    """Return the services that closures leave to a slot, possibly none; None where no closure covers it."""
    covering = [row for row in shut if row.covers(day, pair, starts, ends)]
    if not covering:
        return None
    return tuple(sorted(frozenset.intersection(*(row.open_for(pair[1]) for row in covering))))
