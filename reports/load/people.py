"""The bookings and visits that a number of the report counts: the same conditions, row by row."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Final

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce, ExtractHour
from django.urls import reverse
from django.utils.translation import gettext as _

from booking.bookings.models import Booking
from core.errors import InvalidInput
from core.formats import NBSP, date_brief, hour
from counters.visits.models import Visit
from offices.directory.models import Office
from offices.directory.selectors import PairHalls
from reports.load import facts
from reports.load.columns import COLUMNS
from reports.load.periods import Period
from reports.load.report import Question, labels_of, offices_text, span_text
from reports.tables.definition import Kind, Table, TableColumn, TableRow

BOOKED: Final = tuple(facts.BOOKINGS)
VISITED: Final = ("arrived", "served", "accelerated", "unserved_late")
# The figures of which the people can be listed.
LISTED: Final = frozenset({*BOOKED, *VISITED})
AT_ARRIVAL: Final = ("arrived", "accelerated")


@dataclass(frozen=True)
class Cell:
    """One number of a report: its figure, and the key of its row; without a key the total."""

    question: Question
    figure: str
    key: str | None = None

    @property
    def is_of_visits(self) -> bool:
        return self.figure in VISITED


def people_in(cell: Cell) -> QuerySet[Any]:
    """Return the visits or bookings that the number counts, in the order of their times.

    Raises InvalidInput for a figure that has none, or a key that no row can have.
    """
    if cell.figure not in LISTED:
        raise InvalidInput(fields={"figure": [_("Angka ini tidak punya daftar orang.")]})
    question = cell.question
    period = _period(cell)
    if cell.is_of_visits:
        conditions = facts.visit_conditions(question.now)
        visits = Visit.objects.filter(
            conditions[cell.figure],
            office__in=question.offices,
            day__range=(period.first, period.last),
        )
        return _in_row(visits, cell).order_by("arrived_at", "pk")
    bookings = Booking.objects.filter(
        facts.BOOKINGS[cell.figure],
        slot__office__in=question.offices,
        slot__day__range=(period.first, period.last),
    )
    return _in_row(bookings, cell).order_by("slot__starts_at", "code")


def _period(cell: Cell) -> Period:
    """Return the period of the row, within that of the report."""
    period, key = cell.question.period, cell.key
    if key is None or cell.question.by not in ("day", "week", "month"):
        return period
    first = _day(key)
    last = {
        "day": first,
        "week": first + timedelta(days=6),
        "month": (first.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1),
    }[cell.question.by]
    if last < period.first or first > period.last:
        raise _no_row()
    return Period(max(first, period.first), min(last, period.last))


def _day(key: str) -> date:
    try:
        return date.fromisoformat(key)
    except ValueError:
        raise _no_row() from None


def _no_row() -> InvalidInput:
    return InvalidInput(fields={"key": [_("Baris ini tidak ada dalam laporan.")]})


def _in_row(rows: QuerySet[Any], cell: Cell) -> QuerySet[Any]:
    """Limit the rows to one value of the report's dimension."""
    by, key = cell.question.by, cell.key
    if key is None or by in ("day", "week", "month"):
        return rows
    if by == "hour":
        return _at_hour(rows, cell, _number(key))
    if by in ("office", "group", "hall", "counter"):
        _number(key)
    path = "booking__" if cell.is_of_visits else ""
    purpose = {f"{path}application__purpose": key}
    simple: Mapping[str, Q] = {
        "office": Q(office=key),
        "lane": Q(**{_lane_path(cell): key}),
        "group": Q(**{"group" if cell.is_of_visits else "slot__group": key}),
        "service": Q(**{f"{path}service_type__code": key}),
        "purpose": Q(**purpose) if key else Q(**{f"{path}application": None}) | Q(**purpose),
        "counter": Q(session__counter=key) if cell.is_of_visits else Q(pk__in=[]),
    }
    return rows.filter(_in_hall(cell, int(key)) if by == "hall" else simple[by])


def _number(key: str) -> int:
    if not (key.isascii() and key.isdecimal() and len(key) < 10):
        raise _no_row()
    return int(key)


def _lane_path(cell: Cell) -> str:
    if not cell.is_of_visits:
        return "slot__lane"
    return "booking__slot__lane" if cell.figure == "arrived" else "lane"


def _in_hall(cell: Cell, hall: int) -> Q:
    """A visit is in the hall of its counter; before it had one, and a booking, in that of its lane and group."""
    condition = Q(pk__in=[])
    group, day = ("group", "day") if cell.is_of_visits else ("slot__group", "slot__day")
    for (office, lane, of_group), first, until in PairHalls(cell.question.offices).spans_of(hall):
        served_here = {"office": office, _lane_path(cell): lane, group: of_group}
        condition |= Q(**served_here, **{f"{day}__gte": first, f"{day}__lt": until})
    if cell.is_of_visits:
        return Q(session__counter__hall=hall) | (Q(session=None) & condition)
    return condition


