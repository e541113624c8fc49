"""Reports in the admin site."""

import csv
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec

from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from booking.selectors import day_list
from core import clock
from core.errors import NotAllowed
from counters.views.access import GATE, Desk, officer_view
from counters.views.paper import asked_day
from offices.models import Office, Role
from offices.selectors import offices_for
from reports import highlights
from reports.columns import FIGURES, PUBLIC, DailyLoad
from reports.forms import PeriodForm, usual_span
from reports.paper import draw_day_list
from reports.selectors import daily_load, totals

READERS: Final = (Role.SUPERVISOR, Role.REGIONAL, Role.NATIONAL)
# A spreadsheet takes what begins so for a formula.
FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r")
P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, list[Office], P], HttpResponse]


def for_readers(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Give the view the offices whose reports this person may read; nobody else gets in."""

    @login_required(login_url="admin:login")
    @wraps(view)
    def inner(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        user: Any = request.user
        offices = list(offices_for(user, roles=READERS, now=clock.now()).order_by("name"))
        if not offices:
            raise NotAllowed
        return view(request, offices, *args, **kwargs)

    return inner  # type: ignore[return-value]


@require_safe
@for_readers
def daily_load_page(request: HttpRequest, offices: list[Office]) -> HttpResponse:
    """Show an office's days: chart, what stands out, table; or the same as CSV."""
    now = clock.now()
    form = _form(request, offices)
    is_valid = form.is_valid()
    office = form.chosen
    loads: list[DailyLoad] = []
    if is_valid:
        loads = daily_load(office, form.cleaned_data["first"], form.cleaned_data["last"], now)
        if request.GET.get("format") == "csv":
            return csv_answer(office, loads)
    context = {
        **admin.site.each_context(request),
        "title": _("Beban harian"),
        "form": form,
        "office": office,
        "has_choice": len(offices) > 1,
        "loads": loads,
        "table": _table(loads),
        "highlights": highlights.of(loads),
        "load": {"chart": highlights.chart(loads)},
        "now": now,
        "query": request.GET.urlencode(),
    }
    return render(request, "reports/daily_load.html", context)


@require_safe
@officer_view(acts=GATE)
def paper_list(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Draw a day's list as it stands now."""
    day = asked_day(request, desk)
    content = draw_day_list(desk.office, day, day_list(desk.office, day), now=desk.now)
    answer = HttpResponse(content, content_type="application/pdf")
    name = f"daftar-{desk.office.code}-{day:%Y-%m-%d}.pdf"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer


def _form(request: HttpRequest, offices: list[Office]) -> PeriodForm:
    """Fill in what is not asked for: the first office, two weeks until today."""
    data = request.GET.dict()
    known = {office.code: office for office in offices}
    office = known.get(data.setdefault("office", offices[0].code), offices[0])
    first, last = usual_span(office.local_day(clock.now()))
    data.setdefault("first", first.isoformat())
    data.setdefault("last", last.isoformat())
    return PeriodForm(data, offices=offices)


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
    """Return the rows as a file: the columns of the API, an empty cell where there is no source yet."""
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    name = f"beban-harian-{office.code}"
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    writer = csv.writer(answer)
    writer.writerow(PUBLIC)
    for load in loads:
        writer.writerow(map(safe_cell, load.as_dict().values()))
    return answer


def safe_cell(value: Any) -> Any:
    """Return a value that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value.startswith(FORMULA_SIGNS):
        return f"'{value}"
    return "" if value is None else value
