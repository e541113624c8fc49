"""Highlights of a period as sentences, and its chart."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.formats import date_short, number, weekday_short
from offices.promises import SHARE_IN_TIME
from reports.load.columns import DailyLoad

LOW_LOAD: Final = 0.5


def of(loads: Sequence[DailyLoad]) -> list[str]:
    """Return the most important findings as sentences."""
    return [*_broken_promises(loads), *_spare(loads), *_no_shows(loads), *_full_days(loads)]


def _broken_promises(loads: Sequence[DailyLoad]) -> Iterator[str]:
    for load in loads:
        if load.within_two_hours is not None and load.within_two_hours < SHARE_IN_TIME:
            yield _(
                "%(day)s melanggar janji dua jam: %(percent)s persen kunjungan selesai tepat waktu, di bawah 95."
            ) % {"day": date_short(load.date), "percent": number(load.within_two_hours * 100, 1)}


def _spare(loads: Sequence[DailyLoad]) -> Iterator[str]:
    """Return a sentence about spare capacity on days with low load."""
    low = [load for load in loads if _is_low(load)]
    if low:
        spare = sum(load.spare or 0 for load in low)
        released = sum(load.released or 0 for load in low)
        yield ngettext(
            "Kapasitas luang pada %(days)s hari: %(spare)s dari %(released)s tempat tidak terpakai.",
            "Kapasitas luang pada %(days)s hari: %(spare)s dari %(released)s tempat tidak terpakai.",
            len(low),
        ) % {"days": number(len(low)), "spare": number(spare), "released": number(released)}


def _is_low(load: DailyLoad) -> bool:
    return bool(
        load.released and load.arrived is not None and load.arrived < load.released * LOW_LOAD
    )


def _no_shows(loads: Sequence[DailyLoad]) -> Iterator[str]:
    booked = sum(load.booked or 0 for load in loads if load.no_show is not None)
    missed = sum(load.no_show or 0 for load in loads)
    if missed:
        yield _("%(missed)s dari %(booked)s yang memesan tidak hadir.") % {
            "missed": number(missed),
            "booked": number(booked),
        }


def _full_days(loads: Sequence[DailyLoad]) -> Iterator[str]:
    full = [load for load in loads if load.released and load.booked == load.released]
    if full:
        yield ngettext(
            "Kuota habis pada %(days)s hari.", "Kuota habis pada %(days)s hari.", len(full)
        ) % {"days": number(len(full))}


def chart(loads: Sequence[DailyLoad]) -> dict[str, Any]:
    """Return the bar chart's data: plan in the background, booked and arrived next to each other."""
    return {
        "labels": [f"{weekday_short(load.date)} {load.date.day}" for load in loads],
        "plan": [load.planned for load in loads],
        "series": [
            {"name": _("dipesan"), "values": [load.booked for load in loads], "css": "c3"},
            {"name": _("tiba"), "values": [load.came for load in loads], "css": "c1"},
        ],
        "label": _described(loads),
    }


def _described(loads: Sequence[DailyLoad]) -> str:
    """Describe the chart in words."""
    return _("Rencana %(planned)s; dipesan %(booked)s; tiba dengan dan tanpa jadwal %(came)s") % {
        "planned": _range([load.planned for load in loads]),
        "booked": _range([load.booked for load in loads]),
        "came": _range([load.came for load in loads]),
    }


def _range(values: Sequence[int | None]) -> str:
    known = [value for value in values if value is not None]
    if not known:
        return "–"
    low, high = number(min(known)), number(max(known))
    return low if low == high else _("%(low)s sampai %(high)s") % {"low": low, "high": high}
