"""Slot and ticket pages show the reader's own data only."""

import re
from typing import Any

import pytest
from django.urls import reverse

from booking.applications.services import ApplicationData, save_application
from offices.directory.models import Fee
from tests.builders import (
    INSTRUMENT,
    NOW,
    SINCE,
    make_booking,
    make_open_office,
    make_open_slot,
    make_person,
)

pytestmark = pytest.mark.django_db
ONE_TIME = re.compile(r'(name="(csrfmiddlewaretoken|key)" value=")[^"]+')


@pytest.fixture(autouse=True)
def _at_now(set_clock: Any, settings: Any) -> None:
    set_clock(NOW)
    settings.SHARED_READ_SECONDS = (
        60.0  # a cached fragment of one reader would be shown to the next
    )


@pytest.fixture(params=["id", "en"])
def reader(request: Any, client: Any) -> Any:
    client.cookies["django_language"] = request.param
    return client


def text_of(answer: Any) -> Any:
    text = answer.content.decode()
    return ONE_TIME.sub(r"\1", text)


def prepare(person: Any) -> None:
    Fee.objects.get_or_create(
        product="electronic_10", amount=950_000, valid_from=SINCE, instrument=INSTRUMENT
    )
    data = ApplicationData(
        "new", "first", "holiday", "electronic_10", {"ktp": True}, is_declared=True
    )
    save_application(applicant_id=person.pk, by=person.account, data=data, now=NOW)


def test_the_slot_page_shows_the_users_own_people_only(reader: Any) -> None:
    slot = make_open_slot(places=3)
    people = [make_person(full_name=name) for name in ("Siti Rahma", "Budi Santoso", "Ayu Lestari")]
    prepare(people[1])
    for person in people:
        reader.force_login(person.account)
        page = text_of(reader.get(reverse("booking:book", args=[slot.pk])))
        assert person.full_name in page
        assert not any(other.full_name in page for other in people if other != person)


def test_selected_people_are_preserved_in_links(client: Any) -> None:
    slot, first = make_open_slot(places=3), make_person()
    second = make_person(first.account)
    client.force_login(first.account)
    who = f"who={first.pk}&amp;who={second.pk}"
    address = (
        f"{reverse('booking:book', args=[slot.pk])}?service_type=new&{who.replace('&amp;', '&')}"
    )
    assert text_of(client.get(address)).count(who) >= 2


def test_a_ticket_shows_its_own_code_only(reader: Any) -> None:
    office = make_open_office(places=12)
    slots = [make_open_slot(office=office, days_from_now=3 + turn) for turn in range(3)]
    bookings = [make_booking(slot) for slot in slots]
    for booking in bookings:
        reader.force_login(booking.account)
        page = text_of(reader.get(reverse("booking:ticket", args=[booking.code])))
        assert booking.code in page
        assert not any(other.code in page for other in bookings if other != booking)


def test_success_is_shown_once(client: Any) -> None:
    slot, person = make_open_slot(places=3), make_person()
    client.force_login(person.account)
    form = {"applicants": [person.pk], "service_type": "new", "key": "satu"}
    answer = client.post(reverse("booking:book", args=[slot.pk]), form)
    first = client.get(answer["Location"])
    assert "Tempat ini milik Anda" in text_of(first)
    assert "Tempat ini milik Anda" not in text_of(client.get(answer["Location"]))


def test_another_accounts_ticket_returns_404(client: Any) -> None:
    slot = make_open_slot(places=3)
    mine, other = make_booking(slot), make_booking(slot)
    client.force_login(mine.account)
    assert client.get(reverse("booking:ticket", args=[mine.code])).status_code == 200
    assert client.get(reverse("booking:ticket", args=[other.code])).status_code == 404


def test_a_name_is_escaped(client: Any) -> None:
    slot, person = make_open_slot(places=3), make_person()
    person.full_name = "<b>Ayu</b> & Co"
    person.save(update_fields=["full_name"])
    client.force_login(person.account)
    page = client.get(reverse("booking:book", args=[slot.pk])).content.decode()
    assert "<b>&lt;b&gt;" in page
    assert "<b><b>" not in page
