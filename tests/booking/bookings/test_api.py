"""People and bookings through the API, as its contract describes."""

from typing import Any

import pytest
from django.utils.translation import override
from rest_framework.test import APIClient

from accounts.models import User
from accounts.services import issue_token
from booking.bookings.models import Booking
from booking.statuses import Status
from offices.staff.models import Role
from quotas.places.models import Slot
from tests.builders import (
    NOW,
    make_booking,
    make_nik,
    make_officer,
    make_open_office,
    make_open_slot,
    make_person,
    make_user,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_monday")]


@pytest.fixture
def _monday(set_clock: Any) -> None:
    set_clock(NOW)


@pytest.fixture
def account() -> User:
    return make_user()


def client_of(user: User, **headers: str) -> APIClient:
    client = APIClient(headers=headers)
    client.credentials(HTTP_AUTHORIZATION=f"Token {issue_token(user_id=user.pk)}")
    return client


@pytest.fixture
def client(account: User) -> APIClient:
    return client_of(account)


def person_json(**changes: Any) -> dict[str, Any]:
    typed = {
        "full_name": "Siti Rahmawati",
        "nik": make_nik(),
        "birth_date": "1990-02-06",
        "sex": "female",
        "phone": "0812 3456 7890",
    }
    return {name: value for name, value in (typed | changes).items() if value is not None}


def add_person(client: APIClient) -> int:
    return client.post("/api/v1/applicants/", person_json()).json()["id"]


def book(
    client: APIClient, slot: Slot, /, *people: int, key: str | None = None, **changes: Any
) -> Any:
    body = {"slot": slot.pk, "applicants": list(people), "service_type": "new"} | changes
    headers = {"Idempotency-Key": key} if key is not None else {}
    return client.post("/api/v1/bookings/", body, headers=headers)


# --- People ---------------------------------------------------------------------------------------
def test_a_person_is_added_listed_changed_and_removed(client: APIClient) -> None:
    made = client.post("/api/v1/applicants/", person_json())
    assert made.status_code == 201
    person = made.json()
    assert client.get("/api/v1/applicants/").json() == [person]
    address = f"/api/v1/applicants/{person['id']}/"
    changed = client.patch(address, {"full_name": "Siti R. Putri"})
    assert changed.status_code == 200
    assert changed.json() == person | {"full_name": "Siti R. Putri"}
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404


def test_a_foreigner_is_added_by_passport(client: APIClient) -> None:
    body = person_json(
        nik=None, identity_kind="passport", identity_number="N1234567", nationality="MY"
    )
    answer = client.post("/api/v1/applicants/", body)
    assert answer.status_code == 201
    assert (answer.json()["nik"], answer.json()["identity_number"]) == (None, "N1234567")


def test_a_nik_that_contradicts_the_birth_date_gives_a_warning(client: APIClient) -> None:
    answer = client.post("/api/v1/applicants/", person_json(birth_date="1991-01-01"))
    assert (answer.status_code, answer.json()["nik_differs"]) == (201, True)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("nik", "123"),
        ("nik", None),
        ("full_name", ""),
        ("full_name", None),
        ("birth_date", "31-12-1990"),
        ("birth_date", "2090-01-01"),
        ("sex", "x"),
        ("phone", "12"),
        ("identity_kind", "x"),
    ],
)
def test_a_wrong_value_names_its_field_and_adds_nobody(
    client: APIClient, account: User, field: str, value: Any
) -> None:
    answer = client.post("/api/v1/applicants/", person_json(**{field: value}))
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert answer.json()["fields"][field]
    assert not account.applicants.exists()


def test_all_errors_are_reported_at_once(client: APIClient, account: User) -> None:
    wrong = {"full_name": "", "nik": "123", "birth_date": "2090-03-12", "sex": "x", "phone": "12"}
    answer = client.post("/api/v1/applicants/", wrong)
    assert set(answer.json()["fields"]) == set(wrong)
    nothing = client.post("/api/v1/applicants/", {})
    assert set(nothing.json()["fields"]) == {"full_name", "nik", "birth_date", "sex"}
    foreign = {"identity_kind": "passport", "identity_number": "?", "nationality": "XX", "sex": ""}
    answer = client.post("/api/v1/applicants/", foreign)
    assert set(answer.json()["fields"]) == {"full_name", "birth_date", *foreign} - {"identity_kind"}
    person = make_person(account)
    changed = client.patch(
        f"/api/v1/applicants/{person.pk}/", {"sex": "x", "nik": "1", "phone": "1"}
    )
    assert set(changed.json()["fields"]) == {"sex", "nik", "phone"}


