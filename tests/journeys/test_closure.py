"""A supervisor closes next Tuesday; sixty people are moved and told; one picks another day; the day reopens."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import User
from booking import tasks
from booking.models import Booking, DisplacedBooking, Status
from notices.services import deliver_due
from offices.models import Office, Role
from passport_office.verification import verify
from quotas.models import Place, Slot
from quotas.services import prepare_windows
from tests.builders import (
    NOW,
    make_booking,
    make_daily_release,
    make_office,
    make_officer,
    make_policy,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
TUESDAY = date(2026, 12, 1)
FRIDAY = date(2026, 12, 4)
LATER = NOW + timedelta(minutes=30)


@pytest.fixture
def office() -> Office:
    office = make_office("palembang")
    make_policy(
        office, places=75, hours=[["08:00", "11:00"]],
        valid_from=date(2026, 11, 26), valid_until=FRIDAY,
    )  # fmt: skip
    make_daily_release(office)
    prepare_windows(office_id=office.pk, now=NOW)
    return office


def sign_in(page: Any, user: User, address: str) -> None:
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": address}]
    )


def links_in(letters: list[Any]) -> list[str]:
    found = (re.search(r"https?://[^/]+(/moves/\S+)", letter.text) for letter in letters)
    return [match.group(1) for match in found if match]


def close_tuesday(page: Any) -> None:
    page.goto("/admin/closures/")
    page.click("#content a[href*='/closures/new/']")
    page.fill("[name=first_day]", "2026-12-01")
    page.fill("[name=last_day]", "2026-12-01")
    page.fill("[name=reason]", "Listrik gedung diperbaiki")
    page.click("[name=look]")
    assert "60 orang" in page.inner_text("main, #content")
    assert not Place.objects.filter(withdrawn_at__isnull=False).exists()
    page.click("[name=apply]")
    assert "Listrik gedung diperbaiki" in page.inner_text("#content")


def test_next_tuesday_is_closed_and_nobody_is_left_without_an_answer(
    office: Office,
    new_page: Callable[..., Any],
    live_server: Any,
    mailbox: Any,
    set_clock: Callable[[datetime], None],
) -> None:
    slots = Slot.objects.filter(office=office, day=TUESDAY).order_by("starts_at")
    people = [make_booking(slot) for slot in slots for _ in range(20)]
    set_clock(NOW)
    desk = new_page(viewport={"width": 1280, "height": 900})
    sign_in(desk, make_officer(office, Role.SUPERVISOR), live_server.url)
    close_tuesday(desk)
    tasks.move_displaced()

    rows = [Booking.objects.select_related("slot").get(pk=one.pk) for one in people]
    hours = [row.slot.starts_at for row in sorted(rows, key=lambda row: people_order(people, row))]
    assert hours == sorted(hours)
    assert {row.status for row in rows} == {Status.BOOKED}
    while deliver_due(now=LATER):
        pass
    moved = [letter for letter in mailbox.letters if letter.kind == "booking_moved"]
    assert len(moved) == 60

    links = links_in(moved)
    assert len(links) == 60
    phone = new_page(java_script_enabled=False)
    phone.goto(links[0])
    phone.click("main a[href*='choose']")
    phone.locator(".day[data-state=open] a").last.click()
    phone.click("main .dock button")
    assert phone.locator(".messages .banner--good").count() == 1
    assert DisplacedBooking.objects.get(answer="other").booking.slot.day == FRIDAY
    phone.goto(links[1])
    phone.click("[name=accept]")
    assert phone.locator(".messages .banner--good").count() == 1

    desk.reload()
    assert "1 menerima, 1 memilih jam lain" in desk.inner_text("#content")
    desk.fill("[name=on]", "2026-12-01")
    desk.click("text=Buka kembali >> nth=-1")
    assert Place.objects.offered().filter(slot__day=TUESDAY).count() == 75
    while deliver_due(now=LATER):
        pass
    assert [finding for finding in verify(now=LATER) if finding.breaches] == []


def people_order(people: list[Booking], row: Booking) -> int:
    return [one.pk for one in people].index(row.pk)
