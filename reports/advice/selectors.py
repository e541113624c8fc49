"""Reading a coming week for the advice, and what happened in the weeks of accepted advice."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import Count, F, Max, OuterRef, Q, Subquery

from booking.bookings.models import Booking
from core.dates import monday_of
from core.db import shared_read
from counters.visits import counting
from offices.directory.models import Office
from offices.promises import SHARE_IN_TIME
from quotas.capacity.office_days import OfficeDay
from quotas.capacity.selectors import office_days
from reports.advice.models import AcceptedAdvice
from reports.advice.rule import Advice, advise
from reports.forecast.models import DemandDay
from reports.forecast.selectors import forecast_for
from reports.load.models import LoadRow
from reports.promises.figures import Kept
from reports.promises.selectors import kept_by_week
from reports.simulation.days import ONLINE, SimulationDay
from reports.simulation.selectors import read_open_days

LOOKED_BACK: Final = timedelta(weeks=8)
ONE_DAY: Final = timedelta(days=1)
A_WEEK: Final = timedelta(weeks=1)
WEEKS_SHOWN: Final = 8
# What bookings say about a group's share of the demand changes slowly.
SHARE_KEPT: Final = 30


@dataclass(frozen=True)
class Week:
    """A week that is advised: its open days, the group whose quota it is, and the advice."""

    monday: date
    group: int
    days: Mapping[date, SimulationDay]
    advice: Advice


@dataclass(frozen=True)
class Compared:
    """An accepted advice beside what happened. Each value is None until it is known."""

    accepted: AcceptedAdvice
    planned: int | None  # online places of the day with most of them
    demand: int | None  # online places wanted on the busiest day, all groups
    kept: Kept | None
    is_over: bool

    @property
    def rate(self) -> float | None:
        """The share of visits within two hours, or None."""
        return None if self.kept is None else self.kept.rate

    @property
    def is_broken(self) -> bool:
        """True if fewer were in time than promised."""
        return self.rate is not None and self.rate < SHARE_IN_TIME


def next_week(today: date) -> date:
    """Return the Monday after a day."""
    return monday_of(today) + A_WEEK


def expected_demand(
    office: Office, first: date, last: date, *, group: int, today: date
) -> dict[date, float]:
    """Return the online places wanted of a group on each day: the forecast, by the group's share.

    Empty without a forecast.
    """
    days = forecast_for(office, first, last)
    share = _share_of(office, group, today=today) if days else 0.0
    return {row.day: row.demand * share for row in days}


@shared_read(times=SHARE_KEPT, has_text=False)
def _share_of(office: Office, group: int, *, today: date) -> float:
    """Return the share of a group in the online bookings of the last eight weeks; all without any."""
    rows = Booking.objects.filter(
        counting.BOOKED,
        slot__office=office,
        slot__day__range=(today - LOOKED_BACK, today - ONE_DAY),
    )
    counts = rows.aggregate(all=Count("pk"), own=Count("pk", filter=Q(slot__group=group)))
    return float(counts["own"] / counts["all"]) if counts["all"] else 1.0


def read_week(office: Office, monday: date, *, now: datetime) -> Week | None:
    """Return the week of a Monday with its advice, or None.

    None for a week without an open day, or without online places.
    """
    last, today = monday + A_WEEK - ONE_DAY, office.local_day(now)
    planned = [row for row in office_days(office, first=monday, last=last) if row.cuts]
    days = read_open_days(office, planned, now=now)
    if not days:
        return None
    group = next(iter(days.values())).group
    demand = expected_demand(office, monday, last, group=group, today=today)
    advice = advise(days, demand, _places_at_desk(planned[-1]))
    return None if advice is None else Week(monday, group, days, advice)


def _places_at_desk(planned: OfficeDay) -> Mapping[str, int]:
    """Return the places a day of each lane that is not online."""
    places: dict[str, int] = defaultdict(int)
    for row in planned.slots:
        if row.lane != ONLINE:
            places[row.lane] += row.places
    return places


def accepted_weeks(office: Office, *, now: datetime) -> list[Compared]:
    """Return the latest accepted advice, newest first, each beside what happened in its week."""
    today = office.local_day(now)
    rows = list(_with_actual(AcceptedAdvice.objects.filter(office=office))[:WEEKS_SHOWN])
    over = [row.monday for row in rows if row.monday + A_WEEK <= today]
    kept = _kept(office, over, now=now) if over else {}
    return [
        Compared(
            accepted=row,
            planned=row.actual_planned if row.monday in over else None,
            demand=row.actual_demand if row.monday in over else None,
            kept=kept.get(row.monday) if row.monday in over else None,
            is_over=row.monday in over,
        )
        for row in rows
    ]


def _with_actual(rows: Any) -> Any:
    """Add the most places and the greatest demand of a day of each week."""
    demand = DemandDay.objects.filter(
        office=OuterRef("office"),
        day__gte=OuterRef("monday"),
        day__lt=OuterRef("monday") + A_WEEK,
    )
    loads = LoadRow.objects.filter(
        office=OuterRef("office"),
        span=LoadRow.Span.DAY,
        dimension=LoadRow.Dimension.TOTAL,
        starts_on__gte=OuterRef("monday"),
        starts_on__lt=OuterRef("monday") + A_WEEK,
    )
    return rows.annotate(
        actual_demand=_greatest(demand, F("booked") + F("refused")),
        actual_planned=_greatest(loads, F("planned")),
    ).order_by("-monday", "group")


def _greatest(rows: Any, value: Any) -> Subquery:
    grouped = rows.order_by().values("office").annotate(greatest=Max(value))
    return Subquery(grouped.values("greatest"))


def _kept(office: Office, mondays: Iterable[date], *, now: datetime) -> Mapping[date, Kept]:
    first, last = min(mondays), max(mondays) + A_WEEK - ONE_DAY
    return kept_by_week(office, first, last, now=now)
