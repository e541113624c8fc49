"""Who can read which report, and errors for wrong queries."""

from typing import Any

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from offices.staff.models import Role
from reports.load.columns import PUBLIC
from reports.load.views import safe_cell
from tests.builders import NOW, make_office, make_officer, make_user
from tests.reports.load.stories import make_day

pytestmark = pytest.mark.django_db
URL = "/api/v1/reports/daily-load/"


@pytest.fixture
def day() -> Any:
    return make_day()


def ask(user: Any, **query: Any) -> Any:
    api = APIClient()
    api.force_authenticate(user)
    return api.get(URL, query)


def test_a_supervisor_reads_their_own_office(day: Any, set_clock: Any) -> None:
    set_clock(NOW)
    answer = ask(
        make_officer(day.office, Role.SUPERVISOR), **{"from": "2026-11-26", "to": "2026-11-27"}
    )
    assert answer.status_code == 200
    rows = answer.json()
    assert [row["date"] for row in rows] == ["2026-11-26", "2026-11-27"]
    assert tuple(rows[0]) == PUBLIC
    assert rows[0]["office"] == day.office.code
    assert rows[0]["outage_minutes"] is None  # a future day


@pytest.mark.parametrize("role", [Role.GATE, Role.COUNTER, Role.PICKUP])
def test_officers_do_not_read_reports(day: Any, role: Any) -> None:
    answer = ask(make_officer(day.office, role))
    assert answer.status_code == 403
    assert answer.json()["code"] == "not_allowed"


def test_an_applicant_does_not_read_reports(day: Any) -> None:
    assert ask(make_user()).status_code == 403


def test_without_a_token_nobody_reads(day: Any) -> None:
    assert APIClient().get(URL).status_code == 401


def test_a_supervisor_cannot_detect_other_offices(day: Any) -> None:
    supervisor = make_officer(day.office, Role.SUPERVISOR)
    other, none = ask(supervisor, office=make_office().code), ask(supervisor, office="tidakada")
    assert other.status_code == none.status_code == 403
    assert other.content == none.content


def test_regional_staff_read_their_region_only(day: Any) -> None:
    elsewhere = make_office(region="lain")
    regional = make_officer(None, Role.REGIONAL, region=day.office.region)
    assert {row["office"] for row in ask(regional).json()} == {day.office.code}
    assert ask(regional, office=elsewhere.code).status_code == 403


def test_national_staff_read_every_office(day: Any) -> None:
    elsewhere = make_office(region="lain")
    rows = ask(make_officer(None, Role.NATIONAL)).json()
    assert {row["office"] for row in rows} == {day.office.code, elsewhere.code}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from": "kemarin"}, "from"),
        ({"from": "2026-13-01"}, "from"),
        ({"to": "2026-02-30"}, "to"),
        ({"from": "2026-11-26", "to": "2026-11-25"}, "to"),
        ({"from": "2026-01-01", "to": "2026-12-31"}, "to"),
        ({"from": "0001-01-01"}, "from"),
        ({"to": "0001-01-02"}, "to"),
        ({"from": "9999-12-31"}, "from"),
        ({"office": "'; DROP TABLE"}, "office"),
    ],
)
def test_a_wrong_query_names_its_field(day: Any, query: Any, field: Any) -> None:
    answer = ask(make_officer(day.office, Role.SUPERVISOR), **query)
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]


def page(client: Any, user: Any, **query: Any) -> Any:
    client.force_login(user)
    return client.get(reverse("reports:daily_load"), query)


def test_the_page_shows_the_day_with_chart_and_table(client: Any, day: Any) -> None:
    day.book()
    answer = page(
        client, make_officer(day.office, Role.SUPERVISOR), first="2026-11-26", last="2026-11-26"
    )
    text = answer.content.decode()
    assert answer.status_code == 200
    assert '<td class="n" data-column="booked">1</td>' in text
    assert '<svg class="chart"' in text


def test_without_a_query_the_page_shows_two_weeks(client: Any, day: Any) -> None:
    answer = page(client, make_officer(day.office, Role.SUPERVISOR))
    assert len(answer.context["loads"]) == 14


def test_low_load_is_shown_as_spare_capacity(client: Any, day: Any, set_clock: Any) -> None:
    set_clock(day.at(16))
    answer = page(
        client, make_officer(day.office, Role.SUPERVISOR), first="2026-11-26", last="2026-11-26"
    )
    assert (
        "Kapasitas luang pada 1 hari: 10 dari 10 tempat tidak terpakai." in answer.content.decode()
    )


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"first": "besok"}, "first"),
        ({"first": "2026-11-26", "last": "2026-11-25"}, "last"),
        ({"first": "2020-11-26", "last": "2026-11-25"}, "last"),
    ],
)
def test_a_wrong_period_is_an_error_at_its_field(
    client: Any, day: Any, query: Any, field: Any
) -> None:
    answer = page(client, make_officer(day.office, Role.SUPERVISOR), **query)
    assert answer.status_code == 200
    assert field in answer.context["form"].errors
    assert not answer.context["loads"]
    assert query[field] in answer.content.decode()


def test_a_supervisor_cannot_open_another_offices_page(client: Any, day: Any) -> None:
    other = make_office()
    answer = page(client, make_officer(day.office, Role.SUPERVISOR), office=other.code)
    assert answer.status_code == 404


def test_the_page_requires_the_reporting_right(client: Any, day: Any) -> None:
    assert client.get(reverse("reports:daily_load")).status_code == 302
    assert page(client, make_officer(day.office, Role.COUNTER)).status_code == 403
    assert page(client, make_user()).status_code == 403


def test_the_csv_has_the_columns_of_the_api(client: Any, day: Any) -> None:
    answer = page(
        client,
        make_officer(day.office, Role.SUPERVISOR),
        first="2026-11-26",
        last="2026-11-27",
        format="csv",
    )
    head, first, _second = answer.content.decode().splitlines()
    assert answer["Content-Type"].startswith("text/csv")
    assert head == ",".join(PUBLIC)
    assert first.startswith(f"{day.office.code},2026-11-26,10,10,0,")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_formula_in_a_cell_is_escaped(text: Any) -> None:
    assert safe_cell(text) == f"'{text}"


def test_numbers_and_empty_values_are_unchanged() -> None:
    assert [safe_cell(value) for value in (-1, 0.5, None, "palembang")] == [
        -1,
        0.5,
        "",
        "palembang",
    ]
