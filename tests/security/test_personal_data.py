"""Attacks on personal data: each succeeds with its guard removed, and fails with it."""

from typing import Any

import pytest
from django.db import InternalError, NotSupportedError, transaction
from django.test import Client, RequestFactory

from booking.people.models import Applicant
from core.errors import NotFound
from offices.reads.models import PersonRead
from offices.reads.services import record_read
from privacy.erasure.services import erase_people
from privacy.requests import services, views
from privacy.requests.models import DataRequest
from tests.builders import NOW, make_officer, make_open_office, make_person, make_user

pytestmark = pytest.mark.django_db(transaction=True)
REFUSED = (InternalError, NotSupportedError)


def record() -> PersonRead:
    office = make_open_office()
    officer = make_officer(office)
    record_read(by=officer, office=office, screen="x", applicant_ids=[1], now=NOW)
    return PersonRead.objects.get()


# --- An officer removes the trace of reading --------------------------------------------------------
def test_a_record_of_reading_cannot_be_removed() -> None:
    row = record()
    for attack in (
        lambda: PersonRead.objects.filter(pk=row.pk).delete(),
        lambda: PersonRead.objects.filter(pk=row.pk).update(applicant_ids=[]),
    ):
        with pytest.raises(REFUSED), transaction.atomic():
            attack()
    assert PersonRead.objects.get().applicant_ids == [1]


@pytest.mark.usefixtures("unguarded_database")
def test_control_without_the_trigger_the_record_is_gone() -> None:
    row = record()
    PersonRead.objects.filter(pk=row.pk).delete()
    assert not PersonRead.objects.exists()


# --- Somebody at an open browser takes the data -----------------------------------------------------
def test_an_open_session_is_not_enough_for_a_copy() -> None:
    account = make_user()
    make_person(account)
    client = Client()
    client.force_login(account)
    answer = client.post("/akun/data/unduh/", {"format": "json"})
    assert answer.status_code == 302
    assert not DataRequest.objects.exists()


def test_control_without_the_password_step_the_copy_is_handed_out() -> None:
    account = make_user()
    person = make_person(account)
    request: Any = RequestFactory().post("/akun/data/unduh/", {"format": "json"})
    request.user = account
    unguarded: Any = views.download
    while hasattr(unguarded, "__wrapped__"):
        unguarded = unguarded.__wrapped__
    assert person.identity_number in unguarded(request).content.decode()


# --- An account erases another account's person ------------------------------------------------------
def test_an_account_cannot_erase_another_accounts_person() -> None:
    person = make_person()
    with pytest.raises(NotFound):
        services.delete_own_person(account=make_user(), applicant_id=person.pk, now=NOW)
    assert Applicant.objects.get(pk=person.pk).full_name


def test_control_the_layer_below_does_not_ask_whose_person_it_is() -> None:
    person = make_person()
    erase_people(ids=[person.pk], now=NOW)
    assert not Applicant.objects.get(pk=person.pk).full_name
