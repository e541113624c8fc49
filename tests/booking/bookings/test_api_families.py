"""Families, applications and moves through the API: every verb checks the owner."""

from datetime import time
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.services import issue_token
from booking.applications.models import ResponsibleAdult
from booking.bookings.models import Booking, Displacement, Party
from booking.closures.moves import move_everyone
from booking.closures.services import ClosureData, close_office
from notices.models import Message
from offices.staff.models import Role
from tests.booking.bookings.families import (
    SERVICES,
    book_family,
    hours_of,
    make_family,
    make_mixed_office,
)
from tests.builders import NOW, fill_slot, make_officer, make_user

pytestmark = pytest.mark.django_db(transaction=True)
API = "/api/v1"


@pytest.fixture
def hours(set_clock: Any) -> tuple[list[Any], list[Any]]:
    set_clock(NOW)
    office = make_mixed_office()
    return hours_of(office), hours_of(office, "foreigners")


@pytest.fixture
def people() -> list[Any]:
    return make_family()


def client_of(user: Any) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {issue_token(user_id=user.pk)}")
    return client


@pytest.fixture
def client(people: list[Any]) -> APIClient:
    return client_of(people[0].account)


def body_of(people: list[Any], citizens: Any, foreigners: Any) -> dict[str, Any]:
    return {
        "people": [
            {
                "applicant": person.pk,
                "service_type": service,
                "slot": (foreigners if service == "stay_permit" else citizens).pk,
            }
            for person, service in zip(people, SERVICES, strict=True)
        ]
    }


def test_people_are_booked_with_services_and_slots_of_their_own(
    client: APIClient, people: list[Any], hours: Any
) -> None:
    body = body_of(people, hours[0][0], hours[1][0])
    first = client.post(f"{API}/bookings/", body, headers={"Idempotency-Key": "sekali"})
    assert first.status_code == 201
    again = client.post(f"{API}/bookings/", body, headers={"Idempotency-Key": "sekali"})
    assert again.json() == first.json()
    assert Message.objects.filter(kind="booking_confirmed").count() == 1
    assert client.get(f"{API}/parties/{first.json()['code']}/").json() == first.json()


def test_both_forms_together_or_neither_are_refused(client: APIClient, hours: Any) -> None:
    slot = hours[0][0].pk
    people = [{"applicant": 1, "service_type": "new", "slot": slot}]
    both = client.post(f"{API}/bookings/", {"slot": slot, "people": people})
    assert (both.status_code, list(both.json()["fields"])) == (400, ["slot"])
    neither = client.post(f"{API}/bookings/", {})
    assert set(neither.json()["fields"]) == {"slot", "applicants", "service_type"}
    assert client.post(f"{API}/bookings/", {"people": []}).status_code == 400


def test_a_full_slot_of_one_group_refuses_everybody_with_alternatives(
    client: APIClient, people: list[Any], hours: Any
) -> None:
    fill_slot(hours[1][0])
    answer = client.post(f"{API}/bookings/", body_of(people, hours[0][0], hours[1][0]))
    assert (answer.status_code, answer.json()["code"]) == (409, "full")
    assert answer.json()["alternatives"]
    assert not Party.objects.exists()


def test_slots_that_do_not_start_together_name_the_people(
    client: APIClient, people: list[Any], hours: Any
) -> None:
    answer = client.post(f"{API}/bookings/", body_of(people, hours[0][0], hours[1][1]))
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["people"])


def test_nobody_else_reads_or_changes_a_family(people: list[Any], hours: Any) -> None:
    party = book_family(people, hours[0][0], hours[1][0])
    stranger = client_of(make_user())
    assert stranger.get(f"{API}/parties/{party.code}/").status_code == 404
    for verb in ("cancel", "reschedule"):
        body = {"slot": hours[0][1].pk}
        assert stranger.post(f"{API}/parties/{party.code}/{verb}/", body).status_code == 404
    assert set(party.bookings.values_list("status", flat=True)) == {"booked"}


def test_a_code_of_another_party_is_refused(
    client: APIClient, people: list[Any], hours: Any
) -> None:
    mine = book_family(people, hours[0][0], hours[1][0])
    other = book_family(make_family(), hours[0][0], hours[1][0]).bookings.all()[0]
    answer = client.post(f"{API}/parties/{mine.code}/cancel/", {"bookings": [other.code]})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["bookings"])
    assert Booking.objects.get(pk=other.pk).status == "booked"


def test_an_application_is_prepared_and_listed(client: APIClient, people: list[Any]) -> None:
    father = people[0]
    url = f"{API}/applicants/{father.pk}/applications/"
    body = {
        "reason": "expired",
        "purpose": "holiday",
        "product": "electronic_10",
        "documents": {"ktp": True},
        "issued": "since_2009",
        "declaration": True,
    }
    make_mixed_office()
    missing = {name: body[name] for name in ("reason", "purpose", "product")}
    answer = client.put(f"{url}replacement/", missing)
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {"issued", "declaration"})
    saved = client.put(f"{url}replacement/", body)
    assert saved.status_code == 200
    assert saved.json()["declared_at"] is not None
    assert client.get(url).json() == [saved.json()]
    wrong = client.put(f"{url}replacement/", {**body, "reason": "stay"})
    assert (wrong.status_code, list(wrong.json()["fields"])) == (400, ["reason"])
    child = f"{API}/applicants/{people[2].pk}/applications/new/"
    first = {**body, "reason": "first", "product": "electronic_5", "parents": "one"}
    answer = client.put(child, first)
    assert (answer.status_code, set(answer.json()["fields"])) == (
        400,
        {"adult_1_name", "adult_1_number"},
    )
    mother = {"full_name": "Siti Rahmawati", "identity_number": "1671054602900003"}
    assert client.put(child, {**first, "adults": [mother]}).status_code == 200
    adult = ResponsibleAdult.objects.get(application__applicant=people[2])
    assert (adult.full_name, adult.identity_kind) == ("Siti Rahmawati", "nik")
    stranger = client_of(make_user())
    assert stranger.get(url).status_code == 404
    assert stranger.put(f"{url}replacement/", body).status_code == 404


def test_a_move_by_the_office_is_listed_and_answered_once(
    client: APIClient, people: list[Any], hours: Any
) -> None:
    citizens, foreigners = hours
    party = book_family(people, citizens[0], foreigners[0])
    office = citizens[0].office
    data = ClosureData(
        first_day=citizens[0].day,
        last_day=citizens[0].day,
        from_time=time(8),
        until_time=time(9),
        reason="Listrik padam",
    )
    by = make_officer(office, Role.SUPERVISOR)
    closure = close_office(office_id=office.pk, data=data, by=by, now=NOW)
    move_everyone(closure_id=closure.pk, now=NOW)
    [row] = client.get(f"{API}/moves/").json()
    assert (len(row["bookings"]), row["is_answered"]) == (4, False)
    move = Displacement.objects.get(party=party)
    stranger = client_of(make_user())
    assert stranger.get(f"{API}/moves/").json() == []
    assert stranger.post(f"{API}/moves/{move.pk}/accept/").status_code == 404
    chosen = client.post(f"{API}/moves/{move.pk}/choose/", {"slot": citizens[3].pk})
    assert chosen.status_code == 200
    assert {one["slot"] for one in chosen.json()["bookings"]} == {citizens[3].pk, foreigners[3].pk}
    assert client.get(f"{API}/moves/").json() == []
    again = client.post(f"{API}/moves/{move.pk}/accept/")
    assert (again.status_code, again.json()["code"]) == (409, "already_answered")
