"""A child's data are used with a guardian's consent, which is recorded and as easily withdrawn."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from accounts.services import issue_token
from booking.people.errors import GuardianConsentMissing
from booking.people.guardians import (
    WORDINGS,
    give_guardian_consent,
    is_minor,
    withdraw_guardian_consent,
)
from booking.people.models import Applicant, GuardianConsent
from core.errors import NotFound
from tests.booking.waiting_list.waiting_world import make_full_slot, wait
from tests.builders import NOW, make_booking, make_nik, make_open_slot, make_person, make_user

pytestmark = pytest.mark.django_db
BORN = date(2019, 8, 17)


@pytest.fixture(autouse=True)
def at_now(set_clock: Callable[[datetime], None]) -> None:
    set_clock(NOW)


@pytest.fixture
def account() -> User:
    return make_user()


def make_child(account: User) -> Applicant:
    return make_person(
        account,
        full_name="Bagas Rahmawan",
        birth_date=BORN,
        sex="male",
        identity_number=make_nik(born=BORN, is_woman=False),
    )


def consent(child: Applicant) -> None:
    give_guardian_consent(
        applicant_id=child.pk, account_id=child.account_id or 0, way="page", now=NOW
    )


@pytest.mark.parametrize(
    ("born", "expected"),
    [(date(2008, 11, 23), False), (date(2008, 11, 24), True), (date(1990, 1, 1), False)],
)
def test_a_person_is_a_minor_until_the_18th_birthday(born: date, expected: bool) -> None:
    assert is_minor(born, now=NOW) is expected


def test_a_child_of_a_leap_day_is_of_age_in_march() -> None:
    born = date(2008, 2, 29)
    assert is_minor(born, now=datetime(2026, 2, 28, 5, tzinfo=UTC))
    assert not is_minor(born, now=datetime(2026, 3, 1, 5, tzinfo=UTC))


def test_a_child_cannot_be_booked_without_consent(account: User) -> None:
    child, slot = make_child(account), make_open_slot()
    with pytest.raises(GuardianConsentMissing):
        make_booking(slot, person=child)
    consent(child)
    assert make_booking(slot, person=child).pk


def test_a_child_cannot_wait_without_consent(account: User) -> None:
    slot, _bookings = make_full_slot()
    child = make_child(account)
    with pytest.raises(GuardianConsentMissing):
        wait(slot, child)


def test_a_withdrawn_consent_stops_new_bookings(account: User) -> None:
    child = make_child(account)
    consent(child)
    withdraw_guardian_consent(applicant_id=child.pk, account_id=account.pk, now=NOW)
    with pytest.raises(GuardianConsentMissing):
        make_booking(make_open_slot(), person=child)
    row = GuardianConsent.objects.get()
    assert row.withdrawn_at == NOW
    assert row.wording in WORDINGS


def test_another_account_cannot_consent(account: User) -> None:
    child = make_child(account)
    with pytest.raises(NotFound):
        give_guardian_consent(applicant_id=child.pk, account_id=make_user().pk, way="page", now=NOW)


def typed(**changes: Any) -> dict[str, Any]:
    return {
        "identity_kind": "nik",
        "full_name": "Bagas Rahmawan",
        "nik": make_nik(born=BORN, is_woman=False),
        "birth_date_day": "17",
        "birth_date_month": "8",
        "birth_date_year": "2019",
        "sex": "male",
        "phone": "",
    } | changes


def test_a_guardian_consents_and_withdraws_on_the_childs_page(account: User) -> None:
    client = Client()
    client.force_login(account)
    answer = client.post("/people/add/", typed())
    assert answer.status_code == 400
    assert "persetujuan orang tua" in answer.content.decode()
    assert not Applicant.objects.exists()
    values = typed(guardian="on")
    assert client.post("/people/add/", values).status_code == 302
    child = Applicant.objects.get()
    row = GuardianConsent.objects.get(applicant=child)
    assert (row.account, row.way, row.withdrawn_at) == (account, "page", None)
    assert make_booking(make_open_slot(), person=child).pk
    path = f"/people/{child.pk}/"
    assert "checked" in client.get(path).content.decode()
    # Unticking the same box withdraws it, also while the child is booked.
    assert client.post(path, values | {"guardian": ""}).status_code == 302
    row.refresh_from_db()
    assert row.withdrawn_at is not None


def test_adults_need_no_consent_and_none_is_recorded(account: User) -> None:
    client = Client()
    client.force_login(account)
    values = typed(
        birth_date_year="1990", nik=make_nik(born=date(1990, 8, 17), is_woman=False), guardian="on"
    )
    assert client.post("/people/add/", values).status_code == 302
    assert not GuardianConsent.objects.exists()


def test_the_api_gives_and_withdraws_consent(account: User) -> None:
    api = APIClient()
    api.credentials(HTTP_AUTHORIZATION=f"Token {issue_token(user_id=account.pk)}")
    values = {
        "full_name": "Bagas Rahmawan",
        "nik": make_nik(born=BORN, is_woman=False),
        "birth_date": BORN.isoformat(),
        "sex": "male",
    }
    answer = api.post("/api/v1/applicants/", values)
    assert answer.status_code == 201
    slot = make_open_slot()
    booking = {
        "applicants": [answer.data["id"]],
        "slot": slot.pk,
        "service_type": "new",
        "key": "a" * 20,
    }
    refused = api.post("/api/v1/bookings/", booking, HTTP_IDEMPOTENCY_KEY="a" * 20)
    assert (refused.status_code, refused.data["code"]) == (409, "guardian_consent_missing")
    path = f"/api/v1/applicants/{answer.data['id']}/"
    assert api.patch(path, {"guardian_consent": True}).status_code == 200
    assert GuardianConsent.objects.get().way == "api"
    assert api.patch(path, {"guardian_consent": False}).status_code == 200
    assert GuardianConsent.objects.get().withdrawn_at is not None
    wrong = api.patch(path, {"guardian_consent": "mungkin", "full_name": "1"})
    assert wrong.status_code == 400


def test_a_consent_is_recorded_once(account: User) -> None:
    child = make_child(account)
    for _each in range(2):
        consent(child)
    assert GuardianConsent.objects.count() == 1
    assert GuardianConsent.objects.get().given_at == NOW
