"""The supervisor's page of the promises."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core import clock
from offices.directory.models import Office
from offices.staff.models import Role
from tests.builders import make_office, make_officer
from tests.reports.load.stories import DAY, Day, make_day

pytestmark = pytest.mark.django_db
MOST_QUERIES = 15


@pytest.fixture
def day() -> Day:
    day = make_day()
    visits = [day.arrive(day.book(), day.at(8)) for _person in range(2)]
    day.open_counter()
    day.serve(visits[0], called=day.at(8, 10), left=day.at(8, 40))
    day.serve(visits[1], called=day.at(9), left=day.at(10, 10))
    return day


def open_page(client: Client, role: Role, place: Office | None, **query: Any) -> Any:
    client.force_login(make_officer(place, role))
    return client.get(reverse("reports:promises"), query, headers={"Accept-Language": "en"})


SPAN = {"first": DAY.isoformat(), "last": DAY.isoformat()}


def test_the_page_shows_rate_stage_and_reasons(client: Client, day: Day) -> None:
    html = open_page(client, Role.SUPERVISOR, day.office, **SPAN).content.decode()
    assert "50.0\u00a0%" in html
    assert "1 of 2" in html
    assert "Waiting for the first call" in html
    assert "takes the most extra time" in html
    assert "no reason recorded yet" in html
    assert "<svg" in html


def test_the_page_reads_a_fixed_number_of_queries(
    client: Client, day: Day, django_assert_max_num_queries: Any
) -> None:
    client.force_login(make_officer(day.office, Role.SUPERVISOR))
    with django_assert_max_num_queries(MOST_QUERIES) as queries:
        client.get(reverse("reports:promises"), SPAN)
    few = len(queries)
    with django_assert_max_num_queries(few):
        client.get(reverse("reports:promises"), {"first": "2026-09-20", "last": "2026-11-30"})


def test_only_supervisors_read_officers_work(client: Client, day: Day) -> None:
    assert (
        "Working time by mix"
        in open_page(client, Role.SUPERVISOR, day.office, **SPAN).content.decode()
    )
    national = open_page(client, Role.NATIONAL, None, office=day.office.code, **SPAN)
    assert national.status_code == 200
    assert "Working time by mix" not in national.content.decode()


def test_without_dates_the_page_shows_four_weeks_until_today(client: Client) -> None:
    office = make_office()
    answer = open_page(client, Role.SUPERVISOR, office)
    assert answer.context["form"].cleaned_data["last"] == office.local_day(clock.now())
    assert "There is nothing to count on these days yet." in answer.content.decode()


@pytest.mark.parametrize(
    ("first", "last"),
    [("2026-11-30", "2026-11-01"), ("1926-01-01", "2026-01-01"), ("9999-12-31", "x")],
)
def test_a_wrong_span_is_refused_with_a_sentence(client: Client, first: str, last: str) -> None:
    answer = open_page(client, Role.SUPERVISOR, make_office(), first=first, last=last)
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert "<svg" not in answer.content.decode().partition("</h1>")[2]


def test_another_office_returns_404(client: Client, day: Day) -> None:
    assert (
        open_page(client, Role.SUPERVISOR, make_office(), office=day.office.code).status_code == 404
    )
