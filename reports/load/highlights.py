"""Highlights of a report as sentences, and its chart."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.formats import number
from offices.promises import SHARE_IN_TIME
from reports.load.columns import COLUMNS, Figures
from reports.load.report import Report

LOW_LOAD: Final = 0.5
MOST_BARS: Final = 31
MOST_NAMED: Final = 3
_IN_TIME: Final = next(column for column in COLUMNS if column.name == "within_two_hours")
Named = tuple[str, Figures]


def of(report: Report) -> list[str]:
    """Return the most important findings as sentences; about days only where rows are days."""
    rows = [(report.labels[key], row) for key, row in report.rows.items()]
    sentences = [*_broken_promises(rows)]
    if report.question.by == "day" and len(report.question.offices) == 1:
        sentences += [*_spare(rows), *_full_days(rows)]
    return [*sentences, *_no_shows(report.total)]


def _broken_promises(rows: Sequence[Named]) -> Iterator[str]:
    """Name the rows that broke the promise, the worst first."""
    shares = [(share, name) for name, row in rows if (share := _IN_TIME.value(row)) is not None]
    broken = sorted(pair for pair in shares if pair[0] < SHARE_IN_TIME)
    for share, name in broken[:MOST_NAMED]:
        yield _(
            "%(day)s melanggar janji dua jam: %(percent)s persen kunjungan selesai tepat waktu, di bawah 95."
        ) % {"day": name, "percent": number(share * 100, 1)}
    if len(broken) > MOST_NAMED:
        rest = len(broken) - MOST_NAMED
        yield ngettext(
            "%(n)d baris lagi di bawah 95 persen.", "%(n)d baris lagi di bawah 95 persen.", rest
        ) % {"n": rest}


def _spare(rows: Sequence[Named]) -> Iterator[str]:
    """Return a sentence about spare capacity on days with low load that are over."""
    low = [row for _name, row in rows if _is_low(row)]
    if low:
        spare = sum(row.sums["spare"] or 0 for row in low)
        released = sum(row.sums["released"] or 0 for row in low)
        yield ngettext(
            "Kapasitas luang pada %(days)s hari: %(spare)s dari %(released)s tempat tidak terpakai.",
            "Kapasitas luang pada %(days)s hari: %(spare)s dari %(released)s tempat tidak terpakai.",
            len(low),
        ) % {"days": number(len(low)), "spare": number(spare), "released": number(released)}


def _is_low(row: Figures) -> bool:
    released, arrived = row.sums.get("released"), row.sums.get("arrived")
    is_over = row.sums.get("spare") is not None
    return bool(is_over and released and arrived is not None and arrived < released * LOW_LOAD)


def _no_shows(total: Figures) -> Iterator[str]:
    missed, booked = total.sums.get("no_show"), total.sums.get("booked")
    if missed:
        yield _("%(missed)s dari %(booked)s yang memesan tidak hadir.") % {
            "missed": number(missed),
            "booked": number(booked),
        }


def _full_days(rows: Sequence[Named]) -> Iterator[str]:
    full = [
        row
        for _name, row in rows
        if row.sums.get("released") and row.sums["booked"] == row.sums["released"]
    ]
    if full:
        yield ngettext(
            "Kuota habis pada %(days)s hari.", "Kuota habis pada %(days)s hari.", len(full)
        ) % {"days": number(len(full))}


def came(row: Figures) -> float | None:
    """Return all arrivals: with a booking, in the priority and accelerated lanes, and walk-ins."""
    arrived = row.sums.get("arrived")
    if arrived is None:
        return None
    others = ("walk_in", "priority", "accelerated")
    return arrived + sum(row.sums.get(name) or 0 for name in others)


def chart(report: Report) -> dict[str, Any] | None:
    """Return the bar chart's data: plan in the background, booked and arrived side by side.

    None where a row has no bookings (a counter), or where there are more rows than bars are legible.
    """
    rows = list(report.rows.values())
    has_bookings = any(row.sums.get("booked") is not None for row in rows)
    if not has_bookings or not 1 < len(rows) <= MOST_BARS:
        return None
    planned = [row.sums.get("planned") for row in rows]
    booked = [row.sums.get("booked") for row in rows]
    arrived = [came(row) for row in rows]
    return {
        "labels": [_short(report, key) for key in report.rows],
        "plan": planned,
        "series": [
            {"name": _("dipesan"), "values": booked, "css": "c3"},
            {"name": _("tiba"), "values": arrived, "css": "c1"},
        ],
        "label": _described(planned, booked, arrived),
    }


def _short(report: Report, key: str) -> str:
    """Return a label that fits under a bar."""
    label = report.labels[key].replace("\u00a0", " ")
    if report.question.by == "day":
        return " ".join(label.split()[:2])
    longest = max(4, 100 // max(len(report.rows), 1))
    return label if len(label) <= longest else label[: longest - 1] + "…"


def _described(
    planned: Sequence[float | None], booked: Sequence[float | None], arrived: Sequence[float | None]
) -> str:
    """Describe the chart in words."""
    return _("Rencana %(planned)s; dipesan %(booked)s; tiba dengan dan tanpa jadwal %(came)s") % {
        "planned": _range(planned),
        "booked": _range(booked),
        "came": _range(arrived),
    }


def _range(values: Sequence[float | None]) -> str:
    known = [value for value in values if value is not None]
    if not known:
        return "–"
    low, high = number(min(known)), number(max(known))
    return low if low == high else _("%(low)s sampai %(high)s") % {"low": low, "high": high}
