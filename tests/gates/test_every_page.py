"""Visits every address of the URL configuration and checks every page.

A page is loaded in Indonesian on a phone and checked in light and dark. `make test` does so for one page of each address
and only reads the markup of the others. `make test-long` checks all pages, also in Indonesian on a desktop and in
English on a phone and a desktop.
"""

import os
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from tests.gates import checks
from tests.gates.known import is_known
from tests.gates.routes import every_route
from tests.gates.visits import (
    EVERY_FACE,
    SIGNPOSTS,
    Visit,
    account,
    applicant,
    is_old_address,
    machines,
    officers,
    public,
    stock,
)
from tests.gates.world import World

pytestmark = pytest.mark.django_db(transaction=True)

LOCALES = {"id": "id-ID", "en": "en-GB"}
SCREENS = {360: {"width": 360, "height": 740}, 1280: {"width": 1280, "height": 800}}
MOST_BYTES, MOST_SCRIPT = 60 * 1024, 20 * 1024
SLOWEST = 60_000  # milliseconds of a page on a busy machine
ZOOMED = {"width": 320, "height": 640}  # 1280 px at 400 %


class Visitor:
    """Opens pages as each user, each in a separate browser context."""

    def __init__(
        self,
        world: World,
        new_page: Callable[..., Any],
        host: str,
        language: str,
        width: int,
        *,
        is_thorough: bool,
    ) -> None:
        self.is_thorough = is_thorough
        self.world, self.new_page, self.host, self.language = world, new_page, host, language
        self.width = width
        self.pages: dict[str, tuple[Any, checks.Witness]] = {}
        self.complaints: list[str] = []
        self.checked: set[str] = set()  # routes of which a page was checked in the browser

    def _page(self, who: str) -> tuple[Any, checks.Witness]:
        if who not in self.pages:
            page = self.new_page(
                locale=LOCALES[self.language],
                viewport=SCREENS[self.width],
                reduced_motion="reduce",
                service_workers="block",
            )
            cookies = self.world.half_way() if who == "half way" else self.world.session_of(who)
            if cookies:
                page.context.add_cookies(
                    [
                        {"name": name, "value": value, "url": f"http://{self.host}"}
                        for name, value in cookies.items()
                    ]
                )
            self.pages[who] = page, checks.Witness(page, self.host)
        return self.pages[who]

    def look(self, visit: Visit, *, is_ours: bool = True, is_public: bool = False) -> None:
        """Open a page and note everything that is wrong with it."""
        if visit.route in self.checked and not self.is_thorough and not visit.press:
            self._note(visit, self._read(visit, is_ours=is_ours))
            return
        self.checked.add(visit.route)
        page, witness = self._page(visit.who)
        witness.forget()
        page.emulate_media(color_scheme="light")
        answer = page.goto(visit.path)
        if visit.press:
            with page.expect_navigation() as pressed:
                page.locator(visit.press).last.click()
            answer = pressed.value
        faults = witness.report() + self._judge(page, answer, visit, is_ours=is_ours)
        if is_public and not visit.press:
            faults += overweight(witness.weigh())
        self._note(visit, [text for text in faults if is_ours or not is_known(text)])

    def _read(self, visit: Visit, *, is_ours: bool) -> list[str]:
        """Return what is wrong with a page's status and markup, without rendering it."""
        page, _witness = self._page(visit.who)
        headers = {"Accept-Language": LOCALES[self.language]}
        answer = page.request.get(visit.path, headers=headers, timeout=SLOWEST)
        faults = checks.invalid_html(answer.text(), self.language, is_ours=is_ours)
        if answer.status != visit.status:
            faults.append(f"status {answer.status}, {visit.status} was expected")
        return [text for text in faults if is_ours or not is_known(text)]

    def _note(self, visit: Visit, faults: list[str]) -> None:
        if faults and os.environ.get("GATE_LOG"):
            with Path(os.environ["GATE_LOG"]).open("a") as log:
                log.writelines(
                    f"{visit} ({self.language}, {self.width}): {text}\n" for text in faults
                )
        self.complaints += [f"{visit} ({self.language}, {self.width}): {text}" for text in faults]

    def _judge(self, page: Any, answer: Any, visit: Visit, *, is_ours: bool) -> list[str]:
        faults = []
        if answer.status != visit.status:
            faults.append(f"status {answer.status}, {visit.status} was expected, at {page.url}")
        if (
            not visit.press
            and not visit.moves
            and urlsplit(page.url).path != urlsplit(visit.path).path
        ):
            faults.append(f"led elsewhere: {page.url}")
        faults += checks.invalid_html(answer.text(), self.language, is_ours=is_ours)
        faults += checks.tell(checks.axe(page, checks.ALL_RULES))
        page.emulate_media(color_scheme="dark")
        faults += [f"dark: {text}" for text in checks.tell(checks.axe(page, checks.COLOURS))]
        if is_ours and self.width == 360:
            faults += wider_than_the_screen(page, at=360)
            page.set_viewport_size(ZOOMED)
            faults += wider_than_the_screen(page, at=320)
            page.set_viewport_size(SCREENS[360])
        return faults


