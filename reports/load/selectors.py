"""The daily load of offices by day, for the API; and which days must be computed again."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db.models import Min

from booking.bookings.models import BookingEvent
from core.replica import may_lag
from counters.visits.models import VisitEvent
from offices.directory.models import Office
from quotas.places.models import Slot
from reports.load.columns import COLUMNS, FIGURES, Figures
from reports.load.models import SUMS, LoadRow
from reports.load.rollups import compute

# Rows that change no more by themselves: the corrections of later days are written by the tasks.
SETTLED_AFTER: Final = dt.timedelta(days=2)


@dataclass(frozen=True)
class DailyLoad:
    """One office's day. `within_two_hours` is a share from 0 to 1; None means not known yet.

    planned          places of the policy, in lanes that are booked online
    released         of those, released by the end of the day and not withdrawn
    booked           bookings of that day's places, without desk lanes
    arrived          of those, how many came
    served           visits finished, in every lane
    no_show          bookings without a visit
    walk_in, priority  bookings made at the desk, by lane
    wait_*           whole minutes from arrival to the first call
    visit_*          whole minutes from arrival to leaving
    within_two_hours share of the visits that ended with an answer within two hours, of these and those
                     without an answer after two hours
    overtime_minutes over all counters, from closing time to the last recorded act
    outage_minutes   over devices that were out of order, in opening hours without the breaks
    backlog          visits unfinished at closing time plus passports past due then
    official_guests  of the priority lane, official guests admitted or moved by a supervisor
    accelerated      first visits in the accelerated lane, booked online or at the desk
    screened         people checked at the gate by the protocol of the day
    referred         of those, over the temperature limit
    sent_home        of those, sent home by the task force; their bookings moved to a later day
    unserved_late    people who waited more than two hours and were not served
    """

    office: str
    date: dt.date
    figures: Figures

    def __getattr__(self, name: str) -> Any:
        for column in FIGURES:
            if column.name == name:
                return column.rounded(self.figures)
        raise AttributeError(name)

    def as_dict(self) -> dict[str, Any]:
        """Return the public columns, in order."""
        values = {column.name: column.rounded(self.figures) for column in FIGURES}
        return {"office": self.office, "date": self.date, **values}


@may_lag
def daily_load(
    office: Office | Sequence[Office], first: date, last: date, now: datetime
) -> list[DailyLoad]:
    """Return the load of each office and day from `first` to `last`, both included, by day, then office.

    Settled days are read as they are stored; the others are computed from events.
    """
    offices = {row.pk: row for row in ([office] if isinstance(office, Office) else office)}
    if not offices or last < first:
        return []
    rows = _settled(list(offices.values()), first, last, now)
    rows += _computed(list(offices.values()), first, last, now, have={*map(_key, rows)})
    loads = [DailyLoad(offices[row.office_id].code, row.starts_on, figures_of(row)) for row in rows]
    return sorted(loads, key=lambda load: (load.date, load.office))


def _settled(offices: Sequence[Office], first: date, last: date, now: datetime) -> list[LoadRow]:
    """Return the stored rows of days that were computed after they had ended, two days ago or earlier."""
    zones = {office.pk: office for office in offices}
    rows = LoadRow.objects.filter(
        dimension=LoadRow.Dimension.TOTAL,
        span=LoadRow.Span.DAY,
        office__in=offices,
        starts_on__range=(first, min(last, _settled_until(offices, now))),
    )
    return [row for row in rows if zones[row.office_id].local_day(row.computed_at) > row.starts_on]


def _settled_until(offices: Sequence[Office], now: datetime) -> date:
    return min(office.local_day(now) for office in offices) - SETTLED_AFTER


def _computed(
    offices: Sequence[Office],
    first: date,
    last: date,
    now: datetime,
    *,
    have: set[tuple[int, date]],
) -> list[LoadRow]:
    """Compute what is not stored: the latest days of all offices, earlier ones of the offices that lack them."""
    days = [first + dt.timedelta(days=step) for step in range((last - first).days + 1)]
    until = _settled_until(offices, now)
    gaps = {
        office: missing
        for office in offices
        if (missing := [day for day in days if day <= until and (office.pk, day) not in have])
    }
    latest = [day for day in days if day > until]
    earlier = sorted(day for missing in gaps.values() for day in missing)
    spans: list[tuple[Sequence[Office], list[date]]] = [(offices, latest), (list(gaps), earlier)]
    if len(gaps) == len(offices):
        spans = [(offices, earlier + latest)]
    return [
        row
        for some, span in spans
        if span
        for row in compute(some, span[0], span[-1], now)
        if row.dimension == LoadRow.Dimension.TOTAL and _key(row) not in have
    ]


def _key(row: LoadRow) -> tuple[int, date]:
    return row.office_id, row.starts_on


def figures_of(row: LoadRow) -> Figures:
    """Return the figures of one stored or computed row."""
    return Figures(
        sums={name: getattr(row, name) for name in SUMS},
        waits=row.waits,
        lengths=row.lengths,
        backlog=row.backlog,
    )


def totals(loads: Iterable[DailyLoad]) -> dict[str, Any]:
    """Return the total of each column over several days; None where no day has a value.

    The backlog is the last one; waits and lengths are those of all visits together.
    """
    total = Figures()
    for load in loads:
        figures = load.figures
        total.add(figures.sums, figures.waits, figures.lengths)
        total.backlog = total.backlog if figures.backlog is None else figures.backlog
    return {column.name: column.rounded(total) for column in COLUMNS}


# --- What must be computed again ------------------------------------------------------------------
def touched_days(*, since: datetime, now: datetime) -> dict[int, set[date]]:
    """Return the days of each office of which a booking or visit changed since a moment."""
    days: dict[int, set[date]] = defaultdict(set)
    bookings = BookingEvent.objects.filter(at__gte=since, at__lte=now)
    for path in ("booking__slot", "place_from__slot", "place_to__slot"):
        rows = bookings.filter(**{f"{path}__isnull": False})
        for office, day in rows.values_list(f"{path}__office", f"{path}__day").distinct():
            days[office].add(day)
    visits = VisitEvent.objects.filter(at__gte=since, at__lte=now)
    for office, day in visits.values_list("visit__office", "visit__day").distinct():
        days[office].add(day)
    return days


def missing_days(office: Office, *, before: date) -> list[date]:
    """Return the days since the office's first slot that have no rows, or rows from before they ended."""
    first = Slot.objects.filter(office=office).aggregate(first=Min("day"))["first"]
    if first is None:
        return []
    stored = LoadRow.objects.filter(
        office=office, dimension=LoadRow.Dimension.TOTAL, span=LoadRow.Span.DAY
    ).values_list("starts_on", "computed_at")
    settled = {day for day, computed_at in stored if office.local_day(computed_at) > day}
    days = (first + dt.timedelta(days=step) for step in range((before - first).days))
    return [day for day in days if day not in settled]
