"""The pages of the waiting list, without a script, and the same through the API."""

import re
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from booking.bookings.models import Booking
from booking.waiting_list.models import Offer, WaitingListEntry
from notices.models import Message
from tests.booking.waiting_list.waiting_world import (
    HOUR,
    MINUTE,
    give_back,
    make_full_slot,
    make_offer,
    serve,
    wait,
)
from tests.builders import NOW, make_booking, make_open_slot, make_person, make_user
from tests.outbox import link_of, open_link, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock(set_clock: Any) -> None:
    set_clock(NOW)


def signed_in(client: Client, user: Any) -> Client:
    client.force_login(user)
    return client


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def offer_path(offer: Offer) -> str:
    """The address that the offer's link leads to."""
    return f"/offers/{offer.pk}/"


def open_offer(client: Client) -> str:
    return open_link(client, link_of(Message.objects.get(kind="waiting_offer")))


# --- Joining ---------------------------------------------------------------------------------------
def test_a_full_day_links_to_the_waiting_list(client: Client) -> None:
    slot, _ = make_full_slot()
    person = make_person()
    join = f"/offices/{slot.office.code}/waiting/"
    assert join in page(client, f"/offices/{slot.office.code}/")
    day = page(client, f"/offices/{slot.office.code}/{slot.day}/?service_type=new")
    assert f"{join}?day={slot.day}&amp;service_type=new" in day
    signed_in(client, person.account)
    assert join in page(client, f"/book/{slot.pk}/?service_type=new")
    form = {"service_type": "new", "applicants": [person.pk], "key": "a"}
    refused = client.post(f"/book/{slot.pk}/", form)
    assert refused.status_code == 409
    assert join in refused.content.decode()


def test_joining_requires_sign_in(client: Client) -> None:
    slot, _ = make_full_slot()
    answer = client.get(f"/offices/{slot.office.code}/waiting/")
    assert answer.status_code == 302
    assert "/akun/login/" in answer["Location"]


def test_joining_redirects_to_the_entry(client: Client) -> None:
    slot, _ = make_full_slot()
    person = make_person()
    signed_in(client, person.account)
    path = f"/offices/{slot.office.code}/waiting/"
    shown = page(client, f"{path}?day={slot.day}&service_type=new")
    assert f'value="{slot.day}"' in shown
    form = {
        "service_type": "new",
        "applicants": [person.pk],
        "first_day": slot.day,
        "last_day": slot.day,
    }
    answer = client.post(path, form, follow=True)
    assert answer.redirect_chain[-1][0] == "/waiting/"
    entry = WaitingListEntry.objects.get()
    assert f"/waiting/{entry.pk}/leave/" in answer.content.decode()
    assert "Anda yang pertama untuk hari-hari itu." in answer.content.decode()
    assert slot.office.name in page(client, "/bookings/")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"first_day": "besok"}, "Isi tanggal, misalnya"),
        ({"last_day": ""}, "Pilih tanggalnya."),
        ({"last_day": "2026-11-23", "first_day": "2026-11-23"}, "Pilih tanggal akhir besok"),
        ({"applicants": []}, "Pilih setidaknya satu orang."),
    ],
)
def test_an_invalid_form_is_shown_again_with_the_reason(
    client: Client, changes: dict[str, Any], says: str
) -> None:
    slot, _ = make_full_slot()
    person = make_person()
    signed_in(client, person.account)
    form = {
        "service_type": "new",
        "applicants": [person.pk],
        "first_day": slot.day,
        "last_day": slot.day,
    } | changes
    answer = client.post(f"/offices/{slot.office.code}/waiting/", form)
    assert answer.status_code == 400
    text = answer.content.decode()
    assert says in text
    assert 'role="alert"' in text
    assert not WaitingListEntry.objects.exists()


def test_a_waiting_person_sees_where_they_wait(client: Client) -> None:
    slot, _ = make_full_slot()
    person = make_person()
    wait(slot, person)
    twin = make_person(identity_number=person.identity_number)
    signed_in(client, twin.account)
    form = {
        "service_type": "new",
        "applicants": [twin.pk],
        "first_day": slot.day,
        "last_day": slot.day,
    }
    answer = client.post(f"/offices/{slot.office.code}/waiting/", form)
    assert answer.status_code == 409
    # The twin's account may not know that the number waits already; it may contest.
    assert f"/people/{twin.pk}/contest/" in answer.content.decode()
    signed_in(client, person.account)
    other = make_person(person.account)
    answer = client.post(
        f"/offices/{slot.office.code}/waiting/", form | {"applicants": [person.pk, other.pk]}
    )
    assert answer.status_code == 409
    assert 'href="/waiting/"' in answer.content.decode()


