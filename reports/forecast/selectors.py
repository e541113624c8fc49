"""Reads of demand and forecasts. `forecast_for` is what other features use."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import Count, Subquery
from django.db.models.functions import ExtractHour

from booking.bookings.models import Booking
from core.db import fetch_rows
from counters.visits import counting
from counters.visits.counting import online_lanes, planned_places
from counters.visits.models import Visit
from offices.directory.models import Office
from quotas.policies.selectors import rules_of
from reports.forecast.models import (
    DemandDay,
    ForecastPoint,
    ForecastRun,
    ForecastScore,
    Measure,
)

# Refusals are kept for 30 days; this many are counted again each night.
COUNTED_AGAIN: Final = dt.timedelta(days=28)
# A run older than this says nothing about the coming days any more.
LONGEST_AGE: Final = dt.timedelta(days=14)
PEAK: Final = 1.25  # times the usual demand of the last eight weeks
PEAK_DAYS: Final = 3  # working days of a week
WEEKS_BEFORE: Final = dt.timedelta(days=56)

# The people who were refused because a day was full and have no booking near that day, by day and hour.
REFUSED: Final = """
SELECT day, hour, sum(people)::int FROM (
  SELECT (r.slot_starts_at AT TIME ZONE %(zone)s)::date AS day,
         min(extract(hour FROM r.slot_starts_at AT TIME ZONE %(zone)s))::int AS hour, max(r.size) AS people
    FROM booking_refusal r
   WHERE r.office_id = %(office)s AND r.code = 'full' AND r.account_id IS NOT NULL
     AND r.slot_starts_at >= %(starts)s AND r.slot_starts_at < %(ends)s
     AND NOT EXISTS (SELECT FROM booking_booking b JOIN quotas_slot s ON s.id = b.slot_id
                      WHERE b.account_id = r.account_id AND b.office_id = r.office_id AND b.placed_at >= r.at
                        AND abs(s.day - (r.slot_starts_at AT TIME ZONE %(zone)s)::date) <= 14)
   GROUP BY 1, r.account_id) refused
 GROUP BY 1, 2
"""
# Places that are taken already on coming days: the least possible demand.
TAKEN: Final = """
SELECT s.day, count(*)::int FROM booking_booking b
  JOIN quotas_slot s ON s.id = b.slot_id
  JOIN offices_lane l ON l.code = s.lane_id AND l.booked_at = 'online'
 WHERE b.office_id = %(office)s AND s.day BETWEEN %(first)s AND %(last)s AND b.place_id IS NOT NULL
 GROUP BY 1
"""


@dataclass
class Counted:
    """The counts of one day; `hours`: [booked + refused, walk-ins] by the hour."""

    booked: int = 0
    refused: int = 0
    no_shows: int = 0
    walk_ins: int = 0
    hours: dict[str, list[int]] = field(default_factory=dict)

    def add(
        self, hour: int, *, booked: int = 0, refused: int = 0, no_shows: int = 0, walk_ins: int = 0
    ) -> None:
        """Add the counts of one hour."""
        self.booked += booked
        self.refused += refused
        self.no_shows += no_shows
        self.walk_ins += walk_ins
        demand, direct = self.hours.get(f"{hour:02d}", [0, 0])
        self.hours[f"{hour:02d}"] = [demand + booked + refused, direct + walk_ins]


@dataclass(frozen=True)
class DayForecast:
    """What is expected of a day, in people; four of five days are between `low` and `high`. `hours`: demand by the hour."""

    day: dt.date
    demand: float
    low: int
    high: int
    no_shows: float
    walk_ins: float
    hours: Mapping[str, float]


@dataclass(frozen=True)
class PeakWeek:
    """A coming week with more demand than usual. `factor`: against the last eight weeks."""

    monday: dt.date
    mean: float
    highest: float
    highest_on: dt.date
    factor: float
    weeks_ahead: int


def count_demand(office: Office, first: dt.date, last: dt.date) -> dict[dt.date, Counted]:
    """Return the demand of each day with bookings, visits or refusals, both ends included, oldest first.

    What booked, not come and direct mean: `counters.visits.counting`.
    """
    values: dict[str, Any] = {
        "office": office.pk,
        "zone": office.time_zone,
        "starts": office.at(first, dt.time()),
        "ends": office.at(last + dt.timedelta(days=1), dt.time()),
    }
    span = {"office": office, "day__range": (first, last)}
    bookings = Booking.objects.filter(
        counting.BOOKED, slot__office=office, slot__day__range=(first, last)
    ).annotate(hour=ExtractHour("slot__starts_at", tzinfo=office.zone))
    counted = bookings.values_list("slot__day", "hour").annotate(
        booked=Count("pk"), no_shows=Count("pk", filter=counting.NO_SHOW)
    )
    direct = Visit.objects.filter(counting.DIRECT, **span).annotate(
        hour=ExtractHour("arrived_at", tzinfo=office.zone)
    )
    result: dict[dt.date, Counted] = defaultdict(Counted)
    for day, hour, booked, no_shows in counted.order_by("slot__day", "hour"):
        result[day].add(hour, booked=booked, no_shows=no_shows)
    for day, hour, walk_ins in direct.values_list("day", "hour").annotate(n=Count("pk")):
        result[day].add(hour, walk_ins=walk_ins)
    for day, hour, refused in fetch_rows(REFUSED, **values):
        result[day].add(hour, refused=refused)
    return dict(sorted(result.items()))


def taken_on(office: Office, first: dt.date, last: dt.date) -> dict[dt.date, int]:
    """Return how many online places of each coming day are taken."""
    rows: list[Any] = fetch_rows(TAKEN, office=office.pk, first=first, last=last)
    return dict(rows)


def latest_run(office: Office, *, day: dt.date) -> ForecastRun | None:
    """Return the newest forecast made before a day, unless it is too old."""
    rows = ForecastRun.objects.filter(office=office, known_until__lt=day)
    return rows.filter(known_until__gte=day - LONGEST_AGE).order_by("-known_until").first()


def scores_of(run: ForecastRun) -> dict[str, ForecastScore]:
    """Return the score of each measure."""
    return {row.measure: row for row in run.scores.all()}


def forecast_for(office: Office, first: dt.date, last: dt.date) -> list[DayForecast]:
    """Return the forecast of each working day from `first` to `last`, both included, in one query.

    From the newest run; empty without one, and for days beyond its eight weeks.
    """
    newest = ForecastRun.objects.filter(office=office).order_by("-known_until").values("pk")[:1]
    points = ForecastPoint.objects.filter(run=Subquery(newest), day__range=(first, last))
    return _days(points.select_related("run"))


def days_of(run: ForecastRun, first: dt.date, last: dt.date) -> list[DayForecast]:
    """Return a run's forecast of each working day, in one query."""
    return _days(run.points.filter(day__range=(first, last)))


