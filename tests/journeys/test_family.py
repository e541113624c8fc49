"""Parents and two children book one hour together on a phone; then one child is moved."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from booking.bookings.models import Party
from core import clock
from quotas.places.services import take_places
from tests.booking.bookings.families import hours_of, make_family, make_mixed_office
from tests.journeys.test_applicant import choose_hour, choose_last_day, follow, send

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


@pytest.fixture
def family(new_page: Callable[..., Any]) -> Any:
    """A phone, an office whose first hour has two places left, and a family on an account's list."""
    now = clock.now()
    office = make_mixed_office(citizens=12, foreigners=6, now=now)
    first = hours_of(office, now=now)[0]
    with transaction.atomic():
        take_places(slot_id=first.pk, holders=[uuid4() for _ in range(4)], now=now)
    people = make_family(now=now)
    page = new_page(viewport={"width": 360, "height": 740})
    page.set_default_timeout(60_000)
    return page, office, people[0].account


def choose_number(page: Any, group: str, number: int) -> None:
    follow(page, f"nav.switch[aria-label*='{group}'] a:text-matches('^\\\\s*{number}\\\\b')")


def test_a_family_books_one_hour_and_moves_one_child(family: Any) -> None:
    page, office, account = family
    page.goto(f"/offices/{office.code}/?service_type=new")
    follow(page, ".day[data-state=open] a")
    choose_number(page, "citizens", 3)
    choose_number(page, "foreigners", 1)
    assert "2 tempat, Anda perlu 3" in page.inner_text(".slots")
    choose_hour(page)

    page.fill("[name=login]", account.email)
    page.fill("[name=password]", "kata-sandi-uji-1")
    send(page)
    assert page.locator("[name=applicants]:checked").count() == 4
    page.locator("select").first.select_option("replacement")
    send(page)

    party = Party.objects.get()
    ticket = page.inner_text(".ticket")
    assert party.code in ticket
    for booking in party.bookings.select_related("applicant"):
        assert booking.applicant.short_name in ticket
        assert booking.code in ticket
    for service in ("replacement", "stay_permit", "Paspor baru"):
        assert service in ticket
    assert "4 tempat milik Anda" in page.inner_text(".messages")

    follow(page, "main aside a[href$='/move/']")
    page.check("label:has-text('Rafi') input")
    with page.expect_navigation():
        page.click("main form .btn")
    assert "Budi S., Anna K., Nia S. tetap pada jam sekarang." in page.inner_text("main")
    choose_last_day(page)
    choose_hour(page)
    confirmation = page.inner_text("main")
    assert "Pindahkan 1 orang?" in confirmation
    assert "Jadwal mereka tidak berubah" in confirmation
    with page.expect_navigation():
        page.click("main form .btn")
    hours = page.locator(".ticket__body section")
    assert hours.count() == 2
    assert "Rafi S." not in hours.first.inner_text()
    assert "Rafi S." in hours.last.inner_text()
    assert party.code in page.inner_text(".ticket__stub")
