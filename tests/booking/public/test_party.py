"""The pages of a family: the number of people before the hour, one ticket, moving and cancelling."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from booking.bookings.models import Booking, Party
from booking.statuses import Status
from notices.models import Message
from tests.booking.bookings.families import (
    SERVICES,
    book_family,
    hours_of,
    make_family,
    make_mixed_office,
)
from tests.builders import NOW, fill_slot, make_person, make_user
from tests.clients import page_text

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def hours(set_clock: Any) -> tuple[list[Any], list[Any]]:
    set_clock(NOW)
    office = make_mixed_office()
    return hours_of(office), hours_of(office, "foreigners")


@pytest.fixture
def people() -> list[Any]:
    return make_family()


@pytest.fixture
def client(people: list[Any]) -> Client:
    client = Client()
    client.force_login(people[0].account)
    return client


@pytest.fixture
def party(people: list[Any], hours: Any) -> Party:
    return book_family(people, hours[0][0], hours[1][0])


def of(party: Party, name: str) -> Booking:
    return party.bookings.get(applicant__full_name__startswith=name)


def test_the_hours_of_a_day_say_where_places_are_too_few(client: Client, hours: Any) -> None:
    slot = hours[0][0]
    fill_slot(hours[1][1])
    url = reverse("booking:day", args=[slot.office.code, slot.day])
    page = page_text(client.get(url, {"service_type": "new"}))
    assert "Berapa orang yang datang?" in page
    page = page_text(client.get(url, {"service_type": "new", "people": 3, "others": 2}))
    assert f"{hours[1][0].group}: Saat ini tidak ada tempat" in page  # in the second hour
    page = page_text(client.get(url, {"service_type": "stay_permit", "people": 4}))
    assert "3 tempat, Anda perlu 4" in page
    assert "Tidak ada jam pada hari ini yang masih mempunyai 4 tempat" in page


def test_a_chosen_hour_keeps_the_number_and_preselects_everybody(
    client: Client, people: list[Any], hours: Any
) -> None:
    slot = hours[0][0]
    url = reverse("booking:day", args=[slot.office.code, slot.day])
    wanted = {"service_type": "new", "people": 3, "others": 1, "slot": slot.pk}
    answer = client.get(url, wanted)
    assert answer.status_code == 302
    page = client.get(answer["Location"])
    cards = page.context["people"]
    assert all(card["is_chosen"] for card in cards)
    assert [str(card["service"].code) for card in cards] == ["new", "stay_permit", "new", "new"]


def test_an_hour_with_too_few_places_cannot_be_chosen(client: Client, hours: Any) -> None:
    slot = hours[1][0]
    url = reverse("booking:day", args=[slot.office.code, slot.day])
    wanted = {"service_type": "stay_permit", "people": 4, "slot": slot.pk}
    answer = client.get(url, wanted)
    assert answer.status_code == 409
    assert "3 tempat, Anda perlu 4" in page_text(answer)


def test_one_form_books_everybody_and_leads_to_one_ticket(
    client: Client, people: list[Any], hours: Any
) -> None:
    services = {
        f"service_type_{person.pk}": service
        for person, service in zip(people, SERVICES, strict=True)
    }
    form = {
        "applicants": [person.pk for person in people],
        "service_type": "new",
        "key": "keluarga",
        **services,
    }
    answer = client.post(reverse("booking:book", args=[hours[0][0].pk]), form)
    party = Party.objects.get()
    assert answer["Location"] == reverse("booking:party", args=[party.code])
    page = page_text(client.get(answer["Location"]))
    for booking in party.bookings.select_related("applicant", "service_type"):
        assert booking.code in page
        assert booking.applicant.short_name in page
    assert party.code in page
    assert page.count("Kode QR rombongan") == 1
    assert page_text(client.get(reverse("booking:bookings"))).count(party.code) >= 1


def test_moving_one_child_says_what_happens_to_the_others(
    client: Client, party: Party, hours: Any
) -> None:
    child, target = of(party, "Rafi"), hours[0][1]
    url = reverse("booking:party_move", args=[party.code])
    assert "Siapa yang pindah?" in page_text(client.get(url))
    assert client.get(url, {"choose": "1"}).status_code == 400
    wanted = {"who": child.code, "day": target.day.isoformat()}
    assert "Budi S., Anna K., Nia S. tetap pada jam sekarang." in page_text(client.get(url, wanted))
    wanted |= {"slot": str(target.pk)}
    page = page_text(client.get(url, wanted))
    assert "Pindahkan 1 orang?" in page
    assert "Jadwal mereka tidak berubah" in page
    assert Booking.objects.get(pk=child.pk).slot != target  # reading changes nothing
    answer = client.post(url, wanted)
    assert answer["Location"] == reverse("booking:party", args=[party.code])
    assert Booking.objects.get(pk=child.pk).slot == target
    ticket = client.get(answer["Location"])
    assert [len(hour["members"]) for hour in ticket.context["hours"]] == [3, 1]


def test_cancelling_two_says_who_stays_and_sends_one_message(client: Client, party: Party) -> None:
    codes = [of(party, name).code for name in ("Rafi", "Nia")]
    url = reverse("booking:party_cancel", args=[party.code])
    page = page_text(client.get(url, {"who": codes}))
    assert "Batalkan jadwal 2 orang?" in page
    assert "Jadwal mereka tidak berubah" in page
    client.post(url, {"who": codes, "reason": ""})
    cancelled = party.bookings.filter(status=Status.CANCELLED)
    assert {row.code for row in cancelled} == set(codes)
    assert Message.objects.filter(kind="booking_cancelled").count() == 1
    page = page_text(client.get(reverse("booking:party", args=[party.code])))
    assert "Tidak lagi dalam rombongan" in page


def test_a_move_to_a_full_hour_keeps_the_places_and_offers_others(
    client: Client, party: Party, hours: Any
) -> None:
    fill_slot(hours[1][1])
    wanted = {"who": [row.code for row in party.bookings.all()], "slot": str(hours[0][1].pk)}
    answer = client.post(reverse("booking:party_move", args=[party.code]), wanted)
    assert answer.status_code == 409
    assert "Jadwal lama tetap berlaku" in page_text(answer)
    assert set(party.bookings.values_list("slot", flat=True)) == {hours[0][0].pk, hours[1][0].pk}


def test_another_account_gets_nothing_of_a_family(party: Party) -> None:
    stranger = Client()
    stranger.force_login(make_user())
    for name in ("party", "party_calendar", "party_cancel", "party_move"):
        url = reverse(f"booking:{name}", args=[party.code])
        assert stranger.get(url, {"who": party.bookings.all()[0].code}).status_code == 404
    assert stranger.post(reverse("booking:party_cancel", args=[party.code])).status_code == 404


def test_a_calendar_file_holds_the_bookings_of_one_hour(client: Client, party: Party) -> None:
    url = reverse("booking:party_calendar", args=[party.code])
    text = client.get(url, {"with": of(party, "Budi").code}).content.decode()
    assert text.count("BEGIN:VEVENT") == 4
    assert "Santoso" not in text
    assert client.get(url, {"with": "AAAAAAAAAA"}).status_code == 404


def test_the_pages_of_one_booking_name_those_who_stay(client: Client, party: Party) -> None:
    child = of(party, "Rafi")
    for name in ("cancel", "reschedule"):
        page = page_text(client.get(reverse(f"booking:{name}", args=[child.code])))
        assert "Budi S., Anna K., Nia S." in page
    page = page_text(client.get(reverse("booking:ticket", args=[child.code])))
    assert reverse("booking:party", args=[party.code]) in page


def test_a_person_alone_has_no_ticket_of_a_family(client: Client, people: list[Any]) -> None:
    make_person(people[0].account)
    assert client.get("/parties/AAAAAAAAAA/").status_code == 404


def test_an_expired_session_keeps_each_persons_service(people: list[Any], hours: Any) -> None:
    father = people[0]
    form = {"applicants": [father.pk], "service_type": "new"}
    field = f"service_type_{father.pk}"
    url = reverse("booking:book", args=[hours[0][0].pk])
    answer = Client().post(url, {**form, field: "replacement"})
    onward = parse_qs(urlsplit(answer["Location"]).query)["next"][0]
    client = Client()
    client.force_login(father.account)
    [card] = [row for row in client.get(onward).context["people"] if row["person"] == father]
    assert (card["is_chosen"], card["service"].code) == (True, "replacement")
