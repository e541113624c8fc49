"""A forecast as sentences, weeks, a chart and a table."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.formats import date_short, day_month, number
from reports.forecast.models import DemandDay, ForecastScore, Measure
from reports.forecast.selectors import DayForecast, PeakWeek

WEEK: Final = dt.timedelta(days=7)


@dataclass(frozen=True)
class Week:
    """Means of a week's working days, in people or places a day; None where unknown."""

    monday: dt.date
    actual: float | None
    expected: float | None
    planned: float | None


def _monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def weeks_of(
    past: Sequence[DemandDay], coming: Sequence[DayForecast], planned: Mapping[dt.date, int]
) -> list[Week]:
    """Return past and coming weeks in order; the week of today has both."""
    mondays = sorted({_monday(row.day) for row in past} | {_monday(row.day) for row in coming})
    return [
        Week(
            monday=monday,
            actual=_mean([row.demand for row in past if _monday(row.day) == monday]),
            expected=_mean([row.demand for row in coming if _monday(row.day) == monday]),
            planned=_mean([places for day, places in planned.items() if _monday(day) == monday]),
        )
        for monday in mondays
    ]


def chart(weeks: Sequence[Week]) -> dict[str, Any]:
    """Return the data of the bar chart: one group a week."""
    return {
        "labels": [f"{week.monday.day}/{week.monday.month}" for week in weeks],
        "plan": [week.planned for week in weeks],
        "series": [
            {
                "values": [None if week.actual is None else round(week.actual) for week in weeks],
                "css": "c3",
            },
            {
                "values": [
                    None if week.expected is None else round(week.expected) for week in weeks
                ],
                "css": "c1",
            },
        ],
        "label": _("Permintaan per hari kerja, rata-rata tiap minggu, dan kuota"),
    }


def peak_sentences(peaks: Sequence[PeakWeek], planned: Mapping[dt.date, int]) -> Iterator[str]:
    """Say when a coming week is a peak: how far ahead, how much, and what the quota offers."""
    for peak in peaks:
        when = (
            ngettext("%(n)s minggu lagi", "%(n)s minggu lagi", peak.weeks_ahead)
            % {"n": number(peak.weeks_ahead)}
            if peak.weeks_ahead
            else _("minggu ini")
        )
        text = _(
            "Puncak mulai %(day)s (%(when)s): rata-rata %(mean)s orang per hari, %(percent)s persen di atas biasanya; tertinggi %(top)s pada %(top_day)s."
        ) % {
            "day": day_month(peak.monday),
            "when": when,
            "mean": number(peak.mean),
            "percent": number((peak.factor - 1) * 100),
            "top": number(peak.highest),
            "top_day": date_short(peak.highest_on),
        }
        places = planned.get(peak.highest_on)
        if places is not None and places < peak.highest:
            short = _("Kuota hari itu %(places)s.") % {"places": number(places)}
            text = f"{text} {short}"
        yield text


def short_days(days: Sequence[DayForecast], planned: Mapping[dt.date, int]) -> str:
    """Say on how many coming days more people are expected than the quota has places; "" for none."""
    rows = [row for row in days if planned.get(row.day, 0) < row.demand and row.day in planned]
    if not rows:
        return ""
    missing = sum(row.demand - planned[row.day] for row in rows)
    return ngettext(
        "Pada %(days)s hari kuota lebih kecil daripada prakiraan permintaan; seluruhnya kurang %(missing)s tempat.",
        "Pada %(days)s hari kuota lebih kecil daripada prakiraan permintaan; seluruhnya kurang %(missing)s tempat.",
        len(rows),
    ) % {"days": number(len(rows)), "missing": number(missing)}


def quality(score: ForecastScore) -> str:
    """Say how good the forecast of a measure was in the back-test."""
    if score.error is None or score.naive_error is None or score.coverage is None:
        return _(
            "Belum cukup data untuk menguji prakiraan ini; yang ditampilkan adalah nilai minggu terakhir."
        )
    values = {
        "error": number(score.error, 1),
        "naive": number(score.naive_error, 1),
        "coverage": number(score.coverage * 100),
        "folds": number(score.folds),
    }
    if score.is_naive:
        return (
            _(
                "Prakiraan sederhana dari data lama ditampilkan, karena model lain tidak lebih baik: galat rata-rata %(naive)s orang per hari dalam %(folds)s uji mundur; %(coverage)s persen hari berada dalam rentang."
            )
            % values
        )
    return (
        _(
            "Galat rata-rata %(error)s orang per hari dalam %(folds)s uji mundur; prakiraan sederhana dari data lama %(naive)s. %(coverage)s persen hari berada dalam rentang."
        )
        % values
    )


def qualities(scores: Mapping[str, ForecastScore]) -> list[tuple[Any, str]]:
    """Return each measure's name with the sentence about its quality."""
    return [(measure.label, quality(scores[measure])) for measure in Measure if measure in scores]


def rows_of(days: Sequence[DayForecast], planned: Mapping[dt.date, int]) -> list[dict[str, Any]]:
    """Return the rows of the table: the forecast of each day beside its quota."""
    return [
        {
            "day": row.day,
            "demand": row.demand,
            "low": row.low,
            "high": row.high,
            "planned": planned.get(row.day),
            "is_short": row.day in planned and planned[row.day] < row.demand,
            "no_shows": row.no_shows,
            "walk_ins": row.walk_ins,
        }
        for row in days
    ]


def hours_of(days: Sequence[DayForecast]) -> list[tuple[str, float]]:
    """Return the mean demand of each hour over the coming five working days."""
    near = days[:5]
    hours = sorted({hour for row in near for hour in row.hours})
    return [(hour, sum(row.hours.get(hour, 0) for row in near) / len(near)) for hour in hours]
