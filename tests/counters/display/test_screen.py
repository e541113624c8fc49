"""Board, kiosk and ticket page in a real browser, with real keys."""

import os
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from counters.kiosks.services import issue_kiosk
from counters.service import services as service_services
from counters.visits.models import CounterSession
from offices.day_rules.models import DayRule
from offices.directory.models import Counter, Device, Hall
from offices.outages.models import Outage
from tests.builders import INSTRUMENT, SINCE, make_group, make_lane
from tests.counters.world import World, make_world, who
from tests.gates import checks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SetClock = Callable[[datetime], None]
OpenPage = Callable[..., Any]
FULL_HD = {"width": 1920, "height": 1080}
SOON = 10_000  # ms; a board asks every two to three seconds


@pytest.fixture
def world(set_clock: SetClock) -> World:
    world = make_world(counters=6)
    set_clock(world.at(9))
    return world


@pytest.fixture
def sessions(world: World) -> list[CounterSession]:
    """Seven people; three are served, one counter is free."""
    for hour in (8, 8, 8, 9, 9, 9, 10):
        world.arrive(max(8, hour - 1), booked=hour)
    sessions = [world.sit(1), *(world.sit(number, world.colleague()) for number in (2, 3, 4))]
    for minute, session in enumerate(sessions[:3]):
        world.start(session, world.at(8, minute))
    return sessions


