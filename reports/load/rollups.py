"""Computing rows of the daily load from events. Reads, but writes nothing."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from counters.visits.counting import online_lanes, planned_places
from offices.directory.models import Office
from offices.directory.selectors import PairHalls
from quotas.plan.days import plan_day
from quotas.plan.rows import OfficeRules
from quotas.policies.selectors import rules_of_offices
from reports.load import facts
from reports.load.columns import added
from reports.load.models import SUMS, LoadRow

_D = LoadRow.Dimension
_PLACES: Final = frozenset({_D.TOTAL, _D.HOUR, _D.LANE, _D.GROUP, _D.HALL})
_BOOKINGS: Final = _PLACES | {_D.SERVICE, _D.PURPOSE}
_VISITS: Final = _BOOKINGS | {_D.COUNTER}
_OFFICE: Final = frozenset({_D.TOTAL})
# The dimensions in which a figure exists.
DIMENSIONS_OF: Final[Mapping[str, frozenset[str]]] = {
    "planned": _PLACES,
    "released": _PLACES,
    "booked": _BOOKINGS,
    "arrived": _BOOKINGS,
    "served": _VISITS,
    "in_time": _VISITS,
    "no_show": _BOOKINGS,
    "spare": frozenset({_D.TOTAL, _D.LANE, _D.GROUP, _D.HALL}),
    "walk_in": _BOOKINGS,
    "priority": _BOOKINGS,
    "accelerated": _BOOKINGS,
    "unserved_late": _VISITS,
    "moved": _PLACES,
    "overtime_minutes": frozenset({_D.TOTAL, _D.HALL, _D.COUNTER}),
    "outage_minutes": _OFFICE,
    "backlog": _OFFICE,
    "official_guests": _OFFICE,
    "screened": _OFFICE,
    "referred": _OFFICE,
    "sent_home": _OFFICE,
}
# Figures that exist before the day begins, and those that exist only after it has closed.
AHEAD: Final = frozenset({"planned", "released", "booked", "moved"})
AFTERWARDS: Final = frozenset({"spare", "overtime_minutes", "backlog"})
Key = tuple[int, date, str, str]


@dataclass
class _Cell:
    sums: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    waits: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    lengths: dict[int, int] = field(default_factory=lambda: defaultdict(int))


class _Cells:
    """The cells of some days. `add` puts a figure into every dimension in which it exists."""

    def __init__(self, offices: Sequence[Office], days: Iterable[tuple[int, date]]) -> None:
        self.zones = {office.pk: office.zone for office in offices}
        self.halls = PairHalls(offices)
        self.halls_of_counters = facts.halls_by_counter(offices)
        self.cells: dict[Key, _Cell] = defaultdict(_Cell)
        for office, day in days:
            self.cells[office, day, _D.TOTAL, ""] = _Cell()

    def add(self, figure: str, office: int, day: date, n: float, **values: Any) -> None:
        """Add `n`; `values` are the keys of the dimensions, `at` is a time of which the hour counts."""
        for dimension, key in self._keys(office, day, figure, values):
            self.cells[office, day, dimension, key].sums[figure] += n

    def add_minutes(self, fact: facts.VisitFact, values: Mapping[str, Any]) -> None:
        """Count how long a visit waited and took."""
        for dimension, key in self._keys(fact.office_id, fact.day, "served", values):
            cell = self.cells[fact.office_id, fact.day, dimension, key]
            if fact.wait is not None:
                cell.waits[fact.wait] += 1
            if fact.length is not None:
                cell.lengths[fact.length] += 1

    def _keys(
        self, office: int, day: date, figure: str, values: Mapping[str, Any]
    ) -> Iterator[tuple[str, str]]:
        for dimension in DIMENSIONS_OF[figure]:
            if dimension == _D.TOTAL:
                yield dimension, ""
            elif dimension == _D.HOUR and values.get("at") is not None:
                yield dimension, f"{values['at'].astimezone(self.zones[office]):%H}"
            elif dimension == _D.HALL:
                hall = values.get("hall") or self.halls.on(
                    office, values.get("lane", ""), values.get("group", 0), day
                )
                if hall:
                    yield dimension, str(hall)
            elif values.get(dimension) is not None:
                yield dimension, str(values[dimension])


def compute(offices: Sequence[Office], first: date, last: date, now: datetime) -> list[LoadRow]:
    """Return the rows of each office's days from `first` to `last`, both included, unsaved.

    The number of queries depends neither on the days nor on the offices.
    """
    if not offices or last < first:
        return []
    days = facts.read_days(offices, first, last, now)
    rules = rules_of_offices(offices, first=first, last=last)
    cells = _Cells(offices, days)
    _add_places(cells, offices, days, rules, first, last)
    _add_bookings(cells, offices, first, last)
    unfinished = _add_visits(cells, offices, days, first, last, now)
    rows = [_row(key, cell, days[key[:2]], now) for key, cell in cells.cells.items()]
    for row in rows:
        if row.dimension == _D.TOTAL:
            fact = days[row.office_id, row.starts_on]
            _add_office_figures(row, fact, unfinished[row.office_id, row.starts_on], now)
            _add_reason(row, rules[row.office_id])
    return rows


def _add_places(
    cells: _Cells,
    offices: Sequence[Office],
    days: Mapping[tuple[int, date], facts.DayFact],
    rules: Mapping[int, OfficeRules],
    first: date,
    last: date,
) -> None:
    online = online_lanes()
    for office, day in days:
        for slot in planned_places(rules[office], day, online):
            values = {"lane": slot.lane, "group": slot.group, "at": slot.starts_at}
            cells.add("planned", office, day, slot.places, **values)
    for figure, rows in (
        ("released", facts.read_released(offices, dict(days), first, last)),
        ("moved", facts.read_moved(offices, first, last)),
    ):
        for office, day, lane, group, starts_at, n in rows:
            cells.add(figure, office, day, n, lane=lane, group=group, at=starts_at)


def _add_bookings(cells: _Cells, offices: Sequence[Office], first: date, last: date) -> None:
    for fact in facts.read_bookings(offices, first, last):
        values = _values(fact) | {"lane": fact.lane, "at": fact.at}
        for figure in fact.counts:
            cells.add(figure, fact.office_id, fact.day, 1, **values)


def _values(fact: facts.PersonFact) -> dict[str, Any]:
    return {"group": fact.group, "service": fact.service, "purpose": fact.purpose}


def _add_visits(
    cells: _Cells,
    offices: Sequence[Office],
    days: Mapping[tuple[int, date], facts.DayFact],
    first: date,
    last: date,
    now: datetime,
) -> Mapping[tuple[int, date], int]:
    """Add the visits; return how many were unfinished at the closing of each day."""
    unfinished: dict[tuple[int, date], int] = defaultdict(int)
    for fact in facts.read_visits(offices, first, last, now):
        office, day = fact.office_id, fact.day
        closes_at = days[office, day].closes_at
        unfinished[office, day] += fact.arrived_at <= closes_at and (
            fact.ended_at is None or fact.ended_at > closes_at
        )
        here = _values(fact) | {"hall": fact.hall, "counter": fact.counter, "lane": fact.lane}
        for figure in fact.counts:
            values = here | {"at": fact.at}
            if figure in ("arrived", "accelerated"):
                values = here | {"at": fact.arrived_at}
            if figure == "arrived":
                values["lane"] = fact.online_lane
            cells.add(figure, office, day, 1, **values)
        cells.add_minutes(fact, here | {"at": fact.arrived_at})
    for (office, day), fact_of_day in days.items():
        for counter, minutes in fact_of_day.overtime.items():
            hall = cells.halls_of_counters.get(int(counter))
            cells.add("overtime_minutes", office, day, minutes, counter=counter, hall=hall)
    return unfinished


def _row(key: Key, cell: _Cell, day: facts.DayFact, now: datetime) -> LoadRow:
    office, starts_on, dimension, name = key
    row = LoadRow(
        office_id=office,
        span=LoadRow.Span.DAY,
        starts_on=starts_on,
        dimension=dimension,
        key=name,
        waits=_dense(cell.waits),
        lengths=_dense(cell.lengths),
        computed_at=now,
    )
    for figure in SUMS:
        if dimension in DIMENSIONS_OF[figure] and _exists(figure, day, now):
            value = cell.sums.get(figure, 0)
            setattr(row, figure, _stored(value) if figure.endswith("_minutes") else int(value))
    if row.released is not None and row.spare is not None:
        row.spare = max(0, row.released - (row.arrived or 0))
    return row


def _stored(minutes: float) -> float:
    """Return minutes as they are stored, not as the database's numbers: both kinds of rows are added up."""
    return round(float(minutes), 3)


