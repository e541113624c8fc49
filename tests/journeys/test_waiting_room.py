"""Booking through the waiting room: in a real browser, and with every server failing."""

import json
import re
import time
import urllib.request
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client

from booking.bookings.models import Booking
from booking.statuses import Status
from quotas.places.models import ReleaseWindow
from quotas.waiting_room.models import RoomSecond
from tests.builders import make_person
from tests.quotas.waiting_room.waiting_room_world import (
    OPENS,
    WAITS,
    make_room_office,
    slot_of,
    window_of,
)
from tests.stacks import Stack, wait_until

WIB = timezone(timedelta(hours=7))
WEEK = timedelta(weeks=1)
OTHERS = 500
browser_test = pytest.mark.browser
in_database = pytest.mark.django_db(transaction=True)


@pytest.fixture
def window(set_clock: Any, settings: Any, transactional_db: None) -> ReleaseWindow:
    """A window for which five hundred others wait; one person is admitted a second."""
    settings.WAITING_ROOM_RATE = 1.0
    set_clock(WAITS)
    room_window = window_of(make_room_office("surabaya"))
    RoomSecond.objects.create(room=room_window.room, second=-1, arrived=OTHERS)
    return room_window


def sign_in(page: Any, user: Any, url: str) -> None:
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": url}])


