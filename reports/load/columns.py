"""The columns of the daily load: name, label, value and format, the same for page, API and files.

To add one: a figure in `models.SUMS` (or a value here), and a line in `COLUMNS`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import zip_longest
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from offices.promises import SHARE_IN_TIME, VISIT_TIME
from reports.tables.definition import Kind

PROMISED_MINUTES: Final = VISIT_TIME // timedelta(minutes=1)
HALF: Final = 0.5
NEARLY_ALL: Final = 0.95


@dataclass
class Figures:
    """The summed figures of one row of the report. A figure that does not exist is None or missing."""

    sums: dict[str, float | None] = field(default_factory=dict)
    waits: Sequence[int] = ()
    lengths: Sequence[int] = ()
    backlog: int | None = None
    closed: str = ""
    moved_reasons: str = ""

    def add(
        self, sums: Mapping[str, float | None], waits: Sequence[int], lengths: Sequence[int]
    ) -> None:
        """Add the figures of another row, except its backlog. One that neither row has stays missing."""
        for name, value in sums.items():
            if value is not None:
                self.sums[name] = (self.sums.get(name) or 0) + value
        self.waits, self.lengths = added(self.waits, waits), added(self.lengths, lengths)


def added(one: Sequence[int], other: Sequence[int]) -> list[int]:
    """Return the sums of two lists of counts by minute, which may differ in length."""
    return [a + b for a, b in zip_longest(one, other, fillvalue=0)]


def percentile(counts: Sequence[int], share: float) -> float | None:
    """Return a percentile of whole minutes; `counts[m]` visits took m minutes.

    Interpolated between two neighbours as PostgreSQL's percentile_cont does. None without visits.
    """
    total = sum(counts)
    if not total:
        return None
    rank = share * (total - 1)
    below = int(rank)
    low, high = _minute_at(counts, below), _minute_at(counts, min(below + 1, total - 1))
    return low + (high - low) * (rank - below)


def _minute_at(counts: Sequence[int], position: int) -> int:
    passed = 0
    for minute, count in enumerate(counts):
        passed += count
        if position < passed:
            return minute
    raise AssertionError("the position lies within the counts")


def _share_in_time(row: Figures) -> float | None:
    """Return how often two hours were kept: `lengths` counts the visits that ended with an answer."""
    in_time = row.sums.get("in_time")
    people = sum(row.lengths) + (row.sums.get("unserved_late") or 0)
    return in_time / people if people and in_time is not None else None


Value = Callable[[Figures], Any]


@dataclass(frozen=True)
class Column:
    """One column. `value` reads the exact value; `is_public` columns are in the API."""

    name: str
    label: Any
    kind: Kind = Kind.COUNT
    unit: Any = ""
    value_of: Value | None = None
    is_public: bool = True
    is_broken: Callable[[Any], bool] | None = None

    def value(self, row: Figures) -> Any:
        """Return the exact value of a row, or None."""
        return self.value_of(row) if self.value_of else row.sums.get(self.name)

    def rounded(self, row: Figures) -> Any:
        """Return the value as the API gives it: minutes with one decimal, shares from 0 to 1 with four."""
        value = self.value(row)
        if value is None or self.kind is Kind.TEXT:
            return value
        digits = {Kind.MINUTES: 1, Kind.SHARE: 4}.get(self.kind)
        return round(value) if digits is None else float(round(value, digits))

    def breaks_promise(self, value: Any) -> bool:
        """True if the value is worse than the service promise."""
        return value is not None and self.is_broken is not None and self.is_broken(value)


def _minutes(name: str, label: Any, counts: str, share: float, **rest: Any) -> Column:
    return Column(
        name,
        label,
        Kind.MINUTES,
        unit="p50" if share == HALF else "p95",
        value_of=lambda row: percentile(getattr(row, counts), share),
        **rest,
    )


COLUMNS: Final = (
    Column("planned", _("Rencana")),
    Column("released", pgettext_lazy("laporan", "Dibuka")),
    Column("booked", _("Dipesan")),
    Column("arrived", _("Tiba")),
    Column("served", pgettext_lazy("laporan", "Dilayani")),
    Column("no_show", _("Tidak hadir")),
    Column("spare", _("Luang"), is_public=False),
    Column("walk_in", _("Langsung")),
    Column("priority", _("Prioritas")),
    _minutes("wait_p50", _("Tunggu"), "waits", HALF),
    _minutes("wait_p95", _("Tunggu"), "waits", NEARLY_ALL),
    _minutes("visit_p50", _("Kunjungan"), "lengths", HALF),
    _minutes(
        "visit_p95",
        _("Kunjungan"),
        "lengths",
        NEARLY_ALL,
        is_broken=lambda value: value > PROMISED_MINUTES,
    ),
    Column(
        "within_two_hours",
        _("Dalam 2 jam"),
        Kind.SHARE,
        unit="%",
        value_of=_share_in_time,
        is_broken=lambda value: value < SHARE_IN_TIME,
    ),
    Column("overtime_minutes", _("Lembur"), unit=_("menit")),
    Column("outage_minutes", pgettext_lazy("beban harian", "Rusak"), unit=_("menit")),
    Column("backlog", _("Sisa"), value_of=lambda row: row.backlog),
    Column("official_guests", _("Tamu dinas")),
    Column("accelerated", _("Percepatan")),
    Column("screened", _("Diperiksa")),
    Column("referred", _("Dirujuk ke Satgas")),
    Column("sent_home", _("Dipulangkan")),
    Column("unserved_late", _("Lewat 2 jam, belum dilayani"), is_broken=lambda value: value > 0),
    Column("moved", _("Dipindahkan"), is_public=False),
    Column(
        "moved_reasons",
        _("Sebab dipindahkan"),
        Kind.TEXT,
        value_of=lambda row: row.moved_reasons,
        is_public=False,
    ),
    Column("closed", _("Sebab tutup"), Kind.TEXT, value_of=lambda row: row.closed, is_public=False),
)
# The figures of the API, a public contract; office and date stand before them.
FIGURES: Final = tuple(column for column in COLUMNS if column.is_public)
PUBLIC: Final = ("office", "date", *(column.name for column in FIGURES))
