"""The daily load as a report: rows by time, place or kind, with totals and comparisons."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import connections
from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.applications.models import PassportApplication
from booking.bookings.models import DisplacedBooking, Displacement
from core.dates import monday_of
from core.formats import NBSP, date_brief, date_span, day_long, month_year
from core.languages import localized
from core.replica import database_for_reads, may_lag
from offices.directory.models import Counter, Hall, Lane, Office, ServiceGroup, ServiceType
from reports.load import periods
from reports.load.columns import COLUMNS, Column, Figures
from reports.load.models import SUMS, LoadRow
from reports.load.periods import Period
from reports.tables.definition import Table, TableColumn, TableRow

TOTAL: Final = LoadRow.Dimension.TOTAL
# How the rows of a report may be formed, and the heading of its first column.
BY: Final[Mapping[str, Any]] = {
    "day": gettext_lazy("Hari"),
    "week": gettext_lazy("Minggu"),
    "month": gettext_lazy("Bulan"),
    "office": gettext_lazy("Kantor"),
    "hour": gettext_lazy("Jam"),
    "lane": gettext_lazy("Jalur"),
    "service": gettext_lazy("Layanan"),
    "group": gettext_lazy("Kelompok"),
    "hall": gettext_lazy("Ruang layanan"),
    "counter": gettext_lazy("Loket"),
    "purpose": gettext_lazy("Tujuan perjalanan"),
}
BY_TIME: Final = ("day", "week", "month")
# Of rows by time or office the stored rows are totals; their key comes from the row itself.
KEYS: Final[Mapping[str, str]] = {
    "day": "r.starts_on::text",
    "week": "date_trunc('week', r.starts_on)::date::text",
    "month": "date_trunc('month', r.starts_on)::date::text",
    "office": "r.office_id::text",
}
ROWS, SUM, BEFORE, YEAR, ISLAMIC = "rows", "sum", "before", "year", "islamic"

# OFFSET 0 keeps the parts apart, so that each is read by the index; joined, the whole table is read.
_SOURCE: Final = """
  FROM (VALUES %(pieces)s) AS p(name, dimension, span, first, last)
 CROSS JOIN LATERAL (
   SELECT * FROM reports_loadrow r
    WHERE r.dimension = p.dimension AND r.span = p.span
      AND r.starts_on BETWEEN p.first AND p.last AND r.office_id = ANY(%%s)
   OFFSET 0) r
"""
_KEY: Final = "CASE WHEN p.name = 'rows' THEN %(key)s ELSE '' END AS row_key"
FIGURES: Final = """
SELECT p.name, %(key)s, r.office_id, r.computed_at, r.backlog, r.waits, r.lengths, %(sums)s
%(source)s
 ORDER BY r.starts_on
"""
CLOSED: Final = """
SELECT %(key)s, r.closed_code, r.closed_name, r.closed_name_en, count(*)
%(source)s
 WHERE r.closed_code <> ''
 GROUP BY 1, 2, 3, 4
