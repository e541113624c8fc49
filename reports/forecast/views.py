"""The supervisor's screen of the forecast."""

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from offices.officer import OfficerContext, officer_view, show
from offices.permissions import Right
from reports.forecast import presentation
from reports.forecast.backtest import AHEAD
from reports.forecast.models import ForecastRun
from reports.forecast.selectors import (
    WEEKS_BEFORE,
    days_of,
    latest_run,
    past_demand,
    peak_weeks,
    planned_on,
    scores_of,
    usual_demand,
)


@officer_view(reads=Right.READ_REPORTS)
def forecast_page(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Show what is expected of the office in the next eight weeks, and how good such forecasts were."""
    run = latest_run(officer.office, day=officer.day)
    context: dict[str, Any] = {
        "title": _("Prakiraan"),
        "office": officer.office,
        "offices": sorted((officer.office, *officer.others), key=lambda office: office.name),
        "run": run,
    }
    if run is not None:
        context |= _shown(run, officer)
    return show(request, officer, "reports/forecast/forecast.html", context)


def _shown(run: ForecastRun, officer: OfficerContext) -> dict[str, Any]:
    office, today = officer.office, officer.day
    last = today + AHEAD
    days = days_of(run, today, last)
    past = past_demand(office, today - WEEKS_BEFORE, today - dt.timedelta(days=1))
    planned = planned_on(office, today - WEEKS_BEFORE, last)
    peaks = peak_weeks(days, usual=usual_demand(past), today=today)
    weeks = presentation.weeks_of(past, days, planned)
    return {
        "peaks": list(presentation.peak_sentences(peaks, planned)),
        "short": presentation.short_days(days, planned),
        "weeks": weeks,
        "chart": presentation.chart(weeks),
        "rows": presentation.rows_of(days, planned),
        "hours": presentation.hours_of(days),
        "qualities": presentation.qualities(scores_of(run)),
    }
