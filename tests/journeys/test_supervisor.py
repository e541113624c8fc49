"""A supervisor's week: a quota is halved from a date, next Tuesday closes, sixty people are moved and notified.

One chooses another day by the link in the e-mail, one accepts the new slot; the day reopens.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import User
from booking.bookings.models import Booking, DisplacedBooking
from booking.closures import tasks
from booking.statuses import Status
from notices.services import deliver_due
from offices.directory.models import Office
from offices.staff.models import Role
from ops.verification.services import verify
from quotas.places.models import Place, Slot
from quotas.plan.decrees import RollOverDecree
from quotas.policies.models import RollOverRule, RuleChange
from quotas.rules.services import apply_decree
from quotas.windows.services import prepare_windows
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
from tests.journeys.test_applicant import choose_hour, choose_last_day, follow

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
TUESDAY, WEDNESDAY = date(2026, 12, 1), date(2026, 12, 2)
HALVED = date(2026, 12, 14)  # a Monday whose window is still to open
LATER = NOW + timedelta(minutes=30)


@pytest.fixture
def office() -> Office:
    office = make_office("palembang")
    make_policy(
        office,
        places=75,
        hours=[["08:00", "11:00"]],
        valid_from=date(2026, 11, 23),
        valid_until=date(2026, 12, 31),
    )
    make_daily_release(office)
    make_lane("walk_in")
    apply_decree(
        RollOverDecree(
            office=office.pk,
            group=make_group().pk,
            from_lane="online",
            to_lane="walk_in",
            at_time=time(9),
            valid_from=date(2026, 11, 24),
            instrument="SK uji",
        ),
        by=make_officer(office, Role.SUPERVISOR),
        now=NOW,
    )
    prepare_windows(office_id=office.pk, now=NOW)
    return office


@pytest.fixture
def people(office: Office) -> list[Booking]:
    """Sixty people, twenty in each slot of next Tuesday, in the order of booking."""
    slots = Slot.objects.filter(office=office, day=TUESDAY).order_by("starts_at")
    return [make_booking(slot) for slot in slots for _each in range(20)]


def sign_in(page: Any, user: User, address: str) -> None:
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": address}]
    )


def offered(office: Office, day: date) -> int:
    return Place.objects.offered().filter(slot__office=office, slot__day=day).count()


def deliver() -> None:
    while deliver_due(now=LATER):
        pass


def links_in(emails: list[Any]) -> list[str]:
    matches = (re.search(r"https?://[^/]+(/moves/\S+)", email.text) for email in emails)
    return [match.group(1) for match in matches if match]


def test_halving_a_quota_and_closing_a_day_answers_everyone(
    office: Office,
    people: list[Booking],
    new_page: Callable[..., Any],
    live_server: Any,
    mailbox: Any,
    set_clock: Callable[[datetime], None],
) -> None:
    set_clock(NOW)
    desk = new_page(viewport={"width": 1280, "height": 900})
    sign_in(desk, make_officer(office, Role.SUPERVISOR), live_server.url)
    halve_the_quota(desk, office)
    end_the_roll_over(desk)
    close_tuesday(desk)
    tasks.move_displaced()
    everyone_has_an_hour_in_the_old_order(people)
    deliver()
    links = links_in([email for email in mailbox.emails if email.kind == "booking_moved"])
    assert len(links) == 60
    phone = new_page(java_script_enabled=False)
    pick_another_day(phone, links[0])
    keep_the_new_hour(phone, links[1])
    reopen(desk, office)
    deliver()
    assert [finding for finding in verify(now=LATER) if finding.breaches] == []


def halve_the_quota(desk: Any, office: Office) -> None:
    desk.goto("/admin/rules/")
    desk.click("a[href*='/rules/quota/online/']")
    desk.fill("[name=percent]", "50")
    desk.fill("[name=valid_from]", HALVED.isoformat())
    desk.fill("[name=instrument]", "SK Kepala Kantor 12/2026")
    desk.click("[name=preview]")
    content = desk.inner_text("#content")
    assert "Delapan minggu ke depan" in content
    assert "37" in content
    assert not RuleChange.objects.filter(kind="quota").exists()
    assert offered(office, HALVED) == 75

    desk.click("[name=save]")
    assert "SK Kepala Kantor 12/2026" in desk.inner_text("#content")
    assert (offered(office, TUESDAY), offered(office, HALVED)) == (75, 37)
    assert Booking.objects.filter(status=Status.BOOKED).count() == 60
    query = f"from={HALVED}&to={HALVED}&service_type=new"
    [day] = Client().get(f"/api/v1/offices/{office.code}/calendar/?{query}").json()["days"]
    assert day["places"] == 37


def end_the_roll_over(desk: Any) -> None:
    desk.click("a[href*='/rules/roll-over/']")
    desk.fill("#id_end_last_day", "2026-11-30")
    desk.fill("#id_end_instrument", "SK Kepala Kantor 13/2026")
    desk.click("[name=end]")
    assert "SK Kepala Kantor 13/2026" in desk.inner_text("#content")
    assert RollOverRule.objects.get().valid_until == date(2026, 11, 30)


def close_tuesday(desk: Any) -> None:
    desk.goto("/admin/closures/")
    desk.click("#content a[href*='/closures/new/']")
    desk.fill("[name=first_day]", TUESDAY.isoformat())
    desk.fill("[name=last_day]", TUESDAY.isoformat())
    desk.fill("[name=reason]", "Listrik gedung diperbaiki")
    desk.click("[name=look]")
    assert "60 orang" in desk.inner_text("#content")
    assert not Place.objects.filter(closure__isnull=False).exists()
    desk.click("[name=apply]")
    assert "Listrik gedung diperbaiki" in desk.inner_text("#content")


def everyone_has_an_hour_in_the_old_order(people: list[Booking]) -> None:
    rows = Booking.objects.select_related("slot").in_bulk([one.pk for one in people])
    now_booked = [rows[one.pk] for one in people]
    assert {row.status for row in now_booked} == {Status.BOOKED}
    hours = [row.slot.starts_at for row in now_booked]
    assert hours == sorted(hours)
    assert {row.slot.day for row in now_booked} == {WEDNESDAY}


def pick_another_day(phone: Any, link: str) -> None:
    phone.goto(link)
    follow(phone, "main a[href*='choose']")
    choose_last_day(phone)
    choose_hour(phone)
    assert phone.locator(".messages .banner--good").count() == 1
    assert DisplacedBooking.objects.get(answer="other").booking.slot.day > WEDNESDAY


def keep_the_new_hour(phone: Any, link: str) -> None:
    phone.goto(link)
    with phone.expect_navigation():
        phone.click("[name=accept]")
    assert phone.locator(".messages .banner--good").count() == 1


def reopen(desk: Any, office: Office) -> None:
    desk.reload()
    assert "1 menerima, 1 memilih jadwal lain" in desk.inner_text("#content")
    desk.fill("[name=on]", TUESDAY.isoformat())
    desk.click("text=Buka kembali >> nth=-1")
    assert offered(office, TUESDAY) == 75


def test_an_opening_in_the_past_is_refused_and_then_confirmed(
    new_page: Callable[..., Any],
    live_server: Any,
    set_clock: Callable[[datetime], None],
) -> None:
    """A lane gets a quota although its opening was days ago: its places would be open at once."""
    set_clock(NOW)
    office = make_office("balikpapan")
    make_policy(office, places=0)
    make_daily_release(office)
    prepare_windows(office_id=office.pk, now=NOW)
    desk = new_page(viewport={"width": 1280, "height": 900})
    sign_in(desk, make_officer(office, Role.SUPERVISOR), live_server.url)
    desk.goto("/admin/rules/quota/online/citizens/")
    desk.fill("[name=base]", "30")
    desk.fill("[name=valid_from]", "2026-11-24")
    desk.fill("[name=instrument]", "SK Kepala Kantor 13/2026")
    desk.click("[name=preview]")
    assert "300 tempat langsung terbuka begitu disimpan" in desk.inner_text("#content")
    desk.click("[name=save]")
    assert "perlu dikonfirmasi" in desk.inner_text("[role=alert]")
    assert not Place.objects.filter(slot__office=office).exists()
    for box in desk.query_selector_all("[name=confirm]"):
        box.check()
    desk.click("[name=save]")
    assert "SK Kepala Kantor 13/2026" in desk.inner_text("#content")
    open_now = Place.objects.filter(slot__office=office, opens_at__lte=NOW, closes_at__gt=NOW)
    assert open_now.count() == 300