"""


@dataclass(frozen=True)
class Question:
    """What a report is about: offices by name, a period, and how its rows are formed."""

    offices: tuple[Office, ...]
    period: Period
    by: str
    now: datetime

    @property
    def today(self) -> date:
        return min(office.local_day(self.now) for office in self.offices)

    @property
    def dimension(self) -> str:
        """The dimension of the stored rows."""
        return TOTAL if self.by in KEYS else self.by


@dataclass
class Report:
    """The figures of each row by its key, of the whole period, and of the periods before."""

    question: Question
    rows: dict[str, Figures]
    labels: dict[str, str]
    total: Figures
    compared: list[tuple[str, Period, Figures]] = field(default_factory=list)
    computed_at: datetime | None = None

    @property
    def has_figures(self) -> bool:
        return self.computed_at is not None

    @property
    def columns(self) -> list[Column]:
        """The columns that have a value in some row; a counter has no planned places."""
        everything = (
            [*self.rows.values(), self.total] if self.question.by in KEYS else [*self.rows.values()]
        )
        return [
            column
            for column in COLUMNS
            if any(column.value(row) not in (None, "") for row in everything)
        ]


@may_lag
def report_of(question: Question) -> Report:
    """Return the report. Reads stored rows, each once, in a fixed number of queries."""
    compared = _compared(question.period)
    spans = {name: period for name, _label, period in compared}
    pieces = [*_pieces(question, ROWS, question.period, question.dimension)]
    if question.dimension != TOTAL:
        spans[SUM] = question.period
    for name, period in spans.items():
        pieces += _pieces(question, name, period, TOTAL)
    figures, computed_at = _read(question, pieces)
    _add_reasons(question, figures)
    rows = {key: row for (name, key), row in figures.items() if name == ROWS}
    labels = labels_of(question, rows)
    return Report(
        question=question,
        rows={key: rows.get(key, Figures()) for key in labels},
        labels=labels,
        total=figures.get((SUM, ""), Figures()),
        compared=[
            (label, period, figures[name, ""])
            for name, label, period in compared
            if (name, "") in figures
        ],
        computed_at=computed_at,
    )


def _compared(period: Period) -> list[tuple[str, str, Period]]:
    return [
        (BEFORE, _("Periode sebelumnya"), periods.previous(period)),
        (YEAR, _("Musim yang sama, tahun lalu"), periods.year_before(period)),
        (ISLAMIC, _("Musim yang sama, tahun Hijriah lalu"), periods.islamic_year_before(period)),
    ]


def _pieces(
    question: Question, name: str, period: Period, dimension: str
) -> Iterator[tuple[str, str, str, date, date]]:
    by_day = name == ROWS and question.by in ("day", "week")
    for piece in periods.pieces(period, today=question.today, by_day=by_day):
        yield name, dimension, str(piece.span), piece.first, piece.last


# --- Reading --------------------------------------------------------------------------------------
Pieces = Sequence[tuple[str, str, str, date, date]]


def _rows_of(statement: str, question: Question, pieces: Pieces) -> list[tuple[Any, ...]]:
    """Run a statement; only the fixed texts above are put into it, values are parameters."""
    source = _SOURCE % {"pieces": ", ".join(["(%s, %s, %s, %s::date, %s::date)"] * len(pieces))}
    text = statement % {
        "key": _KEY % {"key": KEYS.get(question.by, "r.key")},
        "source": source,
        "sums": ", ".join(f"r.{name}" for name in SUMS),
    }
    values = [value for piece in pieces for value in piece]
    with connections[database_for_reads()].cursor() as cursor:
        cursor.execute(text, [*values, [office.pk for office in question.offices]])
        return list(cursor.fetchall())


def _read(
    question: Question, pieces: Pieces
) -> tuple[dict[tuple[str, str], Figures], datetime | None]:
    """Return the sums of the stored rows by name and key, and when the oldest row of the period was computed.

    Rows by time or office are totals, so their sum is that of the period too.
    """
    figures: dict[tuple[str, str], Figures] = defaultdict(Figures)
    backlogs: dict[tuple[str, str, int], int] = {}
    computed = []
    for name, key, office, at, backlog, waits, lengths, *sums in _rows_of(
        FIGURES, question, pieces
    ):
        places = [(name, key)]
        if name == ROWS and question.dimension == TOTAL:
            places.append((SUM, ""))
        for place in places:
            figures[place].add(dict(zip(SUMS, sums, strict=True)), waits, lengths)
            if backlog is not None:
                backlogs[*place, office] = backlog  # the rows come in the order of their days
        if (SUM, "") in places:
            computed.append(at)
    for (name, key, _office), backlog in backlogs.items():
        figures[name, key].backlog = (figures[name, key].backlog or 0) + backlog
    return dict(figures), min(computed, default=None)


def _add_reasons(question: Question, figures: Mapping[tuple[str, str], Figures]) -> None:
    """Add why days were closed and why people were moved, to rows by time or office and to the total."""
    if question.by not in KEYS:
        return
    piece = (ROWS, str(TOTAL), str(LoadRow.Span.DAY), question.period.first, question.period.last)
    closed: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for key, code, name, name_en, n in _rows_of(CLOSED, question, [piece]):
        text = _closed_text(code, {"name": name, "name_en": name_en})
        if code != "not_working" or question.by == "day":
            closed[key][text] += n
    moved = _moved_reasons(question)
    for (name, key), row in figures.items():
        if name == ROWS:
            row.closed, row.moved_reasons = _listed(closed[key]), _listed(moved[key])


def _closed_text(code: str, names: Mapping[str, str]) -> str:
    if names["name"]:
        return localized(names)
    texts = {
        "not_working": _("Bukan hari kerja"),
        "no_quota": _("Tidak ada kuota"),
        "no_release": _("Tidak ada aturan pembukaan"),
        "holiday": _("Hari libur"),
    }
    return texts.get(code, _("Tutup"))


def _moved_reasons(question: Question) -> dict[str, dict[str, int]]:
    slot = "place_from__slot"
    rows = DisplacedBooking.objects.filter(
        **{
            f"{slot}__office__in": question.offices,
            f"{slot}__day__range": (question.period.first, question.period.last),
        }
    )
    closure = "displacement__closure__reason"
    columns = (f"{slot}__office", f"{slot}__day", "displacement__cause", closure, f"{closure}_en")
    reasons: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for office, day, cause, name, name_en, n in rows.values_list(*columns).annotate(n=Count("pk")):
        text = localized({"name": name, "name_en": name_en}) if name else ""
        reasons[_time_key(question.by, office, day)][
            text or str(Displacement.Cause(cause).label)
        ] += n
    return reasons


def _time_key(by: str, office: int, day: date) -> str:
    if by == "office":
        return str(office)
    starts = {"week": monday_of(day), "month": day.replace(day=1)}
    return starts.get(by, day).isoformat()


def _listed(counts: Mapping[str, int]) -> str:
    """Return texts with their counts, the most frequent first: `Listrik padam (2), Maulid Nabi`."""
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{text}{NBSP}({n})" if n > 1 else text for text, n in ordered)


# --- Labels ---------------------------------------------------------------------------------------
def labels_of(question: Question, rows: Iterable[str]) -> dict[str, str]:
    """Return the label of each row's key, in the order of the rows."""
    by = question.by
    if by in BY_TIME:
        return {
            day.isoformat(): _time_label(question, day)
            for day in periods.buckets(question.period, by)
        }
    if by == "office":
        return {str(office.pk): office.name for office in question.offices}
    names = _names(question)
    known = {key: names.get(key, key) for key in rows}
    if by == "hour":
        known = {key: f"{key}.00–{int(key) + 1:02d}.00" for key in known}
    return dict(sorted(known.items(), key=lambda pair: _order(names, pair[0])))


