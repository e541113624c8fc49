"""People without a booking and the check at the gate, by real keys in a real browser."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from booking.bookings.models import Booking
from counters.screening.models import Screening
from counters.visits.models import Visit
from offices.reasons.models import Reason
from quotas.windows.services import prepare_windows
from tests.builders import NOW, make_daily_release, make_policy, make_reason
from tests.counters.screening.test_services import protocol_of
from tests.counters.test_keyboard import wait_for_focus
from tests.counters.world import DAY, World, make_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OpenPage = Callable[..., Any]


@pytest.fixture
def world(set_clock: Any) -> World:
    world = make_world()
    for code in ("pregnant", "under_5", "aged_60"):
        make_reason(code, Reason.Use.PRIORITY)
    make_policy(world.office, places=6, lane="priority", valid_until=DAY)
    make_daily_release(world.office, days_ahead=0, lane="priority")
    prepare_windows(office_id=world.office.pk, now=NOW)
    set_clock(world.at(8, 10))
    return world


@pytest.fixture
def gate(world: World, new_page: OpenPage, live_server: Any) -> Any:
    client = Client()
    client.force_login(world.gate)
    page = new_page(viewport={"width": 1280, "height": 800})
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    page.goto("/admin/gate/")
    wait_for_focus(page)
    return page


def press(page: Any, key: str) -> None:
    """Press a key that opens another page."""
    with page.expect_navigation():
        page.keyboard.press(key)
    wait_for_focus(page)


def chosen(page: Any, name: str) -> Any:
    return page.locator(f"input[name={name}]:checked").get_attribute("value")


def test_a_pregnant_walk_in_by_keys(gate: Any) -> None:
    press(gate, "F3")
    gate.keyboard.press("p")  # the lane, one key
    gate.keyboard.press("1")  # the reason, one key
    gate.keyboard.type("3174095406880012")
    assert (chosen(gate, "lane"), chosen(gate, "reason")) == ("priority", "pregnant")
    assert chosen(gate, "sex") == "female"
    assert gate.locator("[name=birth_date_year]").input_value() == "1988"
    for _box in range(5):  # three boxes of the birth date, sex, name
        gate.keyboard.press("Tab")
    gate.keyboard.type("Siti Rahmawati")
    press(gate, "Enter")
    visit = Visit.objects.get()
    assert str(visit.ticket) == "P-001"
    assert visit.booking.applicant.full_name == "Siti Rahmawati"


def test_a_card_reader_types_the_number_at_once(gate: Any) -> None:
    press(gate, "F3")
    gate.keyboard.type("3174095406500012")  # born in 1950, typed while the lane has the focus
    assert gate.locator("[name=nik]").input_value() == "3174095406500012"
    assert (chosen(gate, "lane"), chosen(gate, "reason")) == ("priority", "aged_60")
    assert gate.locator("#usul").is_visible()
    gate.locator("[name=birth_date_day]").fill("15")
    gate.keyboard.press("Tab")
    assert gate.locator("#nik-beda").is_visible()


def test_the_check_at_the_gate_by_keys(world: World, gate: Any) -> None:
    protocol_of(world)
    booking = world.book(8)
    gate.keyboard.type(booking.code)
    press(gate, "Enter")  # the scan leads to the check at once
    gate.keyboard.type("365")
    for _item in range(2):
        gate.keyboard.press("Tab")
        gate.keyboard.press("Space")
    press(gate, "Enter")
    assert Screening.objects.get().outcome == "passed"
    press(gate, "Enter")
    assert Visit.objects.get().booking == booking


def test_over_the_limit_by_keys(world: World, gate: Any) -> None:
    protocol_of(world)
    booking = world.book(8)
    gate.goto(f"/admin/screening/{booking.pk}/")
    wait_for_focus(gate)
    gate.keyboard.type("37,6")
    press(gate, "Enter")
    assert "Minta pemohon duduk" in gate.content()
    press(gate, "Enter")  # the next person
    assert gate.url.endswith("/admin/gate/")
    assert Booking.objects.get(pk=booking.pk).status == "booked"