def test_errors_use_the_callers_language(account: User) -> None:
    with override(None):
        sentence = {
            language: client_of(account, **{"Accept-Language": language})
            .get("/api/v1/bookings/TIDAKADA/")
            .json()
            for language in ("id", "en")
        }
    assert sentence["id"]["code"] == sentence["en"]["code"] == "not_found"


# --- Booking --------------------------------------------------------------------------------------
def test_a_booking_response_matches_the_contract(client: APIClient) -> None:
    slot, person = make_open_slot(), add_person(client)
    answer = book(client, slot, person)
    assert answer.status_code == 201
    [booking] = answer.json()["bookings"]
    stored = Booking.objects.get(code=booking["code"])
    assert answer.json()["party"] == stored.party_id
    assert booking == {
        "code": stored.code,
        "status": "booked",
        "office": slot.office.code,
        "slot": slot.pk,
        "starts_at": slot.starts_at.astimezone(slot.office.zone).isoformat(),
        "ends_at": slot.ends_at.astimezone(slot.office.zone).isoformat(),
        "service_type": "new",
        "applicant": person,
        "place_number": stored.place.number,
        "changes_left": 1,
    }
    assert client.get("/api/v1/bookings/").json() == [booking]
    assert client.get(f"/api/v1/bookings/{stored.code}/").json() == booking


def test_a_family_is_booked_in_the_requested_order(client: APIClient) -> None:
    people = [add_person(client) for _ in range(3)]
    answer = book(client, make_open_slot(), *people)
    assert [row["applicant"] for row in answer.json()["bookings"]] == people


def test_repeating_a_request_returns_the_same_response(client: APIClient) -> None:
    slot, person = make_open_slot(), add_person(client)
    first, again = (book(client, slot, person, key="satu") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert Booking.objects.count() == 1


def test_the_same_key_with_another_body_is_a_conflict(client: APIClient) -> None:
    slot = make_open_slot()
    book(client, slot, add_person(client), key="satu")
    answer = book(client, slot, add_person(client), key="satu")
    assert (answer.status_code, answer.json()["code"]) == (409, "key_reused")


def test_a_malformed_key_is_reported(client: APIClient) -> None:
    answer = book(client, make_open_slot(), add_person(client), key="x" * 65)
    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == {"Idempotency-Key"}


def test_a_full_slot_is_a_conflict_with_alternatives(client: APIClient) -> None:
    slot = make_open_slot(office=make_open_office(places=6))
    make_booking(slot)
    answer = book(client, slot, add_person(client))
    assert (answer.status_code, answer.json()["code"]) == (409, "full")
    assert len(answer.json()["alternatives"]) == 3
    other = Slot.objects.get(pk=answer.json()["alternatives"][0]["slot"])
    assert book(client, other, add_person(client)).status_code == 201


def test_a_person_booked_elsewhere_is_a_conflict_without_a_name(client: APIClient) -> None:
    person = make_person()
    make_booking(person=person)
    mine = client.post("/api/v1/applicants/", person_json(nik=person.identity_number)).json()["id"]
    answer = book(client, make_open_slot(), mine)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_bookable")
    assert "Siti" not in answer.content.decode()


def test_a_slot_outside_its_window_is_a_conflict(client: APIClient, set_clock: Any) -> None:
    slot, person = make_open_slot(), add_person(client)
    place = slot.places.first()
    set_clock(place.closes_at)
    late = book(client_of(make_user_of(person)), slot, person)
    assert (late.status_code, late.json()["code"]) == (409, "window_closed")
    slot.places.update(opens_at=place.closes_at, closes_at=slot.ends_at)
    set_clock(NOW)
    early = book(client, slot, person)
    assert (early.status_code, early.json()["code"]) == (409, "not_yet_open")


def make_user_of(person_id: int) -> User:
    from booking.people.models import Applicant

    account = Applicant.objects.get(pk=person_id).account
    assert account is not None
    return account


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("slot", 2**62),
        ("slot", 2**80),
        ("slot", "abc"),
        ("slot", None),
        ("slot", -1),
        ("applicants", []),
        ("applicants", [1, 2, 3, 4, 5, 6]),
        ("applicants", [2**62]),
        ("applicants", "abc"),
        ("service_type", "tidak-ada"),
        ("service_type", None),
        ("service_type", "x\x00"),
    ],
)
def test_a_wrong_request_names_its_field_and_books_nothing(
    client: APIClient, field: str, value: Any
) -> None:
    answer = book(client, make_open_slot(), add_person(client), **{field: value})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert set(answer.json()["fields"]) == {field}
    assert not Booking.objects.exists()


