"""Evening places, and measured stage times."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final

from django.db import transaction

from accounts.models import User
from core.db import fetch_rows
from core.errors import NotFound
from offices.directory.models import Office, StageTime
from offices.rosters.services import add_overtime
from quotas.rules.evening import add_evening_places

LOOKED_BACK: Final = timedelta(days=60)
# A stored sample weighs at most as many visits as a busy office serves in a quarter.
MOST_REMEMBERED: Final = 2000
# Longer than this, an officer forgot to finish the stage on the screen.
LONGEST_MINUTES: Final = 240

# The minutes of a stage are the sum of all its runs in a visit, because rework is work too.
# The slowest 5 % are left out of the mean, not out of the percentiles.
MEASURE: Final = """
WITH done AS (
  SELECT b.service_type_id, r.stage, v.booking_id,
         sum(extract(epoch FROM r.ended_at - r.started_at)) / 60.0 AS minutes
    FROM counters_stagerun r
    JOIN counters_visit v ON v.id = r.visit_id
    JOIN booking_booking b ON b.id = v.booking_id
   WHERE v.office_id = %(office)s AND r.ended_at IS NOT NULL
     AND r.started_at >= %(since)s AND r.started_at < %(until)s
   GROUP BY 1, 2, 3
  HAVING bool_or(r.result = 'done')
     AND sum(extract(epoch FROM r.ended_at - r.started_at)) / 60.0 <= %(longest)s
), marks AS (
  SELECT service_type_id, stage, count(*) AS n,
         percentile_cont(ARRAY[0.5, 0.8, 0.95]) WITHIN GROUP (ORDER BY minutes::float8) AS at
    FROM done GROUP BY 1, 2
)
SELECT m.service_type_id, m.stage, m.n, m.at[1], m.at[2], avg(d.minutes::float8)
  FROM marks m
  JOIN done d ON d.service_type_id = m.service_type_id AND d.stage = m.stage AND d.minutes <= m.at[3]
 GROUP BY 1, 2, 3, 4, 5
"""


@dataclass(frozen=True)
class Evening:
    """Evening places of one lane: their hours, officers and reason."""

    lane: str
    group_id: int
    starts: time
    ends: time
    count: int
    reason: str
    officer_ids: Sequence[int] = ()


def open_evening(*, office_id: int, evening: Evening, by: User, now: datetime) -> int:
    """Add evening places and overtime shifts in one transaction; return the number of shifts.

    Raises NotFound, NotAllowed, InvalidInput, OfficerElsewhere, Busy.
    """
    office = Office.objects.filter(pk=office_id).first()
    if office is None:
        raise NotFound
    today = office.local_day(now)
    with transaction.atomic():
        add_evening_places(
            office_id=office_id,
            lane=evening.lane,
            group_id=evening.group_id,
            starts=evening.starts,
            ends=evening.ends,
            count=evening.count,
            reason=evening.reason,
            by=by,
            now=now,
        )
        return add_overtime(
            office_id=office_id,
            officer_ids=evening.officer_ids,
            starts_at=office.at(today, evening.starts),
            ends_at=office.at(today, evening.ends),
            reason=evening.reason,
            by=by,
            now=now,
        )


def measure_stage_times(*, office_id: int, now: datetime) -> int:
    """Add the stages up to the last midnight to the measured minutes; return the row count.

    Runs once a day for each office; a second run does nothing. A new sample is pooled with the
    stored one, by the number of visits, so that a row never rests on fewer visits than before: three
    visits of one night do not replace a sample of 510. Percentiles are pooled the same way, which is
    exact only if both samples have the same shape. The stored sample weighs at most
    MOST_REMEMBERED visits, so that a lasting change is followed.
    """
    office = Office.objects.get(pk=office_id)
    until = office.at(office.local_day(now), datetime.min.time())
    with transaction.atomic():
        # One worker at a time; two would count the same visits twice.
        Office.objects.select_for_update(no_key=True).get(pk=office_id)
        stored = {(row.service_type_id, row.stage): row for row in office.stage_times.all()}
        latest = max((row.measured_until for row in stored.values()), default=None)
        if latest is not None and latest >= until:
            return 0
        since = max(until - LOOKED_BACK, latest or until - LOOKED_BACK)
        rows = fetch_rows(
            MEASURE, office=office.pk, since=since, until=until, longest=LONGEST_MINUTES
        )
        StageTime.objects.bulk_create(
            [_pooled(stored.get((row[0], row[1])), office, row, until) for row in rows],
            update_conflicts=True,
            unique_fields=["office", "service_type", "stage"],
            update_fields=["n", "p50", "p80", "mean", "measured_until"],
        )
        return len(rows)


def _pooled(
    old: StageTime | None, office: Office, measured: Sequence[Any], until: datetime
) -> StageTime:
    service, stage, n, p50, p80, mean = measured
    weight = min(old.n, MOST_REMEMBERED) if old else 0

    def pooled(before: float, new: float) -> float:
        return round((before * weight + new * n) / (weight + n), 2)

    if old is not None:
        p50, p80, mean = pooled(old.p50, p50), pooled(old.p80, p80), pooled(old.mean, mean)
    return StageTime(
        office=office,
        service_type_id=service,
        stage=stage,
        n=n + (old.n if old else 0),
        p50=round(p50, 2),
        p80=round(max(p50, p80), 2),
        mean=round(mean, 2),
        measured_until=until,
    )
