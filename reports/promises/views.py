"""The supervisor's page of the two promises."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from core.formats import date_brief, day_month, number
from offices.directory.models import Stage
from offices.officer import OfficerContext, officer_view, show
from offices.permissions import Right
from offices.promises import SHARE_IN_TIME, VISIT_TIME
from reports.load.forms import period_form, usual_span
from reports.promises.figures import Kept, Part, Spread, Work, costliest, total_of
from reports.promises.labels import PARTS, VERDICTS, cause_name
from reports.promises.selectors import (
    BOOK_STEPS,
    STEP_MINUTES,
    VISIT_STEPS,
    Promise,
    officers_work,
    two_hours,
    working_days_kept,
)

USUAL_DAYS: Final = 28
# A longer span is shown by week.
MOST_DAY_ROWS: Final = 31
MINUTES_A_DAY: Final = 24 * 60
PROMISED_STEP: Final = VISIT_TIME // timedelta(minutes=STEP_MINUTES)


@officer_view(reads=Right.READ_REPORTS)
def promises_page(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Show how often the two promises were kept, and where the time went."""
    form = period_form(request.GET, officer, usual=usual_span(officer.day, USUAL_DAYS))
    context: dict[str, Any] = {
        "title": _("Janji layanan"),
        "form": form,
        "office": officer.office,
        "has_choice": bool(officer.others),
        "is_valid": form.is_valid(),
    }
    if context["is_valid"]:
        span = form.cleaned_data["first"], form.cleaned_data["last"]
        visits = two_hours(officer.office, *span, now=officer.now)
        books = working_days_kept(officer.office, *span, now=officer.now)
        context |= {
            "promises": [_visits(visits), _books(books)],
            "rows": _rows(visits, books, *span),
            "is_by_week": _is_by_week(*span),
            "may_read_work": officer.has_right(Right.READ_OFFICERS_WORK),
        }
        if context["may_read_work"]:
            context["work"] = [_work(row) for row in officers_work(officer.office, *span)]
    return show(request, officer, "reports/promises/promises.html", context)


def _visits(promise: Promise) -> dict[str, Any]:
    labels = [str(STEP_MINUTES * (step + 1)) for step in range(VISIT_STEPS - 1)]
    labels.append(f"> {labels[-1]}")
    return _promise(promise) | {
        "code": "visits",
        "labels": labels,
        "chart": _chart(
            promise.spread,
            labels,
            _("Lama kunjungan dalam menit, sampai angka di bawah batang. Garis: dua jam."),
            mark=PROMISED_STEP,
        ),
        "is_in_days": False,
    }


def _books(promise: Promise) -> dict[str, Any]:
    labels = [str(step) for step in range(BOOK_STEPS - 1)]
    labels.append(f"≥ {BOOK_STEPS - 1}")
    return _promise(promise) | {
        "code": "books",
        "labels": labels,
        "chart": _chart(promise.spread, labels, _("Hari kerja dari wawancara sampai paspor siap.")),
        "is_in_days": True,
    }


def _promise(promise: Promise) -> dict[str, Any]:
    steps = zip(promise.spread.in_time, promise.spread.broken, strict=True)
    return {
        "figure": figure(promise.total),
        "parts": [{"name": PARTS[part.code], "part": part} for part in promise.parts],
        "costliest": _named(costliest(promise.parts)),
        "causes": [{"name": cause_name(row), "count": row.count} for row in promise.causes],
        "steps": list(steps),
    }


def figure(kept: Kept) -> dict[str, Any]:
    """Return a figure for a template: its counts, and if its rate is below the promise."""
    return {"kept": kept, "is_bad": kept.rate is not None and kept.rate < SHARE_IN_TIME}


def _named(part: Part | None) -> dict[str, Any] | None:
    if part is None or part.excess is None:
        return None
    return {"name": PARTS[part.code], "minutes": part.excess, "days": part.excess / MINUTES_A_DAY}


def _chart(
    spread: Spread, labels: Sequence[str], label: str, mark: int | None = None
) -> dict[str, Any]:
    counts = [kept + broken for kept, broken in zip(spread.in_time, spread.broken, strict=True)]
    return {
        "labels": labels,
        "series": [{"name": "", "values": counts, "css": "c1"}],
        "label": label,
        "mark": mark,
    }


def _is_by_week(first: date, last: date) -> bool:
    return (last - first).days >= MOST_DAY_ROWS


def _rows(visits: Promise, books: Promise, first: date, last: date) -> list[dict[str, Any]]:
    """Return a row for each day or week that has a figure, with both promises."""
    days = sorted({*visits.days, *books.days})
    is_by_week = _is_by_week(first, last)
    starts: dict[date, list[date]] = {}
    for day in days:
        start = max(first, day - timedelta(days=day.weekday())) if is_by_week else day
        starts.setdefault(start, []).append(day)
    return [
        {
            "day": start,
            "name": _("Mulai %(day)s") % {"day": day_month(start)}
            if is_by_week
            else date_brief(start),
            "visits": figure(_sum(visits.days, own)),
            "books": figure(_sum(books.days, own)),
        }
        for start, own in starts.items()
    ]


def _sum(days: Mapping[date, Kept], own: Sequence[date]) -> Kept:
    return total_of(days[day] for day in own if day in days)


def _work(row: Work) -> dict[str, Any]:
    mix = [
        f"{number(row.by_stage[stage])} {str(Stage(stage).label).lower()}"
        for stage in Stage
        if row.by_stage.get(stage)
    ]
    ratio = row.ratio
    return {
        "row": row,
        "mix": ", ".join(mix),
        "actual_hours": row.actual / 60,
        "expected_hours": row.expected / 60,
        "difference": None if ratio is None else (ratio - 1) * 100,
        "margin": row.margin / row.expected * 100 if ratio is not None else None,
        "verdict": VERDICTS[row.verdict],
    }