def test_an_entry_shows_when_a_place_becomes_bookable(client: Client) -> None:
    slot = make_open_slot(places=3)
    person = make_person()
    wait(slot, person)
    signed_in(client, person.account)
    assert f"/offices/{slot.office.code}/{slot.day}/" in page(client, "/waiting/")


# --- Answering -------------------------------------------------------------------------------------
def test_opening_the_link_shows_the_offer_without_accepting(client: Client) -> None:
    offer = make_offer()
    path = open_offer(client)
    assert path == offer_path(offer)
    for _look in range(2):
        shown = page(client, path)
    assert "pukul" in shown
    assert offer.entry.members.get().applicant.full_name not in shown
    assert Offer.objects.get().status == "open"
    answer = client.post(path, {"accept": "1"}, follow=True)
    assert Booking.objects.get(via="waiting_list").status == "booked"
    assert "Tempat ini milik Anda" in answer.content.decode()
    again = client.post(path, {"accept": "1"}, follow=True)
    assert again.status_code == 200
    assert Booking.objects.filter(via="waiting_list").count() == 1


def test_signed_in_users_are_sent_to_their_tickets(client: Client) -> None:
    offer = make_offer()
    signed_in(client, offer.entry.account)
    assert offer_path(offer)[:20] in page(client, "/waiting/")
    assert offer_path(offer)[:20] in page(client, "/bookings/")
    assert "/offers/" in page(client, "/")
    answer = client.post(offer_path(offer), {"accept": "1"}, follow=True)
    assert answer.redirect_chain[-1][0] == "/bookings/"
    assert Booking.objects.get(via="waiting_list").code in answer.content.decode()


def test_declining_by_the_link_keeps_the_entry(client: Client) -> None:
    offer = make_offer()
    link = re.search(r"http\S+decline=1", text_of(Message.objects.get(kind="waiting_offer")))
    assert link
    assert "Tolak tempat ini?" in page(client, open_link(client, link[0]))
    answer = client.post(offer_path(offer), {"decline": "1"}, follow=True)
    assert "Tawaran ini sudah ditolak" in answer.content.decode()
    assert "Anda tetap di daftar tunggu" in answer.content.decode()
    offer.refresh_from_db()
    assert (offer.status, offer.entry.status) == ("declined", "waiting")


def test_an_expired_offer_shows_alternatives(client: Client, set_clock: Any) -> None:
    offer = make_offer()
    set_clock(offer.answer_by)
    open_offer(client)
    shown = page(client, offer_path(offer))
    assert "Tawaran ini sudah lewat" in shown
    assert f"/offices/{offer.slot.office.code}/" in shown
    refused = client.post(offer_path(offer), {"accept": "1"})
    assert refused.status_code == 409
    assert not Booking.objects.filter(via="waiting_list").exists()


def test_forged_links_return_404(client: Client) -> None:
    offer = make_offer()
    token = link_of(Message.objects.get(kind="waiting_offer")).rstrip("/").rpartition("/")[2]
    for path in (f"/offers/{token[:-2]}xx/", f"/waiting/stop/{token}/", "/offers/x/"):
        assert client.get(path).status_code == 404
        assert client.post(path, {"accept": "1"}).status_code in (404, 405)
    assert client.get(offer_path(offer)).status_code == 404
    assert client.post(offer_path(offer), {"accept": "1"}).status_code == 404
    offer.refresh_from_db()
    assert offer.status == "open"


def test_the_leave_link_asks_for_confirmation(client: Client) -> None:
    offer = make_offer()
    link = re.search(r"/waiting/stop/[^/]+/", text_of(Message.objects.get(kind="waiting_offer")))
    assert link
    path = open_link(client, link[0])
    assert path == f"/waiting/{offer.entry_id}/stop/"
    assert "Berhenti menunggu?" in page(client, path)
    assert WaitingListEntry.objects.get().status == "waiting"
    answer = client.post(path, follow=True)
    assert "Anda tidak lagi menunggu" in answer.content.decode()
    assert WaitingListEntry.objects.get().status == "stopped"


