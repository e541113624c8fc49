"""A lottery in a real browser: entered by form, won, verified on the page, claimed."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from booking.bookings.models import Booking
from booking.lottery.models import Draw, DrawEntry
from booking.statuses import Status
from tests.booking.lottery.lottery_world import LOTTERY_TIME, draw_in, enter, hold, make_draw_office
from tests.builders import NOW, make_person
from tests.journeys.test_applicant import follow, send

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


@pytest.fixture
def draw(set_clock: Any) -> Draw:
    set_clock(NOW)
    return draw_in(make_draw_office("jaksel", places=2))


def sign_in(page: Any, user: Any, url: str) -> None:
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": url}])


def test_an_applicant_enters_wins_and_gets_a_ticket(
    draw: Draw, new_page: Callable[..., Any], live_server: Any, set_clock: Any
) -> None:
    person = make_person()
    page = new_page(java_script_enabled=False)
    page.set_default_timeout(60_000)
    sign_in(page, person.account, live_server.url)
    page.goto(f"/offices/{draw.office.code}/")
    follow(page, f"main a[href='/draws/{draw.window_id}/']")
    follow(page, "main a.btn")
    page.select_option("#jam-1", index=2)
    send(page)
    entry = DrawEntry.objects.get()
    assert entry.code in page.inner_text("main")
    assert len(entry.choices) == 1
    hold(draw)
    set_clock(LOTTERY_TIME + timedelta(minutes=1))
    page.goto(f"/draws/mine/{entry.code}/")
    with page.expect_navigation():
        page.click("main form[action$='/claim/'] button")
    booking = Booking.objects.get()
    assert booking.status == Status.BOOKED
    assert booking.slot_id == entry.choices[0]
    assert booking.code in page.inner_text("main")


def meddler(name: str, change: Callable[[Any], Any]) -> Callable[[Any], None]:
    """Change one field of the proof on its way to the browser."""

    def meddle(route: Any) -> None:
        proof = json.loads(route.fetch().text())
        route.fulfill(json={**proof, name: change(proof[name])})

    return meddle


def test_the_browser_verifies_the_lottery_and_detects_a_change(
    draw: Draw, new_page: Callable[..., Any], set_clock: Any
) -> None:
    codes = [enter(draw).code for _each in range(14)]
    hold(draw)
    set_clock(LOTTERY_TIME + timedelta(minutes=1))
    page = new_page()
    page.goto(f"/draws/{draw.window_id}/")
    page.fill("#kode", codes[3].lower())
    page.click("[data-draw-run]")
    page.wait_for_selector("[data-draw-say=true]:not([hidden])")
    rank = DrawEntry.objects.get(code=codes[3]).rank
    assert page.inner_text("[data-draw-line]").endswith(f"→ {rank}")

    changes: dict[str, Callable[[Any], Any]] = {
        "seed": lambda seed: ("0" if seed[0] != "0" else "1") + seed[1:],
        "entries": lambda rows: [{**rows[0], "weight": rows[0]["weight"] + 1}, *rows[1:]],
        "rounds": lambda rows: [{**rows[0], "given": rows[0]["given"][1:]}],
        "ranks": lambda rows: [rows[1], rows[0], *rows[2:]],
    }
    for name, change in changes.items():
        page.unroute("**/proof.json")
        page.route("**/proof.json", meddler(name, change))
        page.click("[data-draw-run]")
        page.wait_for_selector("[data-draw-say=false]:not([hidden])")
        assert not page.is_visible("[data-draw-say=true]")
