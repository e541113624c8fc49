"""Booking through a waiting room: pages and API; every other way is refused."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from booking.bookings.changes import reschedule_booking
from booking.bookings.models import Booking
from quotas.waiting_room import order as pure
from quotas.waiting_room.errors import NotLetIn
from quotas.waiting_room.models import WaitingRoom
from quotas.waiting_room.order import lot, position
from quotas.waiting_room.selectors import read_ticket, room_of
from quotas.waiting_room.status import public_status, status_of
from tests.builders import book_online, make_booking, make_open_slot, make_person, make_user
from tests.quotas.waiting_room.waiting_room_world import (
    MONDAY,
    OPENS,
    WAITS,
    join,
    make_room_office,
    slot_of,
    window_of,
)

pytestmark = pytest.mark.django_db
LATER = OPENS + timedelta(seconds=30)


@pytest.fixture(autouse=True)
def _rate(settings: Any) -> None:
    settings.WAITING_ROOM_RATE = settings.WAITING_ROOM_LEAST_RATE = 1.0


@pytest.fixture
def office() -> Any:
    return make_room_office()


@pytest.fixture
def crowd(office: Any) -> Any:
    """A hundred early tickets; one is admitted a second."""
    return [join(window_of(office)) for _each in range(100)]


def at_the_end(office: Any, person: Any) -> Any:
    """Give the person a ticket late in the order."""
    window = window_of(office)
    return join(window, person.account_id, now=OPENS + timedelta(seconds=1))


def book(person: Any, slot: Any, *tokens: Any, now: Any = LATER) -> Any:
    return book_online(
        account_id=person.account_id,
        slot_id=slot.pk,
        applicant_ids=[person.pk],
        service_type="new",
        key=uuid4().hex,
        now=now,
        room_tickets=tokens,
    )


# --- The service ---------------------------------------------------------------------------------
def test_an_admitted_person_books(office: Any) -> None:
    person = make_person()
    token = join(window_of(office), person.account_id)
    assert book(person, slot_of(office), token).bookings.get().place is not None


@pytest.mark.usefixtures("crowd")
def test_booking_without_the_waiting_room_is_refused(office: Any) -> None:
    person, slot = make_person(), slot_of(office)
    token = at_the_end(office, person)
    for tokens in ([], [token], ["forged"], [token[:-2]]):
        with pytest.raises(NotLetIn):
            book(person, slot, *tokens)
    assert not Booking.objects.exists()


def test_an_admitted_ticket_is_useless_to_another_account(office: Any) -> None:
    friend, person = make_person(), make_person()
    token = join(window_of(office), friend.account_id)
    with pytest.raises(NotLetIn):
        book(person, slot_of(office), token)


def test_resending_a_form_after_the_turn_returns_the_booking(office: Any) -> None:
    person, slot = make_person(), slot_of(office)
    token = join(window_of(office), person.account_id)
    given = {
        "account_id": person.account_id,
        "slot_id": slot.pk,
        "applicant_ids": [person.pk],
        "service_type": "new",
        "key": "satu",
        "room_tickets": [token],
    }
    party = book_online(**given, now=LATER)
    assert book_online(**given, now=OPENS + timedelta(hours=1)).pk == party.pk


def test_rescheduling_without_the_waiting_room_is_refused(office: Any) -> None:
    booking = make_booking(make_open_slot(now=LATER), now=LATER)
    account = booking.account
    ask = {"booking_id": booking.pk, "slot_id": slot_of(office).pk, "by": account}
    for _each in range(50):
        join(window_of(office))
    with pytest.raises(NotLetIn):
        reschedule_booking(**ask, now=LATER)
    token = join(window_of(office), account.pk, now=OPENS + timedelta(seconds=1))
    late = OPENS + timedelta(minutes=2)
    assert reschedule_booking(**ask, now=late, room_tickets=[token]).slot_id == ask["slot_id"]


def test_a_slot_without_a_waiting_room_needs_no_ticket() -> None:
    assert make_booking(make_open_slot()).place is not None


# --- The API -------------------------------------------------------------------------------------
@pytest.fixture
def api() -> Any:
    return APIClient()


def test_the_api_joins_waits_and_books(api: Any, office: Any, set_clock: Any) -> None:
    window, person = window_of(office), make_person()
    api.force_authenticate(person.account)
    room = f"/api/v1/windows/{window.pk}/room/"
    set_clock(OPENS - timedelta(hours=1))
    assert api.post(room).json()["code"] == "room_not_open"
    set_clock(WAITS)
    answer = api.post(room)
    assert answer.status_code == 201
    token = answer.json()["ticket"]
    assert answer.json()["state"] == "early"
    assert api.post(room, headers={"Room-Ticket": token}).json()["ticket"] == token
    set_clock(LATER)
    assert api.get(room, headers={"Room-Ticket": token}).json()["state"] == "admitted"
    body = {"slot": slot_of(office).pk, "applicants": [person.pk], "service_type": "new"}
    refused = api.post("/api/v1/bookings/", body)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_admitted")
    assert refused.json()["alternatives"] == [{"window": window.pk}]
    assert api.post("/api/v1/bookings/", body, headers={"Room-Ticket": token}).status_code == 201


def test_the_api_needs_a_token_only_for_joining(api: Any, office: Any) -> None:
    room = f"/api/v1/windows/{window_of(office).pk}/room/"
    assert api.post(room).status_code == 401
    assert api.get(room).json()["state"] in ("none", "soon", "apart")


def test_the_calendar_marks_windows_with_a_waiting_room(
    api: Any, office: Any, set_clock: Any
) -> None:
    set_clock(WAITS)
    rows = api.get(f"/api/v1/offices/{office.code}/windows/").json()
    assert {row["has_waiting_room"] for row in rows if row["first_day"] == MONDAY.isoformat()} == {
        True
    }


# --- The pages -----------------------------------------------------------------------------------
def room_url(office: Any) -> Any:
    return reverse("booking:room", args=[window_of(office).pk])


@pytest.fixture
def siti(client: Client) -> Any:
    person = make_person()
    client.force_login(person.account)
    return person


def test_a_slot_link_leads_through_the_waiting_room(
    client: Client, office: Any, siti: Any, set_clock: Any
) -> None:
    slot = slot_of(office)
    here = reverse("booking:book", args=[slot.pk])
    set_clock(WAITS)
    answer = client.get(here)
    assert answer.status_code == 302
    assert answer["Location"].startswith(room_url(office))
    page = client.get(answer["Location"])
    assert page.context["state"] == "apart"
    joined = client.post(
        reverse("booking:room_join", args=[window_of(office).pk]), {"next": here}, follow=True
    )
    assert joined.context["state"] == "early"
    set_clock(LATER)
    page = client.get(joined.redirect_chain[-1][0])
    assert page.context["state"] == "admitted"
    assert page.context["go_on"] == here
    form = client.get(here)
    assert form.status_code == 200
    done = client.post(
        here, {"key": form.context["key"], "applicants": [siti.pk], "service_type": "new"}
    )
    assert Booking.objects.get().code in done["Location"]


@pytest.mark.usefixtures("crowd")
def test_a_direct_post_is_sent_to_the_waiting_room(
    client: Client, office: Any, siti: Any, set_clock: Any
) -> None:
    set_clock(LATER)
    here = reverse("booking:book", args=[slot_of(office).pk])
    answer = client.post(here, {"key": "x", "applicants": [siti.pk], "service_type": "new"})
    assert answer.status_code == 302
    assert room_url(office) in answer["Location"]
    assert f"who={siti.pk}" in unquote(unquote(answer["Location"]))
    assert not Booking.objects.exists()


@pytest.mark.usefixtures("crowd")
def test_the_page_shows_position_estimate_and_remaining_places(
    client: Client, office: Any, siti: Any, set_clock: Any
) -> None:
    set_clock(OPENS + timedelta(seconds=1))
    client.post(reverse("booking:room_join", args=[window_of(office).pk]))
    page = client.get(room_url(office))
    assert page.context["state"] == "waiting"
    shown = re.sub(r"<[^>]+>|\s+", " ", page.content.decode())
    assert "101" in shown
    assert "Sekitar 2 menit lagi" in shown
    assert 'http-equiv="refresh"' in page.content.decode()
    assert siti.full_name not in page.content.decode()


def test_anonymous_visitors_see_the_waiting_room_without_a_position(
    client: Client, office: Any, set_clock: Any
) -> None:
    set_clock(WAITS)
    page = client.get(room_url(office))
    assert page.status_code == 200
    assert reverse("account_login") in page.content.decode()
    answer = client.post(reverse("booking:room_join", args=[window_of(office).pk]))
    assert reverse("account_login") in answer["Location"]


def test_a_ticket_opens_on_other_devices_of_its_account(
    client: Client, office: Any, siti: Any, set_clock: Any
) -> None:
    set_clock(WAITS)
    client.post(reverse("booking:room_join", args=[window_of(office).pk]))
    carried = client.get(room_url(office)).context["carry_url"]
    query = carried[carried.index("/rooms/") :]
    client.cookies.clear()
    client.force_login(siti.account)
    assert client.get(query, follow=True).context["state"] == "early"
    client.cookies.clear()
    client.force_login(make_user())
    assert client.get(query, follow=True).context["state"] == "apart"


def test_the_status_is_one_document_for_everyone(
    client: Client, office: Any, siti: Any, set_clock: Any
) -> None:
    window = window_of(office)
    address = reverse("booking:room_status", args=[window.pk])
    for moment in (WAITS, OPENS + timedelta(seconds=1)):
        set_clock(moment)
        client.force_login(siti.account)
        client.post(reverse("booking:room_join", args=[window.pk]))
        own, others = client.get(address), Client().get(address)
        moved = {"at": "", "watermark": 0}  # the clock goes on between the two requests
        assert own.json() | moved == others.json() | moved
        assert not own.cookies
        assert own["Cache-Control"] == "public, max-age=1, stale-while-revalidate=10"
        assert own["ETag"]


def test_the_status_hides_the_seed_until_the_opening(
    client: Client, office: Any, set_clock: Any
) -> None:
    address = reverse("booking:room_status", args=[window_of(office).pk])
    set_clock(WAITS)
    assert "seed" not in client.get(address).json()
    set_clock(OPENS + timedelta(seconds=1))
    assert client.get(address).json()["seed"] == WaitingRoom.objects.get().seed


def test_a_page_can_compute_its_position_from_the_status(office: Any, set_clock: Any) -> None:
    window = window_of(office)
    tokens = [join(window, now=WAITS) for _each in range(30)]
    at = OPENS + timedelta(seconds=2)
    status = public_status(window.pk, now=at)
    for token in tokens:
        ticket = read_ticket(token, window_id=window.pk)
        share = lot(status["seed"], ticket.code)
        part, before = int(share * 100), status["lots_before"]
        place = before[part] + (before[part + 1] - before[part]) * (share * 100 - part)
        assert place == pytest.approx(position(room_of(window.pk, now=at), ticket))


def test_the_proof_contains_the_seed_after_the_opening(
    client: Client, office: Any, set_clock: Any
) -> None:
    address = reverse("booking:room_proof", args=[window_of(office).pk])
    set_clock(WAITS)
    assert client.get(address).json()["seed"] is None
    set_clock(LATER)
    assert client.get(address).json()["seed"]


def test_an_unknown_waiting_room_returns_404(client: Client) -> None:
    for name in ("room", "room_proof"):
        assert client.get(reverse(f"booking:{name}", args=[999_999])).status_code == 404


def test_the_order_is_the_same_for_everyone(office: Any, crowd: Any) -> None:
    """Tickets are admitted in order."""
    window = window_of(office)
    room = room_of(window.pk, now=OPENS)
    places = {
        token: pure.position(room, read_ticket(token, window_id=window.pk)) for token in crowd
    }
    for at in range(0, 100, 7):
        now = OPENS + timedelta(seconds=at)
        let_in = [t for t in crowd if status_of(window.pk, t, now=now)["state"] == "admitted"]
        outside = [t for t in crowd if t not in let_in]
        if let_in and outside:
            assert max(places[t] for t in let_in) < min(places[t] for t in outside)
