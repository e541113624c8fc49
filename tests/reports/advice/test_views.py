"""The page of the advice, and the form of the quota that it leads to."""

import re
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from offices.staff.models import Role
from quotas.places.models import Slot
from quotas.policies.models import QuotaPolicy
from quotas.windows.services import prepare_windows
from reports.advice.selectors import expected_demand, next_week
from tests.builders import (
    NOW,
    make_booking,
    make_daily_release,
    make_office,
    make_officer,
    make_policy,
)
from tests.pages.shown import text_of

pytestmark = pytest.mark.django_db
PAGE = "/admin/reports/advice/"
MONDAY = date(2026, 11, 30)


@pytest.fixture
def office(db: None, set_clock: Any) -> Any:
    set_clock(NOW)
    office = make_office(counters=3)
    make_policy(office, places=200)
    make_daily_release(office)
    for _officer in range(3):
        make_officer(office, Role.COUNTER)
    return office


@pytest.fixture
def client(office: Any) -> Client:
    client = Client()
    client.force_login(make_officer(office, Role.SUPERVISOR))
    return client


def accept_link(answer: Any) -> str:
    match = re.search(r'<a class="btn btn--main" href="([^"]+)"', answer.content.decode())
    assert match
    return unescape(match[1])


def test_next_week_is_the_next_monday() -> None:
    assert next_week(date(2026, 11, 23)) == next_week(date(2026, 11, 29)) == MONDAY


def test_advice_leads_to_the_filled_form_and_its_preview(office: Any, client: Client) -> None:
    answer = client.get(PAGE)
    assert answer.status_code == 200
    assert "Turunkan kuota daring dari 200 menjadi" in text_of(answer)
    link = accept_link(answer)
    [quota] = re.findall(r"base=(\d+)", link)
    form = client.get(link)
    assert form.status_code == 200
    page = form.content.decode()
    assert f'name="base" value="{quota}"' in page
    assert f'name="valid_from" value="{MONDAY}"' in page
    assert "Minggu depan loket dapat melayani" in text_of(form)
    # Nothing is written before the officer saves the preview.
    assert QuotaPolicy.objects.get().base == 200


def test_links_fill_in_only_fields_of_the_form(client: Client, office: Any) -> None:
    address = "/admin/rules/quota/online/citizens/?base=x&percent=%3Cb%3E&valid_from=9999-12-31"
    answer = client.get(address + "&instrument=SK&lane=priority")
    assert answer.status_code == 200
    assert 'value="<b>"' not in answer.content.decode()
    assert 'value="SK"' not in answer.content.decode()


def test_counter_officers_have_no_access(office: Any) -> None:
    client = Client()
    client.force_login(make_officer(office, Role.COUNTER))
    assert client.get(PAGE).status_code == 403


def test_demand_is_the_mean_of_the_same_weekday(office: Any) -> None:
    today = MONDAY + timedelta(days=14)
    prepare_windows(office_id=office.pk, now=NOW)
    for week, count in ((0, 4), (1, 2)):
        day = MONDAY + timedelta(weeks=week)
        slot = Slot.objects.filter(office=office, lane="online", day=day).order_by("starts_at")[0]
        for _booking in range(count):
            make_booking(slot)
    group = slot.group_id
    demand = expected_demand(office, today, today + timedelta(days=6), group=group, today=today)
    assert demand == {today: 3}


def test_reads_a_bounded_number_of_queries(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(75):
        client.get(PAGE)
