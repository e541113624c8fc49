"""A supervisor halves a quota from a date, sees the preview, saves, and ends a roll-over by the way."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client

from offices.models import Office, Role
from passport_office.verification import verify
from quotas.models import Place, RollOverRule, RuleChange
from quotas.services import change_roll_over, prepare_windows
from tests.builders import (
    NOW,
    make_booking,
    make_daily_release,
    make_group,
    make_lane,
    make_office,
    make_officer,
    make_policy,
)
from tests.journeys.test_closure import sign_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
OPEN_DAY = date(2026, 12, 1)
FROM = date(2026, 12, 14)  # a Monday whose window is still to open
UNSENT = 9  # no worker runs here, so letters wait


@pytest.fixture
def office() -> Office:
    office = make_office("palembang")
    make_policy(
        office, places=60, hours=[["08:00", "10:00"]],
        valid_from=date(2026, 11, 23), valid_until=date(2026, 12, 31),
    )  # fmt: skip
    make_daily_release(office)
    make_lane("walk_in")
    change_roll_over(
        row=RollOverRule(
            office=office, group=make_group(), from_lane=make_lane("online"),
            to_lane=make_lane("walk_in"), at_time=time(9), percent=100,
            valid_from=date(2026, 11, 24), instrument="SK uji",
        ),
        by=make_officer(office, Role.SUPERVISOR), now=NOW,
    )  # fmt: skip
    prepare_windows(office_id=office.pk, now=NOW)
    return office


def offered(office: Office, day: date) -> int:
    return Place.objects.offered().filter(slot__office=office, slot__day=day).count()


def test_a_quota_is_halved_from_a_date_and_nobody_who_has_an_hour_loses_it(
    office: Office,
    new_page: Callable[..., Any],
    live_server: Any,
    set_clock: Callable[[datetime], None],
) -> None:
    set_clock(NOW)
    slot = Place.objects.filter(slot__office=office, slot__day=OPEN_DAY)[0].slot
    people = [make_booking(slot) for _ in range(5)]
    assert (offered(office, OPEN_DAY), offered(office, FROM)) == (60, 60)

    desk = new_page(viewport={"width": 1280, "height": 900})
    sign_in(desk, make_officer(office, Role.SUPERVISOR), live_server.url)
    desk.goto("/admin/rules/")
    desk.click("a[href*='/rules/quota/online/']")
    desk.fill("[name=percent]", "50")
    desk.fill("[name=valid_from]", FROM.isoformat())
    desk.fill("[name=instrument]", "SK Kepala Kantor 12/2026")
    desk.click("[name=preview]")
    seen = desk.inner_text("#content")
    assert "Delapan minggu ke depan" in seen
    assert "30" in seen
    assert RuleChange.objects.filter(kind="quota").count() == 0
    assert offered(office, FROM) == 60

    desk.click("[name=save]")
    assert "SK Kepala Kantor 12/2026" in desk.inner_text("#content")
    assert (offered(office, OPEN_DAY), offered(office, FROM)) == (60, 30)
    assert all(one.__class__.objects.get(pk=one.pk).status == "booked" for one in people)
    asked = f"from={FROM}&to={FROM}&service_type=new"
    [day] = Client().get(f"/api/v1/offices/{office.code}/calendar/?{asked}").json()["days"]
    assert day["places"] == 30

    desk.click("a[href*='/rules/roll-over/']")
    desk.fill("#id_end_last_day", "2026-11-30")
    desk.fill("#id_end_instrument", "SK Kepala Kantor 13/2026")
    desk.click("[name=end]")
    assert "SK Kepala Kantor 13/2026" in desk.inner_text("#content")
    assert RollOverRule.objects.get().valid_until == date(2026, 11, 30)
    found = verify(now=NOW + timedelta(minutes=30))
    assert [one for one in found if one.breaches and one.law != UNSENT] == []