def test_only_the_owner_can_leave_by_the_button(client: Client) -> None:
    slot, _ = make_full_slot()
    entry = wait(slot)
    signed_in(client, make_user())
    assert client.post(f"/waiting/{entry.pk}/leave/").status_code == 404
    signed_in(client, entry.account)
    assert client.post(f"/waiting/{entry.pk}/leave/").status_code == 302
    assert "Anda berhenti menunggu" in page(client, "/waiting/")


# --- API ---------------------------------------------------------------------------------------------
def api_of(user: Any) -> APIClient:
    api = APIClient()
    api.force_authenticate(user)
    return api


def wanted(slot: Any, person: Any) -> dict[str, Any]:
    return {
        "office": slot.office.code,
        "service_type": "new",
        "applicants": [person.pk],
        "first_day": slot.day.isoformat(),
        "last_day": slot.day.isoformat(),
    }


def test_the_api_covers_joining_to_booking() -> None:
    slot, [booking] = make_full_slot()
    person = make_person()
    api = api_of(person.account)
    joined = api.post("/api/v1/waiting-list/", wanted(slot, person))
    assert joined.status_code == 201
    joined_entry = joined.json()
    assert joined_entry.pop("joined_at").startswith("2026-11-23T10:00:0")
    assert joined_entry == {
        "id": WaitingListEntry.objects.get().pk,
        "status": "waiting",
        "office": slot.office.code,
        "lane": "online",
        "service_type": "new",
        "applicants": [person.pk],
        "first_day": str(slot.day),
        "last_day": str(slot.day),
        "ahead": 0,
        "offers_made": 0,
        "offer": None,
    }
    give_back(booking)
    serve(NOW + MINUTE)
    [entry] = api.get("/api/v1/waiting-list/").json()
    offer = entry["offer"]
    assert (offer["slot"], offer["answer_by"]) == (slot.pk, "2026-11-23T14:01:00+07:00")
    accepted = api.post(f"/api/v1/offers/{offer['id']}/accept/")
    assert accepted.status_code == 200
    [made] = accepted.json()["bookings"]
    assert (made["status"], made["slot"], made["changes_left"]) == ("booked", slot.pk, 1)
    assert accepted.json()["offer"]["status"] == "accepted"
    assert api.post(f"/api/v1/offers/{offer['id']}/accept/").json() == accepted.json()
    late = api.post(f"/api/v1/offers/{offer['id']}/decline/")
    assert (late.status_code, late.json()["code"]) == (409, "offer_over")


def test_the_api_declines_and_leaves() -> None:
    offer = make_offer()
    api = api_of(offer.entry.account)
    declined = api.post(f"/api/v1/offers/{offer.pk}/decline/")
    assert (declined.status_code, declined.json()["status"]) == (200, "declined")
    path = f"/api/v1/waiting-list/{offer.entry_id}/"
    assert api.delete(path).status_code == 204
    assert api.delete(path).status_code == 204
    assert api.get("/api/v1/waiting-list/").json()[0]["status"] == "stopped"


def test_the_api_returns_404_for_another_accounts_entry() -> None:
    offer, api = make_offer(), api_of(make_user())
    for verb in ("accept", "decline"):
        assert api.post(f"/api/v1/offers/{offer.pk}/{verb}/").status_code == 404
    assert api.delete(f"/api/v1/waiting-list/{offer.entry_id}/").status_code == 404
    assert api.get("/api/v1/waiting-list/").json() == []
    assert APIClient().get("/api/v1/waiting-list/").status_code == 401


def test_the_api_names_the_reason_for_a_refusal() -> None:
    slot, _ = make_full_slot()
    person = make_person()
    api = api_of(person.account)
    answer = api.post("/api/v1/waiting-list/", wanted(slot, person) | {"office": "tidak-ada"})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["office"])
    assert api.post("/api/v1/waiting-list/", {"applicants": "x"}).status_code == 400
    make_booking(make_open_slot(), person=make_person(identity_number=person.identity_number))
    answer = api.post("/api/v1/waiting-list/", wanted(slot, person))
    assert (answer.status_code, answer.json()["code"]) == (409, "not_bookable")


def test_the_api_shows_the_number_of_entries_ahead() -> None:
    slot, _ = make_full_slot()
    wait(slot)
    person = make_person()
    entry = wait(slot, person, now=NOW + HOUR)
    [shown] = api_of(person.account).get("/api/v1/waiting-list/").json()
    assert (shown["id"], shown["ahead"]) == (entry.pk, 1)
