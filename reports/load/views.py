"""Screens of the daily load."""

import csv
from collections.abc import Sequence
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from offices.directory.models import Office
from offices.officer import OfficerContext, officer_view, show
from offices.permissions import Right
from reports.load import highlights
from reports.load.columns import FIGURES, PUBLIC, DailyLoad
from reports.load.forms import period_form
from reports.load.selectors import daily_load, totals

# Spreadsheets read values with these first characters as formulas.
FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r")


@officer_view(reads=Right.READ_REPORTS)
def daily_load_page(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Show an office's days as chart, highlights and table, or as CSV."""
    office, now = officer.office, officer.now
    form = period_form(request.GET, officer)
    is_valid = form.is_valid()
    loads: list[DailyLoad] = []
    if is_valid:
        loads = daily_load(office, form.cleaned_data["first"], form.cleaned_data["last"], now)
        if request.GET.get("format") == "csv":
            return csv_answer(office, loads)
    context = {
        "title": _("Beban harian"),
        "form": form,
        "office": office,
        "has_choice": bool(officer.others),
        "loads": loads,
        "table": _table(loads),
        "highlights": highlights.of(loads),
        "load": {"chart": highlights.chart(loads)},
        "now": now,
        "query": request.GET.urlencode(),
    }
    return show(request, officer, "reports/load/daily_load.html", context)


def _table(loads: Sequence[DailyLoad]) -> dict[str, Any]:
    """Return the columns, the cells of each day and the totals, for the template."""
    sums = totals(loads)
    rows = [
        (
            load,
            [
                (column, value, column.breaks_promise(value))
                for column in FIGURES
                for value in [getattr(load, column.name)]
            ],
        )
        for load in loads
    ]
    return {
        "columns": FIGURES,
        "rows": rows,
        "totals": [(column, sums[column.name]) for column in FIGURES],
    }


def csv_answer(office: Office, loads: Sequence[DailyLoad]) -> HttpResponse:
    """Return the rows as CSV with the columns of the API; unknown values are empty."""
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    name = f"beban-harian-{office.code}"
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    writer = csv.writer(answer)
    writer.writerow(PUBLIC)
    for load in loads:
        writer.writerow(map(safe_cell, load.as_dict().values()))
    return answer


def safe_cell(value: Any) -> Any:
    """Return the value, escaped so that spreadsheets do not read it as a formula."""
    if isinstance(value, str) and value.startswith(FORMULA_SIGNS):
        return f"'{value}"
    return "" if value is None else value