def test_a_booking_is_rescheduled_once_and_cancelled(client: APIClient) -> None:
    first = make_open_slot()
    second = make_open_slot(office=first.office, days_from_now=4)
    code = book(client, first, add_person(client)).json()["bookings"][0]["code"]
    address = f"/api/v1/bookings/{code}"
    same = client.post(f"{address}/reschedule/", {"slot": first.pk})
    assert (same.status_code, same.json()["code"]) == (409, "same_slot")
    moved = client.post(f"{address}/reschedule/", {"slot": second.pk})
    assert moved.status_code == 200
    assert (moved.json()["slot"], moved.json()["changes_left"]) == (second.pk, 0)
    again = client.post(f"{address}/reschedule/", {"slot": first.pk})
    assert (again.status_code, again.json()["code"]) == (409, "no_change_left")
    cancelled = client.post(f"{address}/cancel/")
    assert cancelled.status_code == 200
    assert (cancelled.json()["status"], cancelled.json()["place_number"]) == ("cancelled", None)
    assert client.post(f"{address}/cancel/").status_code == 200


def test_rescheduling_on_the_day_is_refused(account: User, set_clock: Any) -> None:
    slot = make_open_slot()
    other = make_open_slot(office=slot.office, days_from_now=4)
    booking = make_booking(slot, person=make_person(account))
    set_clock(slot.starts_at)
    answer = client_of(account).post(
        f"/api/v1/bookings/{booking.code}/reschedule/", {"slot": other.pk}
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "too_late")


def test_a_locked_person_is_a_conflict(client: APIClient) -> None:
    person = add_person(client)
    book(client, make_open_slot(), person)
    address = f"/api/v1/applicants/{person}/"
    for answer in (client.patch(address, {"full_name": "Orang Lain"}), client.delete(address)):
        assert (answer.status_code, answer.json()["code"]) == (409, "locked_by_booking")


# --- Law 10: ownership ----------------------------------------------------------------------------
def test_other_users_objects_answer_as_if_they_did_not_exist(
    client: APIClient,
) -> None:
    booking = make_booking()
    person, code, slot = booking.applicant_id, booking.code, make_open_slot()
    answers = [
        client.get(f"/api/v1/applicants/{person}/"),
        client.patch(f"/api/v1/applicants/{person}/", {"phone": ""}),
        client.delete(f"/api/v1/applicants/{person}/"),
        client.get(f"/api/v1/bookings/{code}/"),
        client.post(f"/api/v1/bookings/{code}/cancel/"),
        client.post(f"/api/v1/bookings/{code}/reschedule/", {"slot": slot.pk}),
    ]
    assert [answer.status_code for answer in answers] == [404] * len(answers)
    assert len({answer.content for answer in answers}) == 1
    assert client.get("/api/v1/bookings/").json() == []
    assert client.get("/api/v1/applicants/").json() == []
    booking.refresh_from_db()
    assert booking.status == Status.BOOKED


@pytest.mark.parametrize("number", [0, 2**31, 2**80])
def test_any_number_in_an_address_gets_a_response(client: APIClient, number: int) -> None:
    assert client.get(f"/api/v1/applicants/{number}/").status_code == 404
    assert client.delete(f"/api/v1/applicants/{number}/").status_code == 404


def test_officers_cannot_book_through_the_public_api() -> None:
    booking = make_booking()
    officer = client_of(make_officer(booking.office, Role.SUPERVISOR))
    assert officer.get(f"/api/v1/bookings/{booking.code}/").status_code == 404


def test_requests_without_a_token_reveal_nothing() -> None:
    client, code = APIClient(), make_booking().code
    for answer in (
        client.get("/api/v1/bookings/"),
        client.post("/api/v1/bookings/", {}),
        client.get(f"/api/v1/bookings/{code}/"),
        client.get("/api/v1/applicants/"),
        client.post("/api/v1/applicants/", {}),
    ):
        assert answer.status_code == 401