def _order(names: Mapping[str, str], key: str) -> tuple[int, str]:
    """Named keys in the order of their names' mapping, others after them."""
    return (list(names).index(key) if key in names else len(names), key)


def _names(question: Question) -> dict[str, str]:
    """Return the name of each value of a dimension, in the order in which rows are shown."""
    by, offices = question.by, question.offices
    if by == "lane":
        return {row.pk: str(row) for row in Lane.objects.all()}
    if by == "service":
        return {row.code: localized(row) for row in ServiceType.objects.order_by("pk")}
    if by == "group":
        return {str(row.pk): localized(row) for row in ServiceGroup.objects.order_by("pk")}
    if by == "purpose":
        named = {str(value): str(label) for value, label in PassportApplication.Purpose.choices}
        return named | {"": _("tidak dicatat")}
    if by == "hall":
        halls = Hall.objects.filter(office__in=offices).select_related("office")
        ordered = halls.order_by("office__name", "floor", "code")
        return {str(row.pk): _placed(row.label, row.office, offices) for row in ordered}
    if by == "counter":
        counters = Counter.objects.filter(hall__office__in=offices).select_related("hall__office")
        ordered_counters = counters.order_by("hall__office__name", "hall__floor", "number")
        return {str(row.pk): _counter_name(row, offices) for row in ordered_counters}
    return {}


def _counter_name(counter: Counter, offices: Sequence[Office]) -> str:
    name = f"{counter.number}, {counter.hall.label}"
    return _placed(name, counter.hall.office, offices)


def _placed(name: str, office: Office, offices: Sequence[Office]) -> str:
    return name if len(offices) == 1 else f"{name}, {office.name}"


def _time_label(question: Question, day: date) -> str:
    this_year = question.today.year
    if question.by == "month":
        return month_year(day)
    if question.by == "week":
        last = min(day + timedelta(days=6), question.period.last)
        first = max(day, question.period.first)
        return span_text(Period(first, last), this_year)
    return date_brief(day) if day.year == this_year else f"{date_brief(day)} {day.year}"


def span_text(period: Period, this_year: int) -> str:
    """Return a period as text, with its years if one is not this year."""
    if period.first.year == period.last.year == this_year:
        return date_span(period.first, period.last)
    if period.first == period.last:
        return day_long(period.first)
    return f"{day_long(period.first)} – {day_long(period.last)}"


# --- The table ------------------------------------------------------------------------------------
def table_of(report: Report) -> Table:
    """Return the report as the table that page, CSV, XLSX and PDF show."""
    question, columns = report.question, report.columns
    shown = [TableColumn(question.by, BY[question.by])]
    shown += [
        TableColumn(column.name, column.label, column.kind, column.unit) for column in columns
    ]
    totals = [(_("Jumlah"), report.total)]
    totals += [
        (f"{label}: {span_text(period, question.today.year)}", figures)
        for label, period, figures in report.compared
    ]
    return Table(
        title=_("Beban harian, %(offices)s") % {"offices": offices_text(question.offices)},
        name=f"beban-harian-{question.offices[0].code}-{question.period.first}-{question.period.last}",
        columns=shown,
        rows=[
            TableRow([label, *(column.value(report.rows[key]) for column in columns)], key)
            for key, label in report.labels.items()
        ],
        totals=[
            TableRow([label, *(column.value(figures) for column in columns)])
            for label, figures in totals
        ],
        notes=[span_text(question.period, question.today.year)],
    )


def offices_text(offices: Sequence[Office]) -> str:
    """Return the names of up to three offices, or their number."""
    if len(offices) <= 3:
        return ", ".join(office.name for office in offices)
    return _("%(n)d kantor") % {"n": len(offices)}
