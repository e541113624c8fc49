"""How many queries the acts and screens of gate, production and pickup take, whatever the number of people.

The counter's are in service/test_queries.py. Counted with BEGIN and COMMIT. Reads are shared for a second, as
in production.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from counters.production import services as production_services
from tests.builders import make_application, make_book_number, make_nik, make_reason, produce
from tests.counters.drive_thru.world import open_lane
from tests.counters.screening.test_services import protocol_of, screen
from tests.counters.world import World, make_world
from tests.remembered import remembered

SetClock = Callable[[datetime], None]
OpenOffice = Callable[[int], World]
Act = tuple[str, dict[str, Any]]  # address and form
MOST_OF_AN_ACTION, MOST_OF_A_SCREEN = 12, 20
# Rare acts: they end or move a booking too, with its message, or make a person and a booking.
MOST_OF_RARE_ACTS = {
    "to priority": 14,  # of these two for the first ticket of the series on a day
    "refuse": 13,
    "next hour": 17,
    "send home": 34,
    "walk in": 64,
}


@pytest.fixture
def open_office(db: None, set_clock: SetClock, settings: Any) -> OpenOffice:
    settings.SHARED_READ_SECONDS = 1

    def make(people: int) -> World:
        world = make_full_office(people)
        set_clock(world.at(8, 5))
        return world

    return make


@remembered
def make_full_office(people: int) -> World:
    """People who came, people who are expected, and passports in the making and ready."""
    world = make_world(places=120, walk_ins=24)
    for code, use in (
        ("pregnant", "priority"),
        ("walk_in_off", "gate_refusal"),
        ("name_other", "gate_refusal"),
    ):
        make_reason(code, use)
    for number in range(people):
        make_application(world.arrive(8, 0).booking)
        world.book(9 + number % 3)
    for number in range(min(people, 4)):
        book = world.book_of_someone(8)
        produce(book, by=world.pickup, now=world.at(8, 40), steps=number)
    return world


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


# --- Acts -----------------------------------------------------------------------------------------
def check_in(world: World) -> Act:
    return "/admin/gate/", {"code": world.book(8).code}


def undo(world: World) -> Act:
    visit = world.check_in(world.book(8), world.at(8, 5))
    return reverse("counters:gate_undo", args=[visit.pk]), {}


def to_priority(world: World) -> Act:
    visit = world.check_in(world.book(8), world.at(8, 5))
    return reverse("counters:gate_priority", args=[visit.pk]), {"reason": "pregnant"}


def leave(world: World) -> Act:
    visit = world.check_in(world.book(8), world.at(8, 5))
    return reverse("counters:gate_leave", args=[visit.pk]), {"reason": "pulang"}


def refuse(world: World) -> Act:
    form = {"kind": "name", "reason": "name_other"}
    return reverse("counters:gate_refuse", args=[world.book(8).pk]), form


def turn_away(world: World) -> Act:
    return reverse("counters:gate_turn_away"), {"kind": "walk_in", "reason": "walk_in_off"}


def walk_in(world: World) -> Act:
    service = world.office.service_types.get(code="new")
    form = {
        "lane": "walk_in",
        "nik": make_nik(),
        "full_name": "Siti Rahmawati",
        "service_type": service.pk,
    }
    return reverse("counters:gate_walk_in"), form


def next_hour(world: World) -> Act:
    return reverse("counters:gate_next_hour", args=[world.book(8).pk]), {"slot": world.slot(10).pk}


def checked_at_gate(world: World) -> Act:
    protocol_of(world)
    form = {"temperature": "36,5", "items": ["mask", "hands"]}
    return reverse("counters:screening_person", args=[world.book(8).pk]), form


def send_home(world: World) -> Act:
    protocol_of(world)
    row = screen(world, world.book(8), 380)
    return reverse("counters:screening_decide", args=[row.pk]), {"outcome": "sent_home"}


def printed(world: World) -> Act:
    book = world.book_of_someone(8)
    address = reverse("counters:production_do", args=[book.pk, "printed"])
    return address, {"book_number": make_book_number()}


def checked(world: World) -> Act:
    book = produce(world.book_of_someone(8), by=world.supervisor, now=world.at(8, 40), steps=1)
    return reverse("counters:production_do", args=[book.pk, "checked"]), {}


def made_ready(world: World) -> Act:
    book = produce(world.book_of_someone(8), by=world.supervisor, now=world.at(8, 40), steps=2)
    return reverse("counters:production_do", args=[book.pk, "ready"]), {"shelf": "A3"}


def taken_back(world: World) -> Act:
    book = produce(world.book_of_someone(8), by=world.supervisor, now=world.at(8, 4), steps=2)
    production_services.mark_ready(book_id=book.pk, shelf="A1", by=world.pickup, now=world.at(8, 4))
    return reverse("counters:production_do", args=[book.pk, "taken_back"]), {}


def hand_over(world: World) -> Act:
    book = world.ready_book()
    form = {"book_number": book.book_number, "right": "self", "evidence": "KTP", "where": "desk"}
    return reverse("counters:hand_over", args=[book.pk]), form


def find_book(world: World) -> Act:
    return "/admin/pickup/", {"words": world.ready_book().visit.booking.code}


ACTS: dict[str, tuple[str, Callable[[World], Act]]] = {
    "check in": ("gate", check_in),
    "undo": ("gate", undo),
    "to priority": ("gate", to_priority),
    "leave": ("gate", leave),
    "refuse": ("gate", refuse),
    "turn away": ("gate", turn_away),
    "walk in": ("gate", walk_in),
    "next hour": ("gate", next_hour),
    "checked at the gate": ("gate", checked_at_gate),
    "send home": ("gate", send_home),
    "printed": ("pickup", printed),
    "checked": ("pickup", checked),
    "ready": ("pickup", made_ready),
    "taken back": ("pickup", taken_back),
    "hand over": ("pickup", hand_over),
    "find a book": ("pickup", find_book),
}


@pytest.mark.parametrize("people", [2, 14])
@pytest.mark.parametrize("name", ACTS)
def test_an_act_takes_few_queries(open_office: OpenOffice, name: str, people: int) -> None:
    who, prepare = ACTS[name]
    office = open_office(people)
    address, form = prepare(office)
    client = signed_in(getattr(office, who))
    signed_in(office.gate).get(card(office))  # reads what is shared for some seconds
    with CaptureQueriesContext(connection) as queries:
        answer = client.post(address, form)
    assert answer.status_code == 302 or name == "find a book"
    assert len(queries) <= MOST_OF_RARE_ACTS.get(name, MOST_OF_AN_ACTION)


# --- Screens --------------------------------------------------------------------------------------
def card(world: World) -> str:
    return reverse("counters:gate_card", args=[world.book(8).pk])


def card_inside(world: World) -> str:
    return reverse(
        "counters:gate_card", args=[world.check_in(world.book(8), world.at(8, 5)).booking_id]
    )


def card_early(world: World) -> str:
    return reverse("counters:gate_card", args=[world.book(11).pk])


def card_served(world: World) -> str:
    return reverse("counters:gate_card", args=[world.ready_book().visit.booking_id])


SCREENS: dict[str, tuple[str, Callable[[World], str]]] = {
    "gate": ("gate", lambda _world: "/admin/gate/"),
    "card": ("gate", card),
    "card, inside": ("gate", card_inside),
    "card, early": ("gate", card_early),
    "card, served": ("gate", card_served),
    "walk-in": ("gate", lambda _world: "/admin/gate/walk-in/"),
    "hours": ("gate", lambda _world: "/admin/gate/hours/"),
    "turn away": ("gate", lambda _world: "/admin/gate/turn-away/"),
    "screening": ("gate", lambda _world: "/admin/screening/"),
    "production": ("pickup", lambda _world: "/admin/production/"),
    "pickup": ("pickup", lambda _world: "/admin/pickup/"),
    "hand-over": (
        "pickup",
        lambda world: reverse("counters:hand_over", args=[world.ready_book().pk]),
    ),
    "lane": ("pickup", lambda _world: "/admin/pickup/drive-thru/"),
    "uncollected": ("pickup", lambda _world: "/admin/pickup/uncollected/"),
    "out of order": ("officer", lambda _world: "/admin/counter/out-of-order/"),
    "outage": ("officer", lambda _world: "/admin/counter/outage/"),
    "choose a counter": ("officer", lambda _world: "/admin/counter/"),
    "capacity": ("supervisor", lambda _world: "/admin/capacity/"),
    "evening": ("supervisor", lambda _world: "/admin/capacity/evening/"),
    "closing": ("supervisor", lambda _world: "/admin/closing/"),
    "offices today": ("supervisor", lambda _world: "/admin/today/offices/"),
    "roster": ("supervisor", lambda _world: "/admin/capacity/roster/"),
}


@pytest.mark.parametrize("people", [2, 14])
@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_takes_few_queries(open_office: OpenOffice, name: str, people: int) -> None:
    who, prepare = SCREENS[name]
    office = open_office(people)
    open_lane(office)
    address = prepare(office)
    client = signed_in(getattr(office, who))
    client.get(address)  # reads what is shared for some seconds
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    assert len(queries) <= MOST_OF_A_SCREEN
