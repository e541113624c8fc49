"""The restrictions API: own people's restrictions only, one appeal, with or without a file."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from accounts.services import issue_token
from booking.bookings.models import Booking
from booking.files.models import StoredFile
from booking.people.services import confirm_number
from booking.restrictions.models import Restriction, RestrictionEvent
from booking.restrictions.services import keep_restriction, lift_restriction
from core import clock
from offices.staff.models import Role
from tests.booking.bookings.test_api_client import SchemaClient
from tests.booking.restrictions.test_excuses import photo
from tests.booking.restrictions.test_services import after, make_rule, miss
from tests.builders import make_officer, make_open_office, make_person, make_user

pytestmark = pytest.mark.django_db
API = "/api/v1/restrictions/"
APPEAL = {"reason": "ill", "text": "Demam  tinggi."}


@pytest.fixture
def missed(set_clock: Any) -> Booking:
    office = make_open_office(places=20)
    make_rule(office)
    booking = miss(office)
    set_clock(after(booking))
    return booking


def client_of(user: Any) -> SchemaClient:
    client = SchemaClient()
    client.http.credentials(HTTP_AUTHORIZATION=f"Token {issue_token(user_id=user.pk)}")
    return client


@pytest.fixture
def client(missed: Booking) -> SchemaClient:
    return client_of(missed.account)


def test_the_list_names_person_reason_and_end(client: SchemaClient, missed: Booking) -> None:
    restriction = Restriction.objects.get()
    [row] = client.call("restrictions_list", query={"limit": 1})
    assert client.answer["X-Total-Count"] == "1"
    assert (row["applicant"], row["booking"]) == (missed.applicant_id, missed.code)
    assert row["until"] == restriction.until_at.astimezone(missed.office.zone).isoformat()
    assert row["instrument"] == restriction.instrument
    assert (row["is_in_force"], row["may_appeal"], row["appeal"]) == (True, True, None)


def test_an_appeal_is_recorded_once_and_its_answer_is_listed(
    client: SchemaClient, missed: Booking
) -> None:
    restriction = Restriction.objects.get()
    answer = client.call("restrictions_appeal", APPEAL, restriction_id=restriction.pk)
    assert answer["appeal"]["state"] == "waiting"
    assert (answer["may_appeal"], answer["appeal"]["has_evidence"]) == (False, False)
    again = client.http.post(f"{API}{restriction.pk}/appeal/", APPEAL)
    assert (again.status_code, again.json()["code"]) == (409, "restriction_over")
    restriction.refresh_from_db()
    assert (restriction.appeal_reason, restriction.appeal) == ("ill", "Demam tinggi.")
    assert restriction.history.filter(kind=RestrictionEvent.Kind.APPEALED).count() == 1
    supervisor = make_officer(missed.office, Role.SUPERVISOR)
    decide = {"restriction_id": restriction.pk, "by": supervisor, "now": clock.now()}
    keep_restriction(reason="Tanpa bukti", **decide)
    [row] = client.call("restrictions_list")
    assert (row["appeal"]["state"], row["appeal"]["answer"]) == ("rejected", "Tanpa bukti")
    lift_restriction(reason="Surat dokter datang", **decide)
    [row] = client.call("restrictions_list")
    assert row["appeal"]["state"] == "accepted"
    assert not row["is_in_force"]


def test_a_file_can_be_sent_with_the_appeal(client: SchemaClient, missed: Booking) -> None:
    path = f"{API}{Restriction.objects.get().pk}/appeal/"
    fake = SimpleUploadedFile("surat.jpg", b"MZ bukan gambar", "image/jpeg")
    refused = client.http.post(path, {**APPEAL, "evidence": fake}, format="multipart")
    assert refused.status_code == 400
    assert list(refused.json()["fields"]) == ["evidence"]
    assert Restriction.objects.get().appealed_at is None
    # A photo of more than a JSON body may have.
    file = SimpleUploadedFile("surat.jpg", photo() + bytes(1_500_000), "image/jpeg")
    answer = client.http.post(path, {**APPEAL, "evidence": file}, format="multipart")
    assert answer.status_code == 201, answer.content
    assert answer.json()["appeal"]["has_evidence"]
    kept = StoredFile.objects.get()
    assert kept.account_id == missed.account_id
    assert b"Kamera Rahasia" not in bytes(kept.data)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"reason": "ill"}, "text"),
        ({"reason": "ill", "text": "x" * 501}, "text"),
        ({"reason": "lupa", "text": "Lupa."}, "reason"),
        ({**APPEAL, "evidence": "data:image/png;base64,AAAA"}, "evidence"),
    ],
)
def test_an_appeal_that_cannot_be_right_names_the_field(
    client: SchemaClient, body: Any, field: str
) -> None:
    answer = client.http.post(f"{API}{Restriction.objects.get().pk}/appeal/", body)
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]
    assert Restriction.objects.get().appealed_at is None


def test_other_accounts_see_nothing_even_with_the_same_number(missed: Booking) -> None:
    restriction = Restriction.objects.get()
    assert missed.applicant is not None
    squatter = make_person(identity_number=missed.applicant.identity_number)
    for user in (make_user(), squatter.account):
        other = client_of(user)
        assert other.call("restrictions_list") == []
        answer = other.http.post(f"{API}{restriction.pk}/appeal/", APPEAL)
        assert answer.status_code == 404
    visitor = APIClient()
    assert visitor.get(API).status_code == 401
    assert visitor.post(f"{API}{restriction.pk}/appeal/", APPEAL).status_code == 401
    assert Restriction.objects.get().appealed_at is None


def test_a_confirmed_number_shows_the_restriction_without_the_other_account(
    missed: Booking,
) -> None:
    """The desk checked this account's card: it may appeal, but reads no data of the account that booked."""
    assert missed.applicant is not None
    owner = make_person(identity_number=missed.applicant.identity_number)
    confirm_number(applicant_id=owner.pk, person_key=owner.person_key, now=clock.now())
    client = client_of(owner.account)
    [row] = client.call("restrictions_list")
    assert row["applicant"] == owner.pk
    assert (row["booking"], row["missed_at"]) == (None, None)
    answer = client.call("restrictions_appeal", APPEAL, restriction_id=row["id"])
    assert answer["appeal"]["state"] == "waiting"


def test_ended_restrictions_stay_in_the_list_for_90_days(
    client: SchemaClient, missed: Booking, set_clock: Any
) -> None:
    row = Restriction.objects.get()
    client.call("restrictions_appeal", APPEAL, restriction_id=row.pk)
    for days, expected in ((89, [(False, "unanswered")]), (91, [])):
        set_clock(row.until_at + timedelta(days=days))
        rows = client_of(missed.account).call("restrictions_list")
        assert [(one["is_in_force"], one["appeal"]["state"]) for one in rows] == expected
