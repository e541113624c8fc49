"""Keys of the counter and of search results, pressed in a real browser; focus is moved by Tab and arrows only."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from counters.visits.models import CounterSession, Visit
from tests.builders import make_application, make_person
from tests.counters.test_keyboard import go, wait_for_focus
from tests.counters.world import World, make_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SetClock = Callable[[datetime], None]
OpenPage = Callable[..., Any]


@pytest.fixture
def world(set_clock: SetClock) -> World:
    world = make_world()
    set_clock(world.at(8, 30))
    return world


@pytest.fixture
def serving(world: World, desk_of: OpenPage) -> tuple[World, CounterSession, Visit, Any]:
    """A visit that is being served at counter 1, with nothing ticked."""
    session = world.sit()
    world.arrive(8)
    visit = world.start(session, world.at(8, 20))
    page = desk_of(world.officer)
    page.goto("/admin/counter/")
    return world, session, visit, page


def tab_to(page: Any, selector: str) -> None:
    """Press Tab until an element has the focus."""
    wait_for_focus(page)
    for _press in range(60):
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {selector}")


@pytest.mark.parametrize("field", ["#reason", "#purpose", "input[name=documents]"])
def test_enter_in_a_field_is_the_main_button(serving: Any, field: str) -> None:
    _world, session, visit, page = serving
    with page.expect_navigation():
        page.keyboard.press("F7")  # all documents seen
    tab_to(page, field)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    session.refresh_from_db()
    assert session.paused_at is None
    assert visit.stage_runs.get(ended_at=None).stage == "interview"


def test_enter_in_the_notes_is_a_new_line(serving: Any) -> None:
    _world, session, visit, page = serving
    with page.expect_navigation():
        page.keyboard.press("F7")
    tab_to(page, "#notes")
    page.keyboard.type("Umrah")
    page.keyboard.press("Enter")
    page.keyboard.type("bersama ibu 4")
    assert visit.stage_runs.get(ended_at=None).stage == "documents"
    with page.expect_navigation():
        page.keyboard.press("F6")
    visit.refresh_from_db()
    session.refresh_from_db()
    assert visit.notes.split() == ["Umrah", "bersama", "ibu", "4"]
    assert visit.stage_runs.get(ended_at=None).stage == "interview"
    assert session.paused_at is None


def test_a_number_acts_only_in_the_open_menu(serving: Any) -> None:
    _world, session, visit, page = serving
    wait_for_focus(page)
    for number in "123456789":
        page.keyboard.press(number)
    page.keyboard.press("F1")
    page.keyboard.press("Escape")
    page.keyboard.press("1")
    visit.refresh_from_db()
    assert visit.status == "serving"
    page.keyboard.press("F1")
    assert page.get_by_role("button", name="Tunda di loket").is_visible()
    with page.expect_navigation():
        page.keyboard.press("1")
    visit.refresh_from_db()
    assert visit.status == "parked"
    wait_for_focus(page)
    page.keyboard.press("F1")
    with page.expect_navigation():
        page.keyboard.press("1")  # the same visit goes on
    visit.refresh_from_db()
    assert (visit.status, visit.session_id) == ("serving", session.pk)


@pytest.mark.parametrize(
    ("number", "state"), [("2", "put_back"), ("3", "transfer"), ("4", "pause"), ("5", "refuse")]
)
def test_each_number_has_its_action(serving: Any, number: str, state: str) -> None:
    _world, session, _visit, page = serving
    wait_for_focus(page)
    page.keyboard.press("F1")
    with page.expect_navigation():
        page.keyboard.press(number)
    session.refresh_from_db()
    assert (session.paused_at is not None) is (state == "pause")
    assert (f"ask={state}" in page.url) is (state != "pause")


def test_every_key_on_the_screen_is_used_once(serving: Any) -> None:
    _world, _session, _visit, page = serving
    for query in ("", "?ask=incomplete", "?ask=transfer", "?ask=put_back"):
        page.goto(f"/admin/counter/{query}")
        keys = page.evaluate(
            "[...document.querySelectorAll('[data-key]')].map((one) => one.dataset.key)"
        )
        assert len(keys) == len(set(keys)), keys
        shown = page.evaluate(
            "[...document.querySelectorAll('[data-key]')].every((one) => one.textContent.includes(one.dataset.key))"
        )
        assert shown, keys


def test_a_skip_says_what_happened_and_who_is_next(world: World, desk_of: OpenPage) -> None:
    world.arrive(8, 0)
    world.arrive(8, 1)
    world.sit()
    page = desk_of(world.officer)
    page.goto("/admin/counter/")
    go(page, "F2", "F10")
    text = page.inner_text("main")
    assert "A-001 dilewati: menunggu di belakang yang hadir, dipanggil lagi setelah 3" in text
    assert page.locator(".visit__head .no").inner_text() == "A-002"
    assert "Giliran berikutnya" in page.inner_text(".visit__head")


def test_arrows_choose_among_people_of_one_name(world: World, desk_of: OpenPage) -> None:
    names = ("Siti Rahmawati", "Siti Aminah")
    bookings = [world.book(9, person=make_person(full_name=name)) for name in names]
    page = desk_of(world.gate)
    page.goto("/admin/gate/")
    wait_for_focus(page)
    page.keyboard.type("siti")
    go(page, "Enter")
    assert page.evaluate("document.activeElement.id") == "code"  # for the next scan
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    chosen = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    go(page, "Enter")
    assert page.inner_text("#n") == chosen
    assert any(str(booking.pk) in page.url for booking in bookings)


def test_a_scan_on_a_list_of_results_is_read_whole(world: World, desk_of: OpenPage) -> None:
    for name in ("Siti Rahmawati", "Siti Aminah"):
        world.book(9, person=make_person(full_name=name))
    booking = world.book(8)
    make_application(booking)
    page = desk_of(world.gate)
    page.goto("/admin/gate/")
    wait_for_focus(page)
    page.keyboard.type("siti")
    go(page, "Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.type(booking.code)
    go(page, "Enter")
    assert page.locator("[data-verdict=inside]").is_visible()
