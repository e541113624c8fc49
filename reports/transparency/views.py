"""The public pages of figures, and the open data. The same for every reader, so they are cached."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core import clock
from core.dates import today
from core.errors import InvalidInput
from core.formats import month_year
from core.public_pages import public_page
from offices.directory.models import Office
from offices.directory.selectors import get_office
from reports.transparency import open_data, selectors
from reports.transparency.months import MOST_MONTHS, Month, parse_month
from reports.transparency.open_data import DATA_SETS, Source

SECONDS = 300


@require_safe
@public_page("month", seconds=SECONDS)
def index(request: HttpRequest) -> HttpResponse:
    """Compare the offices in a month, and list the open data."""
    month = _month(request)
    figures = _figures(list(Office.objects.order_by("name")), month)
    context = {
        **_about(month),
        "figures": figures,
        "lotteries": selectors.lotteries_of([one.office for one in figures], month),
        "data_sets": DATA_SETS.values(),
    }
    return render(request, "reports/transparency/index.html", context)


@require_safe
@public_page("month", seconds=SECONDS)
def office(request: HttpRequest, code: str) -> HttpResponse:
    """Show an office's month: days, waits, promises, exceptions, who was served."""
    row, month = get_office(code), _month(request)
    figures = _figures([row], month)[0]
    waits = selectors.waits_by_hour(row, month)
    context = {
        **_about(month),
        "office": row,
        "figures": figures,
        "exceptions": figures.exceptions_by_kind,
        "waits": waits,
        "wait_chart": _wait_chart(waits),
        "people": _people(row, month),
        "lotteries": selectors.lotteries_of([row], month),
    }
    return render(request, "reports/transparency/office.html", context)


@require_safe
@public_page("month", "office", seconds=SECONDS)
def data_csv(request: HttpRequest, name: str) -> HttpResponse:
    """Return a data set as CSV."""
    data, source = _chosen(request, name)
    answer = HttpResponse(open_data.as_csv(data, source), content_type="text/csv; charset=utf-8")
    file = f"{data.name}-{source.month}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{file}"'
    return answer


@require_safe
@public_page("month", "office", seconds=SECONDS)
def data_json(request: HttpRequest, name: str) -> HttpResponse:
    """Return a data set as JSON."""
    return JsonResponse(open_data.as_json(*_chosen(request, name)))


@require_safe
@public_page(seconds=SECONDS)
def dictionary(request: HttpRequest) -> HttpResponse:
    """Return the data dictionary."""
    return JsonResponse(open_data.dictionary(), json_dumps_params={"indent": 1})


def _chosen(request: HttpRequest, name: str) -> tuple[open_data.DataSet, Source]:
    """Return the data set and what its rows are made from. Raises Http404, NotFound, InvalidInput."""
    data = DATA_SETS.get(name)
    if data is None:
        raise Http404
    month, code = _month(request), request.GET.get("office", "")
    offices = [get_office(code)] if code else list(Office.objects.order_by("code"))
    return data, Source(_figures(offices, month), month)


def _figures(offices: list[Office], month: Month) -> list[selectors.MonthFigures]:
    return selectors.month_figures(offices, month, today=today(), now=clock.now())


def _month(request: HttpRequest) -> Month:
    """Return the chosen month, by default the last complete one. Raises InvalidInput."""
    text, day = request.GET.get("month", ""), today()
    if not text:
        return Month.of(day).shifted(-1)
    month = parse_month(text, today=day)
    if month is None:
        oldest = Month.of(day).shifted(-MOST_MONTHS)
        message = _("Pilih bulan dari %(first)s sampai %(last)s.") % {
            "first": month_year(oldest.first),
            "last": month_year(day),
        }
        raise InvalidInput(message, fields={"month": [message]})
    return month


def _about(month: Month) -> dict[str, Any]:
    newest = Month.of(today())
    oldest = newest.shifted(-MOST_MONTHS)
    return {
        "month": month,
        "month_name": month_year(month.first),
        "is_running": month == newest,
        "earlier": month.shifted(-1) if month > oldest else None,
        "later": month.shifted(1) if month < newest else None,
    }


def _wait_chart(waits: list[selectors.Wait]) -> dict[str, Any]:
    return {
        "labels": [f"{wait.hour:02d}" for wait in waits],
        "series": [
            {
                "name": _("menit menunggu"),
                "values": [round(wait.median) for wait in waits],
                "css": "c1",
            }
        ],
        "label": _("Nilai tengah menit menunggu menurut jam kedatangan"),
    }


def _people(row: Office, month: Month) -> list[dict[str, Any]]:
    """Return the breakdowns with the names of their categories, largest first, suppressed last."""
    reasons = selectors.priority_reasons()
    tables = []
    for dimension, counts in selectors.people_by(row, month).items():
        ordered = sorted(
            counts.items(), key=lambda pair: (pair[1] is None, -(pair[1] or 0), pair[0])
        )
        lines = [
            (selectors.category_name(dimension, code, reasons), count) for code, count in ordered
        ]
        tables.append({"name": selectors.DIMENSIONS[dimension], "rows": lines})
    return [table for table in tables if table["rows"]]
