"""The report: rows, comparisons, the people whom a number counts, and four forms of one table."""

import csv
import io
import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from booking.closures.services import ClosureData, close_office
from core.formats import number
from offices.staff.models import Role
from reports.load.models import LoadRow
from reports.load.people import LISTED, Cell, people_in
from reports.load.periods import Period
from reports.load.report import BY, Question, report_of, table_of
from reports.load.services import rebuild
from reports.tables.definition import NOTHING, Kind, Table, TableColumn, TableRow
from reports.tables.files import CSV_STYLES, csv_lines, render_pdf, write_xlsx
from tests.builders import NOW, make_office, make_officer
from tests.pdf import text_of_pdf
from tests.remembered import remembered
from tests.reports.load.stories import DAY, Day, make_day
from tests.reports.load.test_rollups import lively_day

pytestmark = pytest.mark.django_db
SPAN = Period(DAY, DAY + timedelta(days=1))


def question(day: Day, by: str = "day", period: Period = SPAN, offices: Any = ()) -> Question:
    now = day.at(23, day=DAY + timedelta(days=1))
    return Question((day.office, *offices), period, by, now)


def fill(day: Day) -> None:
    rebuild(offices=[day.office], first=SPAN.first, last=SPAN.last, now=question(day).now)


@remembered
def counted_day() -> Day:
    made = lively_day()
    fill(made)
    return made


@pytest.fixture
def day() -> Day:
    return counted_day()


def get(client: Client, day: Day, name: str, role: Role = Role.SUPERVISOR, **query: Any) -> Any:
    client.force_login(make_officer(day.office, role))
    span = {"first": SPAN.first.isoformat(), "last": SPAN.last.isoformat()}
    return client.get(reverse(f"reports:{name}"), span | query)


# --- Rows -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("by", list(BY))
def test_every_kind_of_row_counts_the_same_bookings(day: Day, by: str) -> None:
    report = report_of(question(day, by))
    assert report.total.sums["booked"] == 4
    if by != "counter":
        assert sum(row.sums.get("booked") or 0 for row in report.rows.values()) == 4
    assert sum(row.sums.get("served") or 0 for row in report.rows.values()) == 2


def test_two_offices_are_summed(day: Day) -> None:
    other = make_day()
    other.book()
    fill(other)
    report = report_of(question(day, "office", offices=[other.office]))
    assert [row.sums["booked"] for row in report.rows.values()] == [4, 1]
    assert report.total.sums["booked"] == 5
    assert report_of(question(day, "day", offices=[other.office])).total.sums["booked"] == 5


def test_a_period_is_compared_with_the_one_before(day: Day) -> None:
    following = Period(SPAN.first + timedelta(days=7), SPAN.last + timedelta(days=7))
    rebuild(offices=[day.office], first=following.first, last=following.last, now=question(day).now)
    report = report_of(question(day, period=following))
    [(label, period, figures)] = report.compared
    assert (label, period, figures.sums["booked"]) == ("Periode sebelumnya", SPAN, 4)
    assert any("Periode sebelumnya" in row.values[0] for row in table_of(report).totals)


def test_closed_days_and_moved_people_have_their_reasons(day: Day) -> None:
    close_office(
        office_id=day.office.pk,
        data=ClosureData(first_day=DAY, last_day=DAY, reason="=Listrik padam"),
        by=make_officer(day.office, Role.SUPERVISOR),
        now=NOW,
    )
    saturday = DAY + timedelta(days=2)
    rebuild(offices=[day.office], first=DAY, last=saturday, now=question(day).now)
    report = report_of(question(day, period=Period(DAY, saturday)))
    closed = {key: row.closed for key, row in report.rows.items()}
    assert closed[DAY.isoformat()] == "=Listrik padam"
    assert closed[saturday.isoformat()] == "Bukan hari kerja"


def test_a_report_takes_few_queries(day: Day, django_assert_max_num_queries: Any) -> None:
    for by in BY:
        with django_assert_max_num_queries(9):
            table_of(report_of(question(day, by, Period(DAY - timedelta(days=60), DAY))))


@pytest.mark.parametrize("by", list(BY))
def test_a_report_page_takes_at_most_fifteen_queries(
    client: Client, day: Day, by: str, django_assert_max_num_queries: Any
) -> None:
    get(client, day, "daily_load")
    with django_assert_max_num_queries(15):
        page = client.get(
            reverse("reports:daily_load"),
            {"first": SPAN.first.isoformat(), "last": SPAN.last.isoformat(), "by": by},
        )
    assert page.status_code == 200


# --- The people whom a number counts --------------------------------------------------------------
@pytest.mark.parametrize("by", list(BY))
def test_the_list_behind_a_number_has_that_many_people(day: Day, by: str) -> None:
    scope = question(day, by)
    report = report_of(scope)
    compared = 0
    for figure in LISTED:
        for key, row in report.rows.items():
            if row.sums.get(figure) is not None:
                people = people_in(Cell(scope, figure, key))
                assert people.count() == row.sums[figure], (figure, key)
                compared += 1
        assert people_in(Cell(scope, figure)).count() == report.total.sums[figure]
    assert compared > 0


