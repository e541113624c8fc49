"""Waiting times of the boards, ticket pages and kiosks as ranges of minutes.

The one place that these screens take estimates from.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from math import ceil, floor
from typing import Final

from counters.visits.models import CounterSession
from offices.directory.models import Hall, Office
from quotas.capacity.selectors import stage_minutes

STEP: Final = 5  # minutes; a finer figure would promise more than is known
# Four of five visits take between these shares of the usual time.
SHORTEST: Final = 0.8
LONGEST: Final = 1.25


@dataclass(frozen=True)
class Pace:
    """How fast a hall serves: minutes for each visit, and how many counters serve now."""

    minutes: float
    counters: int


def wait_range(pace: Pace, ahead: int) -> tuple[int, int] | None:
    """Return the wait behind so many people, in minutes, from and to; None while no counter serves."""
    if not pace.counters or not pace.minutes:
        return None
    low = ahead / pace.counters * pace.minutes * SHORTEST
    high = (ahead + 1) / pace.counters * pace.minutes * LONGEST
    least = floor(low / STEP) * STEP
    return least, max(ceil(high / STEP) * STEP, least + STEP)


def paces_of(office: Office, halls: Iterable[Hall], *, now: datetime) -> Mapping[int, Pace]:
    """Return the pace of each hall: measured stage times where there are enough, else the standards.

    The groups of the halls must be prefetched.
    """
    times = [(row.service, row.used) for row in stage_minutes(office, day=office.local_day(now))]
    visits = [
        (service.group_id, sum(minutes for _service, minutes in rows))
        for service, rows in groupby(times, key=lambda pair: pair[0])
    ]
    sessions = CounterSession.objects.filter(
        office=office, closed_at__isnull=True, paused_at__isnull=True
    )
    open_in = list(sessions.values_list("counter__hall_id", flat=True))
    paces = {}
    for hall in halls:
        groups = {group.pk for group in hall.groups.all()}
        own = [minutes for group, minutes in visits if group in groups]
        mean = sum(own) / len(own) if own else 0
        paces[hall.pk] = Pace(minutes=mean, counters=open_in.count(hall.pk))
    return paces
