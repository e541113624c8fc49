"""Waiting times of the boards, ticket pages and kiosks, in minutes.

The one place that these screens take estimates from.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from math import ceil, floor
from typing import Final

from counters.visits.models import CounterSession, Visit
from offices.directory.models import Hall, Office
from quotas.capacity.selectors import stage_minutes

# Four of five visits take between these shares of the usual time.
SHORTEST: Final = 0.8
LONGEST: Final = 1.25


@dataclass(frozen=True)
class WaitRange:
    """A wait in whole minutes."""

    low: int
    high: int


@dataclass(frozen=True)
class Waits:
    """The waits of an office: by visit, and of somebody who joins a hall now by hall.

    A wait is missing while no counter of the hall serves.
    """

    visits: Mapping[int, WaitRange] = field(default_factory=dict)
    newcomers: Mapping[int, WaitRange] = field(default_factory=dict)


def wait_range(minutes: float, counters: int, ahead: int) -> WaitRange | None:
    """Return the wait behind so many people; None while no counter serves.

    `minutes` is what one visit takes one counter.
    """
    if not counters or not minutes:
        return None
    low = ahead / counters * minutes * SHORTEST
    high = (ahead + 1) / counters * minutes * LONGEST
    return WaitRange(floor(low), ceil(high))


def counters_serving(office: Office) -> Mapping[int, int]:
    """Return how many counters serve now, by hall id."""
    rows = CounterSession.objects.filter(
        office=office, closed_at__isnull=True, paused_at__isnull=True
    )
    halls = list(rows.values_list("counter__hall_id", flat=True))
    return {hall: halls.count(hall) for hall in set(halls)}


def waits_of(
    office: Office,
    lines: Sequence[tuple[Hall, Sequence[Visit]]],
    counters: Mapping[int, int],
    *,
    now: datetime,
) -> Waits:
    """Return the waits of each hall's line: measured stage times where there are enough, else standards.

    The groups of the halls must be prefetched.
    """
    times = [(row.service, row.used) for row in stage_minutes(office, day=office.local_day(now))]
    lengths = [
        (service.group_id, sum(minutes for _service, minutes in rows))
        for service, rows in groupby(times, key=lambda pair: pair[0])
    ]
    visits: dict[int, WaitRange] = {}
    newcomers: dict[int, WaitRange] = {}
    for hall, line in lines:
        groups = {group.pk for group in hall.groups.all()}
        own = [minutes for group, minutes in lengths if group in groups]
        mean = sum(own) / len(own) if own else 0
        serving = counters.get(hall.pk, 0)
        for ahead, visit in enumerate(line):
            if wait := wait_range(mean, serving, ahead):
                visits[visit.pk] = wait
        if wait := wait_range(mean, serving, len(line)):
            newcomers[hall.pk] = wait
    return Waits(visits, newcomers)
