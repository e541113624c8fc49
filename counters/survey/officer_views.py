"""The supervisor's screen of satisfaction."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from core.formats import month_year
from counters.survey.elements import ELEMENTS
from counters.survey.selectors import Satisfaction, satisfaction_by_month
from offices.officer import OfficerContext, officer_view, show
from offices.permissions import Right

DAYS = 365


@officer_view(reads=Right.READ_REPORTS)
def satisfaction(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Show the satisfaction index of the last twelve months, by element."""
    first, office = officer.day - dt.timedelta(days=DAYS), officer.office
    rows = satisfaction_by_month([office], first, officer.day)[office.pk]
    context = {
        "title": _("Survei kepuasan"),
        "rows": rows,
        "chart": _chart(rows),
        "elements": _elements(rows),
    }
    return show(request, officer, "counters/survey/satisfaction.html", context)


def _chart(rows: Sequence[Satisfaction]) -> dict[str, Any] | None:
    known = [row for row in rows if row.index is not None]
    if not known:
        return None
    return {
        "labels": [month_year(row.month) for row in known],
        "series": [
            {
                "name": _("indeks"),
                "values": [round(row.index or 0) for row in known],
                "css": "c1",
            }
        ],
        "label": _("Indeks kepuasan per bulan"),
    }


def _elements(rows: Sequence[Satisfaction]) -> list[tuple[Any, float]]:
    """Return each element with its mean in the latest month that has an index, lowest first."""
    latest = next((row for row in reversed(rows) if row.index is not None), None)
    if latest is None:
        return []
    means = [(ELEMENTS[name][0], mean) for name, mean in latest.means.items()]
    return sorted(means, key=lambda pair: pair[1])