def _at_hour(rows: QuerySet[Any], cell: Cell, wanted: int) -> QuerySet[Any]:
    at: Any = F("slot__starts_at")
    if cell.is_of_visits:
        at = F("arrived_at") if cell.figure in AT_ARRIVAL else Coalesce("ended_at", "arrived_at")
    condition = Q(pk__in=[])
    zones: dict[tzinfo, list[Office]] = {}
    for office in cell.question.offices:
        zones.setdefault(office.zone, []).append(office)
    for number, (zone, offices) in enumerate(zones.items()):
        rows = rows.alias(**{f"hour_{number}": ExtractHour(at, tzinfo=zone)})
        condition |= Q(**{"office__in": offices, f"hour_{number}": wanted})
    return rows.filter(condition)


# --- The table ------------------------------------------------------------------------------------
def title_of(cell: Cell) -> str:
    """Return what the number is: figure, row, offices and period."""
    column = next(column for column in COLUMNS if column.name == cell.figure)
    parts = [str(column.label)]
    question = cell.question
    if cell.key is not None and question.by not in ("day", "week", "month", "office"):
        parts.append(labels_of(question, [cell.key]).get(cell.key, cell.key))
    offices = question.offices
    if cell.key is not None and question.by == "office":
        offices = tuple(row for row in offices if str(row.pk) == cell.key) or offices
    parts += [offices_text(offices), span_text(_period(cell), question.today.year)]
    return ", ".join(parts)


def table_of(cell: Cell, rows: QuerySet[Any]) -> Table:
    """Return the people as a table; the key of each row is the id of its visit or booking."""
    columns = _visit_columns() if cell.is_of_visits else _booking_columns()
    lines = _visit_rows(rows) if cell.is_of_visits else _booking_rows(rows)
    question = cell.question
    return Table(
        title=title_of(cell),
        name=f"{cell.figure}-{question.period.first}-{question.period.last}",
        columns=columns,
        rows=lines,
    )


def address_of(cell: Cell, key: str) -> str:
    """Return the address of the record of one row."""
    name = "admin:counters_visit_change" if cell.is_of_visits else "admin:booking_booking_change"
    return reverse(name, args=[key])


def _visit_columns() -> Sequence[TableColumn]:
    return (
        TableColumn("number", _("Nomor")),
        TableColumn("office", _("Kantor")),
        TableColumn("day", _("Hari")),
        TableColumn("lane", _("Jalur")),
        TableColumn("service", _("Layanan")),
        TableColumn("counter", _("Loket")),
        TableColumn("arrived", _("Tiba")),
        TableColumn("called", _("Dipanggil")),
        TableColumn("ended", _("Selesai")),
        TableColumn("wait", _("Tunggu"), Kind.COUNT, _("menit")),
        TableColumn("visit", _("Kunjungan"), Kind.COUNT, _("menit")),
        TableColumn("status", _("Status")),
    )


def _visit_rows(rows: QuerySet[Any]) -> Iterator[TableRow]:
    read = rows.select_related(
        "ticket", "office", "lane", "booking__service_type", "session__counter"
    )
    for visit in read.iterator(chunk_size=2_000):
        office = visit.office
        yield TableRow(
            [
                str(visit.ticket) if hasattr(visit, "ticket") else "",
                office.name,
                _dated(visit.day),
                str(visit.lane),
                str(visit.booking.service_type),
                str(visit.session.counter.number) if visit.session else "",
                hour(visit.arrived_at, office),
                hour(visit.first_called_at, office),
                hour(visit.ended_at, office),
                _minutes(visit.clock_from, visit.first_called_at),
                _minutes(visit.clock_from, visit.ended_at),
                str(visit.get_status_display()),
            ],
            str(visit.pk),
        )


def _minutes(start: datetime, end: datetime | None) -> int | None:
    return None if end is None else max(0, int((end - start).total_seconds() // 60))


def _dated(day: date) -> str:
    return f"{date_brief(day)}{NBSP}{day.year}"


def _booking_columns() -> Sequence[TableColumn]:
    return (
        TableColumn("code", _("Kode booking")),
        TableColumn("office", _("Kantor")),
        TableColumn("day", _("Hari")),
        TableColumn("hour", _("Jam")),
        TableColumn("lane", _("Jalur")),
        TableColumn("service", _("Layanan")),
        TableColumn("via", _("Melalui")),
        TableColumn("status", _("Status")),
    )


def _booking_rows(rows: QuerySet[Any]) -> Iterator[TableRow]:
    for booking in rows.select_related("slot__lane", "office", "service_type").iterator(
        chunk_size=2_000
    ):
        yield TableRow(
            [
                booking.code,
                booking.office.name,
                _dated(booking.slot.day),
                hour(booking.slot.starts_at, booking.office),
                str(booking.slot.lane),
                str(booking.service_type),
                str(booking.get_via_display()),
                str(booking.get_status_display()),
            ],
            str(booking.pk),
        )
