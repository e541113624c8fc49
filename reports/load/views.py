"""Screens of the daily load."""

import csv
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from core.errors import InvalidInput
from offices.directory.models import Office
from offices.officer import OfficerContext, officer_view, show
from offices.permissions import Right
from reports.load import highlights
from reports.load.columns import PUBLIC, Column
from reports.load.forms import LONGEST_DAYS, ReportForm, usual_span
from reports.load.people import LISTED, Cell, address_of, people_in
from reports.load.people import table_of as people_table
from reports.load.periods import Period
from reports.load.report import Question, Report, report_of, table_of
from reports.load.selectors import DailyLoad, daily_load
from reports.tables.definition import Table
from reports.tables.files import ANSWERS, file_answer, safe_cell

PAGE_SIZE: Final = 50


@officer_view(reads=Right.READ_REPORTS)
def daily_load_page(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Show the report as chart, highlights and table, or send it as a file."""
    form = _form(request, officer)
    report = table = None
    style = request.GET.get("format", "")
    if form.is_valid():
        question = _question(form, officer)
        if style == "csv":
            return _api_csv(question)
        report = report_of(question)
        table = table_of(report)
        if style in ANSWERS:
            return file_answer(table, style)
    context = {
        "title": _("Beban harian"),
        "form": form,
        "office": officer.office,
        "has_choice": bool(officer.others),
        "report": report,
        "shown": _shown(report, table) if report and table else None,
        "table": table,
        "now": officer.now,
        "query": _query(form),
    }
    return show(request, officer, "reports/load/daily_load.html", context)


def _form(request: HttpRequest, officer: OfficerContext) -> ReportForm:
    """Return the form; defaults are the officer's office, two weeks until today, and days."""
    data = QueryDict(mutable=True)
    data.update(usual_span(officer.day) | {"by": "day"})
    for name in ("first", "last", "by"):
        if name in request.GET:
            data[name] = request.GET[name]
    data.setlist("offices", request.GET.getlist("offices") or [officer.office.code])
    return ReportForm(data, offices=[officer.office, *officer.others])


def _question(form: ReportForm, officer: OfficerContext) -> Question:
    values = form.cleaned_data
    period = Period(values["first"], values["last"])
    return Question(form.chosen, period, values["by"], officer.now)


def _query(form: ReportForm) -> str:
    """Return the form's values, for links to files and to the people whom a number counts."""
    assert isinstance(form.data, QueryDict)
    values = [(name, form.data[name]) for name in ("first", "last", "by")]
    return urlencode([*values, *(("offices", code) for code in form.data.getlist("offices"))])


def _shown(report: Report, table: Table) -> dict[str, Any]:
    """Return what the template shows: the table's cells with links, highlights and chart."""
    columns: Sequence[Column] = report.columns
    return {
        "rows": [_cells(table, columns, row) for row in table.rows],
        "totals": [
            _cells(table, columns, row) | {"is_sum": number == 0}
            for number, row in enumerate(table.totals)
        ],
        "highlights": highlights.of(report),
        "chart": highlights.chart(report),
    }


def _cells(table: Table, columns: Sequence[Column], row: Any) -> dict[str, Any]:
    head, *values = zip(table.columns, row.values, strict=True)
    return {
        "key": row.key,
        "label": head[1],
        "cells": [
            {
                "name": column.name,
                "text": shown.text(value),
                "is_text": shown.kind.value == "text",
                "is_bad": column.breaks_promise(value),
                "is_listed": column.name in LISTED and bool(value),
            }
            for column, (shown, value) in zip(columns, values, strict=True)
        ],
    }


# --- The people whom a number counts ---------------------------------------------------------------
@officer_view(reads=Right.READ_REPORTS)
def people_page(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """List the visits or bookings that a number counts, or send the list as a file."""
    form = _form(request, officer)
    if not form.is_valid():
        raise InvalidInput(fields={name: list(errors) for name, errors in form.errors.items()})
    cell = Cell(_question(form, officer), request.GET.get("figure", ""), request.GET.get("key"))
    rows = people_in(cell)
    style = request.GET.get("format", "")
    if style in ANSWERS and style != "pdf":
        return file_answer(people_table(cell, rows), style)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    table = people_table(cell, rows[max(page.start_index() - 1, 0) : page.end_index()])
    context = {
        "title": table.title,
        "table": table,
        "rows": [
            {
                "address": address_of(cell, row.key),
                "cells": [
                    {"text": column.text(value), "is_text": column.kind.value == "text"}
                    for column, value in zip(table.columns, row.values, strict=True)
                ],
            }
            for row in table.rows
        ],
        "page": page,
        "query": _people_query(form, cell),
        "back": f"{reverse('reports:daily_load')}?{_query(form)}",
    }
    return show(request, officer, "reports/load/people.html", context)


def _people_query(form: ReportForm, cell: Cell) -> str:
    more = {"figure": cell.figure} | ({} if cell.key is None else {"key": cell.key})
    return f"{_query(form)}&{urlencode(more)}"


# --- The file with the API's columns ---------------------------------------------------------------
def _api_csv(question: Question) -> HttpResponse:
    if question.period.days > LONGEST_DAYS:
        raise InvalidInput(
            fields={
                "last": [_("Paling panjang 92 hari sekaligus. Pilih rentang yang lebih pendek.")]
            }
        )
    period = question.period
    loads = daily_load(question.offices, period.first, period.last, question.now)
    return csv_answer(question.offices[0], loads)


def csv_answer(office: Office, loads: Sequence[DailyLoad]) -> HttpResponse:
    """Return the rows as CSV with the columns of the API, for programs; unknown values are empty."""
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="beban-harian-{office.code}.csv"'
    writer = csv.writer(answer)
    writer.writerow(PUBLIC)
    for load in loads:
        writer.writerow(map(safe_cell, load.as_dict().values()))
    return answer
