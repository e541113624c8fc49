"""Booking a later day for a person at the desk, by real keys in a real browser."""

from typing import Any

import pytest

from booking.bookings.models import Booking
from tests.counters.test_keyboard import go, wait_for_focus
from tests.counters.world import make_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_later_day_is_booked_and_printed_by_keys(desk_of: Any, set_clock: Any) -> None:
    world = make_world()
    set_clock(world.at(9))
    page = desk_of(world.gate, viewport={"width": 1280, "height": 800})
    page.goto("/admin/gate/")
    # Without a booking, a later day, the first service, the first day.
    go(page, "F3", "F3", "Enter", "Enter")
    wait_for_focus(page)
    page.keyboard.press("Space")  # the first hour
    page.keyboard.press("Tab")
    page.keyboard.type("3174095406880012")
    for _box in range(5):  # three boxes of the birth date, sex, name
        page.keyboard.press("Tab")
    page.keyboard.type("Siti Rahmawati")
    go(page, "Enter")
    booking = Booking.objects.get()
    assert page.url.endswith(f"/admin/assist/{booking.pk}/")
    wait_for_focus(page)
    assert page.locator("button[data-print]").evaluate("one => one === document.activeElement")