def picture(page: Any, name: str) -> None:
    """Keep a picture where somebody wants to look at it."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png")


@pytest.mark.parametrize("width", [320, 360, 768])
def test_board_and_kiosk_fit_a_phone(
    world: World, sessions: list[CounterSession], new_page: OpenPage, width: int
) -> None:
    page = new_page(viewport={"width": width, "height": 740})
    for path in (f"/board/{world.office.code}/", f"/board/{world.office.code}/utama/"):
        page.goto(path)
        picture(page, f"board-{width}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto(f"/kiosk/{world.office.code}/")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_call_appears_by_itself(
    world: World, sessions: list[CounterSession], new_page: OpenPage
) -> None:
    page = new_page(viewport=FULL_HD)
    page.goto(f"/board/{world.office.code}/")
    expect(page.locator("[data-call-word]")).to_have_text("Baru dipanggil")
    picture(page, "board-last")
    world.call(sessions[3], world.at(9))
    expect(page.locator(".call--now [data-call-counter]")).to_have_text("4", timeout=SOON)
    expect(page.locator("[data-call-number]")).to_have_text("A-004")
    expect(page.locator("[data-call-word]")).to_have_text("Silakan")
    expect(page.locator("[data-coming] span")).to_have_text(["A-005", "A-006", "A-007"])
    picture(page, "board-called")


def test_a_board_without_network_says_since_when_and_recovers(
    world: World, sessions: list[CounterSession], new_page: OpenPage
) -> None:
    page = new_page(viewport=FULL_HD)
    page.clock.install()
    page.goto(f"/board/{world.office.code}/")
    expect(page.locator("[data-news-text]")).to_contain_text("menunggu", timeout=SOON)
    page.context.set_offline(True)
    page.clock.run_for(20_000)
    expect(page.locator(".news--stale")).to_contain_text("Sambungan terputus sejak pukul 09.00")
    expect(page.locator("[data-call-number]")).to_have_text("A-003")  # the last state stays
    picture(page, "board-stale")
    world.call(sessions[3], world.at(9))
    page.context.set_offline(False)
    for _step in range(30):  # small steps: the answer itself takes real time
        page.clock.run_for(2_000)
        page.wait_for_timeout(200)
        if not page.locator(".news--stale").count():
            break
    expect(page.locator(".news--stale")).to_have_count(0)
    expect(page.locator("[data-call-number]")).to_have_text("A-004")


def test_the_board_says_whether_it_has_sound(world: World, new_page: OpenPage) -> None:
    page = new_page(viewport=FULL_HD)
    page.route(
        "**/static/sounds/*", lambda route: route.fulfill(status=404)
    )  # `make sounds` made none
    page.goto(f"/board/{world.office.code}/")
    expect(page.locator("[data-sound-text]")).to_have_text("Papan ini tidak bersuara")
    page.get_by_role("button", name="Nyalakan suara").click()
    # The test machine has no Indonesian voice, so the board does not promise one.
    expect(page.locator("[data-sound-text]")).to_contain_text("Hanya bunyi lonceng")
    expect(page.get_by_role("button", name="Nyalakan suara")).to_be_hidden()


def test_a_board_of_two_halls_with_an_outage(
    world: World, sessions: list[CounterSession], new_page: OpenPage
) -> None:
    hall = Hall.objects.create(
        office=world.office,
        code="prioritas",
        name="Ruang prioritas",
        name_en="Priority room",
        floor="2",
    )
    hall.groups.set([make_group("citizens")])
    hall.lanes.set([make_lane("priority")])
    counter = Counter.objects.create(
        hall=hall, number=12, is_one_stop=True, stages=["documents", "interview", "photo"]
    )
    for number in (2, 5):
        camera = Device.objects.create(
            office=world.office, counter=world.counter(number), kind="camera", name=f"K{number}"
        )
        Outage.objects.create(
            office=world.office,
            device=camera,
            started_at=world.at(8),
            reason="rusak",
            noted_at=world.at(8),
            noted_by=world.supervisor,
        )
    assert counter.hall == hall
    page = new_page(viewport=FULL_HD, color_scheme="dark")
    page.goto(f"/board/{world.office.code}/")
    expect(page.locator("[data-past] li small").first).to_have_text("lt 1")
    expect(page.locator("[data-call-place]")).to_have_text("Ruang utama, lantai 1")
    picture(page, "board-halls-dark")
    english = new_page(viewport={"width": 1280, "height": 720}, locale="en-GB")
    english.goto(f"/board/{world.office.code}/")
    expect(english.locator("html")).to_have_attribute("lang", "en")
    picture(english, "board-english-720")


def test_the_ticket_page_follows_the_board(
    world: World, sessions: list[CounterSession], new_page: OpenPage, live_server: Any
) -> None:
    visit = world.arrive(9, booked=10)
    client = Client()
    client.force_login(visit.booking.account)
    page = new_page(viewport={"width": 360, "height": 740})
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    page.goto(f"/bookings/{visit.booking.code}/")
    expect(page.locator("[data-turn-people]")).to_have_text("4 orang di depan Anda")
    picture(page, "ticket-waiting")
    session = sessions[3]
    for _person in range(4):
        called = world.start(session, world.at(9))
        service_services.mark_incomplete(**who(called, session), missing="KK", now=world.at(9))
    assert world.call(session, world.at(9)) == visit
    expect(page.locator("[data-turn-counter]")).to_have_text("Silakan ke loket 4", timeout=SOON)
    expect(page).to_have_title("Silakan ke loket 4 · Tiket Kamis 26 Nov · Antrean Paspor")
    picture(page, "ticket-called")


@pytest.fixture
def kiosk(world: World, new_page: OpenPage) -> Any:
    """A paired kiosk that gives numbers, seven people being in the office."""
    DayRule.objects.create(
        office=world.office, kiosk_completes=True, valid_from=SINCE, instrument=INSTRUMENT
    )
    _kiosk, code = issue_kiosk(
        office_id=world.office.pk, name="Pintu utara", by=world.supervisor, now=world.at(9)
    )
    page = new_page(viewport={"width": 1080, "height": 1600})
    page.goto(f"/kiosk/{world.office.code}/")
    picture(page, "kiosk-pairing")
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Kode booking")).to_be_focused()
    return page


def test_a_scanner_checks_people_in_one_after_the_other(world: World, kiosk: Any) -> None:
    world.sit()
    first, second = world.book(9), world.book(9)
    picture(kiosk, "kiosk-start")
    kiosk.keyboard.type(first.code)
    kiosk.keyboard.press("Enter")
    expect(kiosk.locator(".result__no")).to_have_text("A-001")
    assert first.applicant.full_name not in kiosk.content()
    picture(kiosk, "kiosk-number")
    kiosk.emulate_media(media="print")
    expect(kiosk.locator(".slip__no")).to_be_visible()
    expect(kiosk.locator("main")).to_be_hidden()
    picture(kiosk, "kiosk-slip")
    kiosk.emulate_media(media="screen")
    kiosk.keyboard.type(second.code)  # the next person need not clear the screen
    kiosk.keyboard.press("Enter")
    expect(kiosk.locator(".result__no")).to_have_text("A-002")


def test_a_code_is_typed_on_the_pad_and_a_wrong_one_explained(world: World, kiosk: Any) -> None:
    for letter in "ACD":
        kiosk.locator(f'[data-key-of="{letter}"]').click()
    kiosk.locator("[data-key-back]").click()
    expect(kiosk.get_by_label("Kode booking")).to_have_value("AC")
    kiosk.get_by_role("button", name="Daftar ulang").click()
    expect(kiosk.get_by_role("alert")).to_contain_text("Kode ini tidak dikenal di kantor ini")
    picture(kiosk, "kiosk-wrong")
    kiosk.get_by_role("link", name="English").click()
    expect(kiosk.get_by_role("heading", name="Check in")).to_be_visible()


def test_board_and_kiosk_are_accessible(
    world: World, sessions: list[CounterSession], kiosk: Any, new_page: OpenPage
) -> None:
    """With calls and a number on the screen; tests/gates checks them without."""
    faults = checks.tell(checks.axe(kiosk, checks.ALL_RULES))
    kiosk.keyboard.type(world.book(10).code)
    kiosk.keyboard.press("Enter")
    expect(kiosk.locator(".result__no")).to_be_visible()
    faults += checks.tell(checks.axe(kiosk, checks.ALL_RULES))
    world.call(sessions[3], world.at(9))
    board = new_page(viewport=FULL_HD, reduced_motion="reduce")
    board.goto(f"/board/{world.office.code}/")
    expect(board.locator(".call--now")).to_be_visible()
    for scheme in ("light", "dark"):
        board.emulate_media(color_scheme=scheme)
        faults += checks.tell(checks.axe(board, checks.ALL_RULES))
        kiosk.emulate_media(color_scheme=scheme)
        faults += checks.tell(checks.axe(kiosk, checks.COLOURS))
    assert not faults, "\n".join(faults)


def test_a_number_does_not_stay_on_the_screen(world: World, kiosk: Any) -> None:
    booking = world.book(9)
    kiosk.clock.install()
    kiosk.keyboard.type(booking.code)
    kiosk.keyboard.press("Enter")
    expect(kiosk.locator(".result__no")).to_have_text("A-001")
    kiosk.clock.run_for(21_000)
    expect(kiosk.locator(".result__no")).to_have_count(0)
    kiosk.go_back()
    expect(kiosk.locator(".result__no")).to_have_count(0)
