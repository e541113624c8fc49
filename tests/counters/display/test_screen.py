"""The board in a real browser: calls appear, a network cut is reported and healed, sound is honest."""

import os
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.counters.world import World, make_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SetClock = Callable[[datetime], None]
OpenPage = Callable[..., Any]
FULL_HD = {"width": 1920, "height": 1080}


@pytest.fixture
def world(set_clock: SetClock) -> World:
    world = make_world(counters=6)
    set_clock(world.at(9))
    return world


def picture(page: Any, name: str) -> None:
    """Keep a picture where somebody wants to look at it."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png")


def test_a_call_appears_by_itself(world: World, new_page: OpenPage) -> None:
    for hour in (8, 8, 8, 9, 9, 9, 10):
        world.arrive(8, booked=hour)
    sessions = [world.sit(1)] + [world.sit(number, world.colleague()) for number in (2, 3, 4)]
    for minute, session in enumerate(sessions[:3]):
        world.start(session, world.at(8, minute))
    page = new_page(viewport=FULL_HD)
    page.goto(f"/board/{world.office.code}/")
    picture(page, "board-last")
    world.call(sessions[3], world.at(9))
    expect(page.locator(".call--now [data-call-counter]")).to_have_text("4", timeout=10_000)
    assert page.locator("[data-call-number]").inner_text() == "A-004"
    assert page.locator("[data-call-word]").inner_text() == "Silakan"
    assert page.locator("[data-coming] span").all_inner_texts() == ["A-005", "A-006", "A-007"]
    picture(page, "board-called")