def look_again(page: Any) -> None:
    """Let the script poll at once, as when the user returns to the page."""
    with page.expect_response(re.compile("/status/$")):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def visible_ticks(page: Any) -> int:
    """Count the ticks of the row that shows who is admitted, ahead and behind."""
    lines = page.eval_on_selector_all(
        "[data-room-ticks] path", "all => all.map(one => one.getAttribute('d'))"
    )
    spans = [re.fullmatch(r"M(\d+) 6H(\d+)", line) for line in lines]
    return sum((int(one[2]) + 1 - int(one[1])) // 4 for one in spans if one)


@in_database
@browser_test
def test_the_waiting_room_leads_to_the_ticket_without_reloading(
    window: ReleaseWindow, new_page: Callable[..., Any], live_server: Any, set_clock: Any
) -> None:
    person = make_person()
    page = new_page()
    sign_in(page, person.account, live_server.url)
    page.goto(f"/offices/{window.office.code}/")
    page.click(f"main a[href='/rooms/{window.pk}/']")
    page.click("main form[action$='/join/'] button:visible")
    assert page.is_visible("[data-room-say=early]")
    assert "Peluang semua orang sama" in page.inner_text("[data-room-say=early]")

    set_clock(OPENS)
    look_again(page)
    page.wait_for_selector("[data-room-say=waiting]", state="visible")
    place = int(page.inner_text("[data-room=position]").replace(".", ""))
    assert 1 <= place <= OTHERS + 1
    assert "menit lagi" in page.inner_text("[data-room-wait]") or place < 31
    assert page.title().startswith(f"{place} · ")
    assert page.inner_text("[data-room-say=waiting] [data-room=left]") == "100"
    assert visible_ticks(page) == 48, (
        "the row is whole, though the page was sent before anyone had a place"
    )
    with page.expect_navigation():
        page.reload()
    assert int(page.inner_text("[data-room=position]").replace(".", "")) == place

    set_clock(OPENS + timedelta(seconds=OTHERS + 10))
    look_again(page)
    page.wait_for_selector("[data-room-say=admitted]", state="visible")
    assert page.inner_text("[data-room-live]") == "Giliran Anda"
    page.goto(f"/book/{slot_of(window.office).pk}/")
    page.click("main .dock button")
    booking = Booking.objects.get()
    assert booking.status == Status.BOOKED
    assert booking.code in page.inner_text("main")


@in_database
@browser_test
def test_the_waiting_room_works_without_a_script(
    window: ReleaseWindow, new_page: Callable[..., Any], live_server: Any, set_clock: Any
) -> None:
    person, slot = make_person(), slot_of(window.office)
    page = new_page(java_script_enabled=False)
    sign_in(page, person.account, live_server.url)
    set_clock(OPENS + timedelta(seconds=1))
    page.goto(f"/book/{slot.pk}/?service_type=new")
    assert f"/rooms/{window.pk}/" in page.url
    page.click("main form[action$='/join/'] button:visible")
    assert page.is_visible("[data-room-say=waiting]")
    assert f"{OTHERS + 1}" in page.inner_text("[data-room-say=waiting]")
    page.goto(f"/book/{slot.pk}/")
    assert f"/rooms/{window.pk}/" in page.url

    set_clock(OPENS + timedelta(seconds=OTHERS + 10))
    page.goto(f"/book/{slot.pk}/?service_type=new")
    assert f"/book/{slot.pk}/" in page.url
    page.click("main .dock button")
    assert Booking.objects.get().code in page.inner_text("main")


# --- With failing servers ------------------------------------------------------------------------
PEOPLE = 12
RATE = 0.4


def next_friday(now: datetime) -> datetime:
    """Return the next opening that leaves time to start before it."""
    day = now.astimezone(WIB).replace(hour=14, minute=0, second=0, microsecond=0)
    while day.isoweekday() != 5 or day < now + timedelta(days=1):
        day += timedelta(days=1)
    return day


def open_before_the_opening(stack: Stack) -> datetime:
    """Start with a few minutes left, and load the office with the waiting room."""
    opens = next_friday(stack.now) if stack.is_running else datetime(2026, 6, 5, 14, tzinfo=WIB)
    lead = timedelta(seconds=75)
    while True:
        if stack.is_running:
            stack.stop()
        stack.start(
            DEMO_CLOCK=(opens - lead).isoformat(),
            WAITING_ROOM_RATE=str(RATE),
            WAITING_ROOM_MOST_RATE=str(RATE),
            WAITING_ROOM_LEAST_RATE=str(RATE),
        )
        stack.wait_until_ready()
        loaded = stack.manage("load_scenario", "scenarios/more/surabaya.yaml")
        assert loaded.returncode == 0, loaded.stderr
        if opens - stack.now > timedelta(seconds=25):
            return opens
        opens, lead = opens + WEEK, lead * 2


class Waiting:
    """An API client that waits: it signs up, takes a ticket, polls its status."""

    def __init__(self, stack: Stack, window: int) -> None:
        self.stack, self.path = stack, f"/api/v1/windows/{window}/room/"
        self.token = stack.sign_up(f"warga{uuid4().hex[:8]}@contoh.id")
        status, body = stack.api("POST", f"windows/{window}/room/", token=self.token)
        assert status == 201, body
        self.window, self.ticket = window, body["ticket"]

    def stand(self) -> dict[str, Any]:
        """Return the ticket's status from the API."""
        ask = urllib.request.Request(
            f"{self.stack.url}{self.path}", headers={"Room-Ticket": self.ticket}
        )
        status, text = self.stack._ask(ask)
        assert status == 200, text
        return dict(json.loads(text))


@pytest.mark.xdist_group("stack")
@pytest.mark.slow
def test_positions_survive_the_loss_of_redis_web_and_database(office_stack: Stack) -> None:
    stack = office_stack
    opens = open_before_the_opening(stack)
    _status, windows = stack.api("GET", "offices/surabaya/windows/")
    window = next(row["id"] for row in windows if datetime.fromisoformat(row["opens_at"]) == opens)
    people = [Waiting(stack, window) for _each in range(PEOPLE)]
    assert {one.stand()["state"] for one in people} == {"early"}

    time.sleep(max(0.0, (opens - stack.now).total_seconds() - 3))
    stack.freeze()
    stack.kill("Valkey")  # it stays down during the opening
    wait_until(lambda: people[0].stand().get("position"), seconds=15, what="the door does not open")
    places = [one.stand()["position"] for one in people]
    stack.thaw()

    for name in ("Web", "PostgreSQL"):
        stack.kill(name)
        time.sleep(1.5)  # readiness may be a second old
        stack.wait_until_ready()
        assert [one.stand()["position"] for one in people] == places, name

    let_in_at = opens + timedelta(seconds=(PEOPLE + 1) / RATE)
    time.sleep(max(0.0, (let_in_at - stack.now).total_seconds()))
    wait_until(
        lambda: {one.stand()["state"] for one in people} == {"admitted"},
        seconds=20,
        what="not everyone was let in by the clock",
    )
    result = stack.manage("verify", "--json")
    assert [row for row in json.loads(result.stdout) if row["breaches"]] == []