def _exists(figure: str, day: facts.DayFact, now: datetime) -> bool:
    if figure in AHEAD:
        return True
    return day.has_closed(now) if figure in AFTERWARDS else day.has_begun(now)


def _dense(counts: Mapping[int, int]) -> list[int]:
    return [counts.get(minute, 0) for minute in range(max(counts, default=-1) + 1)]


def _add_office_figures(row: LoadRow, day: facts.DayFact, unfinished: int, now: datetime) -> None:
    """Fill what an office's day has once, and no value of a dimension has."""
    if day.has_begun(now):
        row.official_guests = day.official_guests
        row.screened, row.referred = day.screened, day.referred
        row.sent_home = day.sent_home
        row.outage_minutes = _stored(day.outage_minutes)
    if day.has_closed(now):
        row.backlog = unfinished + day.owed


def _add_reason(row: LoadRow, rules: OfficeRules) -> None:
    plan = plan_day(rules, row.starts_on)
    if plan.lanes:
        return
    reasons = [plan.reason, *(why for _lane, _group, why in plan.refusals)]
    reason = next((why for why in reasons if why is not None), None)
    if reason is not None:
        row.closed_code = reason.code
        row.closed_name, row.closed_name_en = reason.name[:160], reason.name_en[:160]


# --- Months ---------------------------------------------------------------------------------------
def month_rows(days: Iterable[LoadRow], now: datetime) -> list[LoadRow]:
    """Return the sums of the days of one office's month, unsaved; its backlog is the last day's."""
    sums: dict[tuple[str, str], LoadRow] = {}
    for day in sorted(days, key=lambda row: row.starts_on):
        key = (day.dimension, day.key)
        row = sums.get(key)
        if row is None:
            row = sums[key] = LoadRow(
                office_id=day.office_id,
                span=LoadRow.Span.MONTH,
                starts_on=day.starts_on.replace(day=1),
                dimension=day.dimension,
                key=day.key,
                computed_at=now,
            )
        for figure in SUMS:
            value, more = getattr(row, figure), getattr(day, figure)
            if more is not None:
                setattr(row, figure, more if value is None else value + more)
        row.backlog = row.backlog if day.backlog is None else day.backlog
        row.waits = added(row.waits, day.waits)
        row.lengths = added(row.lengths, day.lengths)
    return list(sums.values())


def month_ends(first: date, last: date) -> Iterator[tuple[date, date]]:
    """Yield first and last day of each month that overlaps the span."""
    day = first.replace(day=1)
    while day <= last:
        following = (day + timedelta(days=32)).replace(day=1)
        yield day, following - timedelta(days=1)
        day = following