def _days(rows: Iterable[ForecastPoint]) -> list[DayForecast]:
    """Return the days of a run's points."""
    points: dict[dt.date, dict[str, ForecastPoint]] = {}
    shares: dict[str, float] = {}
    for point in rows:
        points.setdefault(point.day, {})[point.measure] = point
        shares = point.run.hours.get(Measure.DEMAND, {})
    return [
        DayForecast(
            day=day,
            demand=row[Measure.DEMAND].value,
            low=row[Measure.DEMAND].low,
            high=row[Measure.DEMAND].high,
            no_shows=row[Measure.NO_SHOWS].value,
            walk_ins=row[Measure.WALK_INS].value,
            hours={
                hour: row[Measure.DEMAND].value * share for hour, share in sorted(shares.items())
            },
        )
        for day, row in sorted(points.items())
    ]


def past_demand(office: Office, first: dt.date, last: dt.date) -> list[DemandDay]:
    """Return the counted days of a span, oldest first."""
    return list(DemandDay.objects.filter(office=office, day__range=(first, last)).order_by("day"))


def usual_demand(days: Sequence[DemandDay]) -> float | None:
    """Return the mean demand of the given days, or None without any."""
    return sum(row.demand for row in days) / len(days) if days else None


def peak_weeks(
    days: Sequence[DayForecast], *, usual: float | None, today: dt.date
) -> list[PeakWeek]:
    """Return the coming weeks in which the demand of at least three days is more than a quarter above the usual, in order."""
    weeks: dict[dt.date, list[DayForecast]] = {}
    for day in days:
        weeks.setdefault(day.day - dt.timedelta(days=day.day.weekday()), []).append(day)
    result = []
    for monday, rows in weeks.items():
        if not usual or sum(row.demand > PEAK * usual for row in rows) < min(PEAK_DAYS, len(rows)):
            continue
        top = max(rows, key=lambda row: row.demand)
        mean = sum(row.demand for row in rows) / len(rows)
        ahead = max(0, (monday - today).days) // 7
        result.append(PeakWeek(monday, mean, top.demand, top.day, mean / usual, ahead))
    return result


def as_numbers(row: DayForecast) -> dict[str, Any]:
    """Return a day's forecast as JSON values, for the command."""
    return {
        "date": row.day.isoformat(),
        "demand": round(row.demand, 1),
        "low": row.low,
        "high": row.high,
        "no_shows": round(row.no_shows, 1),
        "walk_ins": round(row.walk_ins, 1),
    }


def planned_on(office: Office, first: dt.date, last: dt.date) -> dict[dt.date, int]:
    """Return the online places of each day by the rules in force; days without places are missing."""
    online, rules = online_lanes(), rules_of(office, first=first, last=last)
    days = [first + dt.timedelta(days=step) for step in range((last - first).days + 1)]
    result = {day: sum(row.places for row in planned_places(rules, day, online)) for day in days}
    return {day: places for day, places in result.items() if places}