def wider_than_the_screen(page: Any, *, at: int) -> list[str]:
    width = page.evaluate("document.documentElement.scrollWidth")
    return [f"{width} px wide on a screen of {at}"] if width > at else []


def overweight(weights: dict[str, int]) -> list[str]:
    total, script = sum(weights.values()), weights.get("script", 0)
    faults = [f"{total} bytes are sent: {weights}"] if total > MOST_BYTES else []
    return faults + ([f"{script} bytes of script"] if script > MOST_SCRIPT else [])


def test_every_address_has_a_visit(world: World) -> None:
    planned = {visit.route for face in EVERY_FACE for visit in face(world)}
    missing = [
        route.pattern
        for route in every_route()
        if route.name not in planned | SIGNPOSTS.keys() and not is_old_address(route.pattern)
    ]
    assert not missing, "plan a visit in tests/gates/visits.py"
    assert planned <= {route.name for route in every_route()}


def test_other_addresses_answer_as_expected(world: World) -> None:
    clients: dict[str, Client] = {}
    faults = []
    for visit in machines(world):
        if visit.who not in clients:
            clients[visit.who] = Client()
            clients[visit.who].cookies.load(world.session_of(visit.who))
        answer = clients[visit.who].get(visit.path)
        kind = answer.get("Content-Type", "")
        if (answer.status_code, kind[: len(visit.kind)]) != (visit.status, visit.kind):
            faults.append(f"{visit}: {answer.status_code} {kind}")
    assert not faults, "\n".join(faults)


ALIKE = ("delete", "history")
# A list with filters, dates and actions, a form with inlines, read-only pages, and the list of lists.
SAMPLE = (
    "admin:accounts_user",
    "admin:app_list",
    "admin:booking_booking",
    "admin:notices_message",
    "admin:offices_servicetype",
    "admin:quotas_quotapolicy",
)
FACES = {"site": (public, applicant, account), "desks": (officers,)}


@pytest.mark.parametrize(
    ("language", "width"),
    [
        ("id", 360),
        pytest.param("en", 1280, marks=pytest.mark.slow),
        pytest.param("id", 1280, marks=pytest.mark.slow),
        pytest.param("en", 360, marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize("face", FACES)
def test_every_page_of_ours_passes_the_checks(
    request: pytest.FixtureRequest,
    world: World,
    new_page: Any,
    live_server: Any,
    face: str,
    language: str,
    width: int,
) -> None:
    host, is_thorough = live_server.url.removeprefix("http://"), request.config.getoption("--slow")
    visitor = Visitor(world, new_page, host, language, width, is_thorough=is_thorough)
    for plan in FACES[face]:
        for visit in plan(world):
            visitor.look(visit, is_public=plan is public)
    assert not visitor.complaints, "\n".join(visitor.complaints)


@pytest.mark.parametrize("part", range(2))
def test_djangos_admin_pages_pass_the_checks(
    request: pytest.FixtureRequest, world: World, new_page: Any, live_server: Any, part: int
) -> None:
    """Each language checks half of them, since they share one layout.

    `make test` checks the pages of the tables in `SAMPLE` and opens the others; `make test-long` checks all.
    Of the pages that confirm a deletion or show a row's history, one of each is checked.
    """
    is_thorough = request.config.getoption("--slow")
    reader = ("en", 1280) if part else ("id", 360)
    host = live_server.url.removeprefix("http://")
    visitor = Visitor(world, new_page, host, *reader, is_thorough=is_thorough)
    client = Client()
    client.force_login(world.people["root"])
    checked = set()
    for visit in list(stock(world))[part::2]:
        alike = visit.route.rpartition("_")[2] in ALIKE and visit.route.rpartition("_")[2]
        is_close = is_thorough or visit.route.startswith(SAMPLE)
        if not is_close or visit.status == HTTPStatus.FORBIDDEN or alike in checked:
            assert client.get(visit.path).status_code == visit.status, visit
            continue
        visitor.look(visit, is_ours=False)
        if alike:
            checked.add(alike)
    assert not visitor.complaints, "\n".join(visitor.complaints)
