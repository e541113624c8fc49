"""The page of the advice, and the form of the quota that it leads to."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.test import Client

from core.dates import monday_of
from offices.promises import SHARE_IN_TIME
from offices.staff.models import Role
from quotas.places.models import Slot
from quotas.policies.models import QuotaPolicy
from quotas.windows.services import prepare_windows
from reports.advice.models import AcceptedAdvice
from reports.advice.selectors import accepted_weeks, expected_demand, next_week
from reports.forecast.selectors import forecast_for
from reports.forecast.services import count_days, make_forecast
from reports.load.services import rebuild
from reports.promises.figures import Kept
from tests.builders import (
    NOW,
    make_booking,
    make_daily_release,
    make_office,
    make_officer,
    make_policy,
)
from tests.counters.world import DAY, make_world
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


def test_next_week_is_the_next_monday() -> None:
    assert next_week(date(2026, 11, 23)) == next_week(date(2026, 11, 29)) == MONDAY


def test_accepting_advice_stores_it_and_leads_to_the_filled_form(
    office: Any, client: Client
) -> None:
    answer = client.get(PAGE)
    assert answer.status_code == 200
    assert "Turunkan kuota daring dari 200 menjadi" in text_of(answer)
    answer = client.post(PAGE)
    accepted = AcceptedAdvice.objects.get(office=office, monday=MONDAY)
    assert (accepted.quota_before, accepted.demand) == (200, 0)
    assert 0 < accepted.quota < 200
    assert accepted.promise is not None
    assert SHARE_IN_TIME <= accepted.promise <= 1
    form = client.get(answer["Location"])
    assert form.status_code == 200
    page = form.content.decode()
    assert f'name="base" value="{accepted.quota}"' in page
    assert f'name="valid_from" value="{MONDAY}"' in page
    assert "Minggu depan loket dapat melayani" in text_of(form)
    # The quota is not changed before the officer saves the preview.
    assert QuotaPolicy.objects.get().base == 200


def test_advice_to_keep_the_quota_cannot_be_accepted(office: Any, client: Client) -> None:
    QuotaPolicy.objects.update(base=4)
    shown = text_of(client.get(PAGE))
    assert "Belum ada prakiraan permintaan untuk minggu itu" in shown
    assert "Permintaan diperkirakan paling" not in shown
    page = client.post(PAGE, follow=True)
    assert "Sarannya baru saja berubah" in text_of(page)
    assert not AcceptedAdvice.objects.exists()


def test_after_the_week_the_page_compares_with_what_happened(set_clock: Any) -> None:
    world = make_world()
    office, monday = world.office, monday_of(DAY)
    AcceptedAdvice.objects.create(
        office=office,
        group=world.slot(8).group,
        monday=monday,
        quota_before=24,
        quota=18,
        demand=20,
        promise=0.97,
        accepted_by=world.supervisor,
        accepted_at=NOW,
    )
    session = world.sit()
    world.arrive(8)
    visit = world.call(session, world.at(8, 10))
    assert visit is not None
    world.serve(visit, session, world.at(8, 10))
    world.arrive(9)
    until = world.at(8, day=monday + timedelta(days=3))
    set_clock(until)
    client = Client()
    client.force_login(world.supervisor)
    assert "97,0" in text_of(client.get(PAGE))
    [running] = accepted_weeks(office, now=until)
    assert (running.is_over, running.kept, running.demand) == (False, None, None)
    after = world.at(8, day=monday + timedelta(days=8))
    count_days(office=office, now=after)
    rebuild(offices=[office], first=monday, last=monday + timedelta(days=6), now=after)
    [over] = accepted_weeks(office, now=after)
    assert (over.planned, over.demand) == (18, 2)
    assert over.kept == Kept(kept=1, unserved=1)
    set_clock(after)
    text = text_of(client.get(PAGE))
    assert "97,0" in text
    assert "50,0" in text


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


def test_demand_is_the_forecast_by_the_share_of_the_group(office: Any) -> None:
    prepare_windows(office_id=office.pk, now=NOW)
    slots = Slot.objects.filter(office=office, lane="online", day=MONDAY).order_by("starts_at")
    for slot in slots[:4]:
        make_booking(slot)
    today = MONDAY + timedelta(days=28)
    count_days(office=office, now=office.at(today, time(8)))
    last = today + timedelta(days=6)
    assert expected_demand(office, today, last, group=slots[0].group_id, today=today) == {}
    make_forecast(office=office, now=office.at(today, time(8)))
    forecast = {row.day: row.demand for row in forecast_for(office, today, last)}
    assert any(forecast.values())
    own, other = slots[0].group_id, slots[0].group_id + 1
    assert expected_demand(office, today, last, group=own, today=today) == forecast
    none = expected_demand(office, today, last, group=other, today=today)
    assert set(none.values()) == {0.0}
