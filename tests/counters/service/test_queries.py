"""How many queries the counter's actions and screens take; none depends on the queue's length.

Reads are shared as in production, but longer, so that the pace of the machine changes nothing.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from counters.service import services as service_services
from counters.service import transfers as service_transfers
from counters.visits.models import CounterSession, Visit
from tests.builders import make_application
from tests.counters.world import KTP, World, form_of, make_world, who
from tests.remembered import remembered

SetClock = Callable[[datetime], None]
Count = Callable[[], int]
OpenCounter = Callable[[int], tuple[World, Client, CounterSession]]
MOST_OF_AN_ACTION, MOST_OF_A_SCREEN = 12, 20
# Of an action: with BEGIN and COMMIT. The end of a visit writes seven rows in five statements.
# Of a queue's length: short, and longer than what the screen shows.
LENGTHS = (2, 14)


@pytest.fixture
def open_counter(db: None, set_clock: SetClock, settings: Any) -> OpenCounter:
    settings.SHARED_READ_SECONDS = 60

    def make(length: int) -> tuple[World, Client, CounterSession]:
        world, session = make_queue(length)
        set_clock(world.at(8, 30))
        return world, signed_in(world), session

    return make


@remembered
def make_queue(length: int) -> tuple[World, CounterSession]:
    """A counter with a queue of this length."""
    world = make_world(places=120)
    session = world.sit()
    for number in range(length):
        make_application(world.arrive(8, number).booking)
    return world, session


def signed_in(world: World) -> Client:
    client = Client()
    client.force_login(world.officer)
    client.get("/admin/counter/")  # reads what is kept for the process
    return client


def visit_in(world: World, session: CounterSession, state: str) -> Visit:
    """The visit at the counter, in a state of the screen."""
    visit = world.call(session, world.at(8, 20))
    assert visit is not None
    if state == "called":
        return visit
    service_services.start_service(**who(visit, session), now=world.at(8, 21))
    if state == "parked":
        return service_transfers.park_visit(**who(visit, session), now=world.at(8, 22))
    if state == "last":
        for minute in (22, 23):
            service_services.finish_stage(
                **who(visit, session), documents_checked=KTP, now=world.at(8, minute)
            )
    return visit


ACTIONS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "call": ("", "next/", {}),
    "recall": ("called", "visits/{}/recall/", {}),
    "skip": ("called", "visits/{}/skip/", {}),
    "start": ("called", "visits/{}/start/", {}),
    "all seen": ("serving", "visits/{}/work/", {"go": "all_seen"}),
    "finish": ("serving", "visits/{}/work/", {"go": "finish", "documents": KTP, "notes": "Umrah"}),
    "end": ("last", "visits/{}/work/", {"go": "end"}),
    "save": ("serving", "visits/{}/draft/", {"notes": "Umrah"}),
    "park": ("serving", "visits/{}/work/", {"go": "park"}),
    "resume": ("parked", "visits/{}/resume/", {}),
    "put back": ("serving", "visits/{}/put_back/", {"text": "fotokopi"}),
    "pause": ("", "pause/", {}),
    "transfer": ("serving", "visits/{}/transfer/", {"text": "kamera rusak"}),
}
SCREENS = ("", "called", "serving", "last", "parked", "incomplete", "transfer", "convert")


@pytest.mark.parametrize("name", ACTIONS)
@pytest.mark.parametrize("length", LENGTHS)
def test_an_action_takes_few_queries(
    open_counter: OpenCounter, django_assert_max_num_queries: Any, name: str, length: int
) -> None:
    office, client, session = open_counter(length)
    office.sit(2, office.colleague())  # somebody to hand a visit on to
    state, address, typed = ACTIONS[name]
    visit = visit_in(office, session, state) if state else None
    form = form_of(visit, **typed) if visit else typed
    address = f"/admin/counter/{address.format(visit.pk if visit else '')}"
    with django_assert_max_num_queries(MOST_OF_AN_ACTION):
        answer = client.post(address, form)
    assert answer.status_code in (200, 302)
    if visit is not None and name != "save":
        before = form.get("version")
        visit.refresh_from_db()
        assert name == "all seen" or visit.version > before


@pytest.mark.parametrize("state", SCREENS)
def test_a_screen_takes_few_queries_whatever_the_queue(
    open_counter: OpenCounter, django_assert_max_num_queries: Any, state: str
) -> None:
    office, client, session = open_counter(LENGTHS[0])
    asks = state in {"incomplete", "transfer", "convert"}
    if state:
        visit_in(office, session, "serving" if asks else state)
    address = f"/admin/counter/?ask={state}" if asks else "/admin/counter/"
    with django_assert_max_num_queries(MOST_OF_A_SCREEN) as few:
        assert client.get(address).status_code == 200
    for number in range(LENGTHS[1]):
        make_application(office.arrive(8, 25 + number % 5).booking)
    with django_assert_max_num_queries(len(few.captured_queries)):
        assert client.get(address).status_code == 200
