"""The screen that books a later day for a person at the desk, its ticket, and cancelling there."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from booking.bookings.models import Booking
from booking.bookings.services import book_assisted
from booking.people.models import Applicant
from booking.refusals.models import Refusal
from booking.statuses import Status
from offices.directory.models import ServiceType
from tests.builders import fill_slot, person_data
from tests.clients import page_text
from tests.counters.world import DAY, World, make_world

pytestmark = pytest.mark.django_db
URL = "/admin/assist/"
TOMORROW = DAY + timedelta(days=1)
NIK = "3174095406880012"  # a woman born on 14 June 1988
MOST_OF_THE_SCREEN, MOST_OF_THE_ACT = 20, 30


@pytest.fixture
def client(world: World, set_clock: Any) -> Client:
    set_clock(world.at(9))
    return signed_in(world.gate)


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def address(**query: str) -> str:
    return f"{URL}?{urlencode({'service': 'new', 'day': TOMORROW.isoformat()} | query)}"


def typed(world: World, **changes: str) -> dict[str, str]:
    return {
        "slot": str(world.slot(9, TOMORROW).pk),
        "key": uuid4().hex,
        "nik": NIK,
        "full_name": "Siti Rahmawati",
        **changes,
    }


def test_service_day_and_hour_lead_to_a_ticket(world: World, client: Client) -> None:
    start = client.get(f"{URL}?service=new")
    [(day, link)] = start.context["days"]
    assert day.date == TOMORROW
    page = client.get(link)
    assert {row["state"] for row in page.context["hours"]} == {"open"}
    form = typed(world, key=page.context["form"]["key"].value())
    answer = client.post(link, form)
    booking = Booking.objects.get()
    assert answer["Location"] == reverse("counters:assist_ticket", args=[booking.pk])
    assert (booking.slot, booking.via) == (world.slot(9, TOMORROW), "assisted")
    person = booking.applicant
    assert (f"{person.birth_date}", person.sex) == ("1988-06-14", "female")
    text = page_text(client.get(answer["Location"]))
    assert booking.code in text
    assert "Siti R." in text
    assert "09.00–10.00" in text


def test_a_repeated_submission_shows_the_same_ticket(world: World, client: Client) -> None:
    form = typed(world)
    first = client.post(address(), form)
    fill_slot(world.slot(9, TOMORROW), now=world.at(9))  # nothing is left for the second one
    assert client.post(address(), form)["Location"] == first["Location"]
    assert Booking.objects.count() == 1


def test_going_back_to_the_form_books_the_next_person(world: World, client: Client) -> None:
    form = typed(world)
    client.post(address(), form)
    other = {**form, "nik": "3174095406880013", "full_name": "Budi Santoso"}
    refused = client.post(address(), other)
    assert (refused.status_code, Booking.objects.count()) == (409, 1)
    key = refused.context["form"]["key"].value()
    assert client.post(address(), {**other, "key": key}).status_code == 302
    assert Booking.objects.count() == 2


def test_a_full_hour_keeps_what_was_typed_and_says_so(world: World, client: Client) -> None:
    fill_slot(world.slot(9, TOMORROW), now=world.at(9))
    answer = client.post(address(), typed(world))
    assert answer.status_code == 409
    assert answer.context["form"]["full_name"].value() == "Siti Rahmawati"
    assert "tidak ada tempat yang dapat dipesan" in page_text(answer)
    refusal = Refusal.objects.get()
    assert (refusal.code, refusal.channel, refusal.by) == ("full", "desk", world.gate)
    assert not Applicant.objects.exists()


def test_a_person_with_a_booking_is_refused_with_the_reason(world: World, client: Client) -> None:
    client.post(address(), typed(world))
    answer = client.post(address(), typed(world))
    assert answer.status_code == 409
    assert "sudah punya jadwal" in page_text(answer)


@pytest.mark.parametrize(
    "changes", [{"nik": "12"}, {"full_name": ""}, {"slot": ""}, {"slot": "abc"}, {"key": ""}]
)
def test_wrong_input_is_refused_and_books_nothing(
    world: World, client: Client, changes: dict[str, str]
) -> None:
    answer = client.post(address(), typed(world, **changes))
    assert answer.status_code == 400
    assert not Booking.objects.exists()


def test_today_is_not_booked_here(world: World, client: Client) -> None:
    page = client.get(address(day=DAY.isoformat()))
    assert "tidak dapat dipesan di sini" in page_text(page)
    answer = client.post(address(day=DAY.isoformat()), typed(world))
    assert (answer.status_code, Booking.objects.count()) == (400, 0)


def test_the_ticket_is_printed_and_the_booking_cancelled_at_the_desk(
    world: World, client: Client
) -> None:
    booking = assisted(world)
    page = client.get(reverse("counters:assist_ticket", args=[booking.pk]))
    assert "data-print" in page.content.decode()
    assert page.context["may_cancel"]
    client.post(reverse("counters:assist_cancel", args=[booking.pk]))
    booking.refresh_from_db()
    assert (booking.status, booking.place) == (Status.CANCELLED, None)
    assert booking.history.last().by == world.gate


def assisted(world: World) -> Booking:
    return book_assisted(
        office_id=world.office.pk,
        person=person_data(),
        service_type_id=ServiceType.objects.get(code="new").pk,
        slot_id=world.slot(9, TOMORROW).pk,
        key=uuid4().hex,
        by=world.gate,
        now=world.at(9),
    )


def test_people_with_an_account_cancel_on_their_own_page(world: World, client: Client) -> None:
    booking = world.book(9, TOMORROW)
    answer = client.post(reverse("counters:assist_cancel", args=[booking.pk]), follow=True)
    assert "membatalkannya sendiri" in page_text(answer)
    booking.refresh_from_db()
    assert booking.status == Status.BOOKED


def test_another_office_neither_sees_nor_cancels_it(world: World, client: Client) -> None:
    booking = assisted(world)
    stranger = signed_in(make_world().gate)
    assert stranger.get(reverse("counters:assist_ticket", args=[booking.pk])).status_code == 404
    assert stranger.post(reverse("counters:assist_cancel", args=[booking.pk])).status_code == 404


def test_the_card_of_the_gate_leads_to_the_ticket(world: World, client: Client) -> None:
    booking = assisted(world)
    page = client.get(reverse("counters:gate_card", args=[booking.pk]))
    assert reverse("counters:assist_ticket", args=[booking.pk]) in page.content.decode()


@pytest.mark.parametrize("people", [1, 6])
def test_the_screen_and_the_act_take_few_queries(world: World, client: Client, people: int) -> None:
    for number in range(people):
        world.book(10 + number % 2, TOMORROW)
    with CaptureQueriesContext(connection) as reads:
        assert client.get(address()).status_code == 200
    with CaptureQueriesContext(connection) as writes:  # BEGIN, COMMIT and savepoints too
        assert client.post(address(), typed(world)).status_code == 302
    assert len(reads) <= MOST_OF_THE_SCREEN
    assert len(writes) <= MOST_OF_THE_ACT
