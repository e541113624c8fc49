"""Counts each officer's reading of a day and marks unusual days. Nobody is sanctioned by it."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from statistics import median
from typing import Final

from django.conf import settings
from django.db import transaction

from accounts.models import User
from core.clock import local_day
from core.db import fetch_rows
from privacy.reads.models import ReadingDay

# A busy gate shows fewer people a day than this; below it, nothing is unusual.
MANY_PEOPLE: Final = 150
TIMES_THE_USUAL: Final = 3
EARLIER_DAYS: Final = timedelta(days=28)
# By the clock of the capital: at 05.00 it is 07.00 in the east, before any office opens.
NIGHT_FROM, NIGHT_UNTIL = 22, 5
MANY_AT_NIGHT: Final = 5
# A machine that was off counts the days that it missed, up to this many.
MOST_DAYS: Final = 7
COUNT: Final = """
SELECT by_id, count(DISTINCT person), count(DISTINCT person) FILTER (WHERE hour >= %(night_from)s OR hour < %(night_until)s)
  FROM (SELECT by_id, unnest(applicant_ids || account_ids) AS person,
               extract(hour FROM at AT TIME ZONE %(zone)s) AS hour
          FROM offices_personread WHERE (at AT TIME ZONE %(zone)s)::date = %(day)s
           AND at BETWEEN %(day)s::date - 1 AND %(day)s::date + 2) opened
 GROUP BY by_id
"""


def count_reading(*, now: datetime) -> int:
    """Count every ended day that is not counted yet; return the number of unusual officers' days."""
    today = local_day(now, settings.TIME_ZONE)
    days = [today - timedelta(days=number) for number in range(MOST_DAYS, 0, -1)]
    return sum(_count_day(day) for day in days)


@transaction.atomic
def _count_day(day: date) -> int:
    counted = set(ReadingDay.objects.filter(day=day).values_list("officer_id", flat=True))
    rows = fetch_rows(
        COUNT,
        day=day,
        zone=settings.TIME_ZONE,
        night_from=NIGHT_FROM,
        night_until=NIGHT_UNTIL,
    )
    new = [
        _reading_day(officer_id, day, people, at_night)
        for officer_id, people, at_night in rows
        if officer_id not in counted
    ]
    ReadingDay.objects.bulk_create(new, ignore_conflicts=True)
    return sum(row.is_unusual for row in new)


def _reading_day(officer_id: int, day: date, people: int, at_night: int) -> ReadingDay:
    earlier = ReadingDay.objects.filter(
        officer=officer_id, day__lt=day, day__gte=day - EARLIER_DAYS
    )
    counts = list(earlier.values_list("people", flat=True))
    usual = int(median(counts)) if counts else None
    is_much = people > max(MANY_PEOPLE, TIMES_THE_USUAL * (usual or 0))
    return ReadingDay(
        officer_id=officer_id,
        day=day,
        people=people,
        people_at_night=at_night,
        usual=usual,
        is_unusual=is_much or at_night >= MANY_AT_NIGHT,
    )


def mark_reviewed(*, day_ids: Iterable[int], by: User, now: datetime) -> int:
    """Record that unusual days were examined; return how many."""
    rows = ReadingDay.objects.filter(pk__in=day_ids, is_unusual=True, reviewed_at__isnull=True)
    return rows.update(reviewed_at=now, reviewed_by=by)