def test_a_number_opens_its_visits_and_a_visit_its_record(client: Client, day: Day) -> None:
    text = get(client, day, "daily_load").content.decode()
    [address] = set(re.findall(r'data-column="served"><a\s+href="([^"]+key=2026-11-26)"', text))
    people = client.get(address.replace("&amp;", "&"))
    assert "2 orang" in people.content.decode()
    record = people.context["rows"][0]["address"]
    assert client.get(record).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        {"figure": "nothing"},
        {"figure": "served", "key": "yesterday"},
        {"figure": "served", "key": "2020-01-01"},
        {"figure": "served", "by": "hall", "key": "x"},
        {"figure": "served", "by": "hour", "key": "9999999999999"},
        {"figure": "served", "last": "2020-01-01"},
    ],
)
def test_a_wrong_number_is_refused(client: Client, day: Day, query: dict[str, str]) -> None:
    assert get(client, day, "daily_load_people", **query).status_code == 400


def test_another_offices_people_are_not_listed(client: Client, day: Day) -> None:
    other = make_office()
    answer = get(client, day, "daily_load_people", figure="served", offices=other.code)
    assert answer.status_code == 400
    answer = get(client, day, "daily_load_people", figure="served", office=other.code)
    assert answer.status_code == 404


# --- One table in four forms ----------------------------------------------------------------------
def cells_of_page(page: Any) -> list[list[str]]:
    shown = page.context["shown"]
    return [
        [str(row["label"]), *(cell["text"] for cell in row["cells"])]
        for row in [*shown["rows"], *shown["totals"]]
    ]


def cells_of_csv(content: bytes, *, decimal: str, separator: str) -> list[list[str]]:
    text = content.decode()
    assert text.startswith("\ufeff")
    _head, *rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=separator)
    return [[_regrouped(cell, decimal) for cell in row] for row in rows]


def _regrouped(cell: str, decimal: str) -> str:
    """Write a plain number as the page does."""
    if not re.fullmatch(rf"\d+({re.escape(decimal)}\d+)?", cell):
        return cell
    digits = len(cell.partition(decimal)[2])
    return number(Decimal(cell.replace(decimal, ".")), digits)


def cells_of_xlsx(content: bytes, columns: int) -> list[list[str]]:
    [sheet] = openpyxl.load_workbook(io.BytesIO(content)).worksheets
    rows = [row for row in sheet.iter_rows() if row[columns - 1].value is not None]
    assert all(cell.data_type in ("s", "n") for row in rows for cell in row)
    return [[_as_excel(cell) for cell in row[:columns]] for row in rows[1:]]


def _as_excel(cell: Any) -> str:
    if cell.data_type == "s":
        return str(cell.value)
    digits = len(cell.number_format.partition(".")[2])
    return number(Decimal(str(cell.value)), digits)


def words(text: str) -> str:
    return re.sub(r"\s+", "", text.replace("\u00a0", " "))


@pytest.mark.parametrize("by", ["day", "lane", "hour", "counter"])
def test_page_and_files_agree_cell_by_cell(client: Client, day: Day, by: str) -> None:
    page = get(client, day, "daily_load", by=by)
    expected = cells_of_page(page)
    files = {style: get(client, day, "daily_load", by=by, format=style) for style in FILES}
    content = {style: b"".join(answer) for style, answer in files.items()}
    columns = len(expected[0])
    assert cells_of_csv(content["csv_id"], decimal=",", separator=";") == expected
    assert cells_of_csv(content["csv_en"], decimal=".", separator=",") == expected
    assert cells_of_xlsx(content["xlsx"], columns) == expected
    pdf = words(text_of_pdf(content["pdf"]))
    for row in expected:
        assert words("".join(row)) in pdf, row


FILES = ("csv_id", "csv_en", "xlsx", "pdf")


def test_the_headings_agree(client: Client, day: Day) -> None:
    table = get(client, day, "daily_load").context["table"]
    headings = [column.heading for column in table.columns]
    text = "".join(csv_lines(table, CSV_STYLES["csv_id"])).removeprefix("\ufeff")
    assert next(csv.reader(io.StringIO(text), delimiter=";")) == headings
    file = io.BytesIO()
    write_xlsx(table, file)
    rows = openpyxl.load_workbook(file).active.iter_rows(values_only=True)
    assert any(list(row) == headings for row in rows)
    assert words(headings[3]) in words(text_of_pdf(render_pdf(table)))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_text_becomes_a_formula(text: str) -> None:
    table = Table(
        title="[Uji]: a/b*c?",
        name="uji",
        columns=[TableColumn("a", "A"), TableColumn("b", "B", Kind.COUNT)],
        rows=[TableRow([text, None])],
    )
    lines = list(
        csv.reader(io.StringIO("".join(csv_lines(table, CSV_STYLES["csv_id"]))), delimiter=";")
    )
    assert lines[-1] == [f"'{text}", NOTHING]
    file = io.BytesIO()
    write_xlsx(table, file)
    cell = next(openpyxl.load_workbook(file).active.iter_rows(min_row=4))[0]
    assert cell.data_type == "s"
    assert str(cell.value).endswith(text.strip())


def test_a_range_without_data_says_so(client: Client, day: Day) -> None:
    answer = get(client, day, "daily_load", first="2020-01-01", last="2020-01-31")
    assert "Belum ada angka untuk rentang ini." in answer.content.decode()
    assert LoadRow.objects.exists()
