"""The drill: whose data a stolen account or token exposed."""

import csv
from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from knox.models import AuthToken

from accounts.services import issue_token
from offices.staff.models import Role, StaffRole
from tests.builders import (
    NOW,
    make_booking,
    make_officer,
    make_open_office,
    make_open_slot,
    make_person,
    make_user,
)

pytestmark = pytest.mark.django_db
SINCE = (NOW - timedelta(days=1)).isoformat()


@pytest.fixture(autouse=True)
def at_now(set_clock: Callable[[datetime], None]) -> None:
    set_clock(NOW)


def report(**options: str) -> dict[int, str]:
    """Return person and whether their record was read."""
    out = StringIO()
    call_command("breach_report", since=SINCE, stdout=out, stderr=StringIO(), **options)
    return {
        int(row["person"]): row["was_read"] for row in csv.DictReader(out.getvalue().splitlines())
    }


def test_an_officers_account_exposes_the_people_of_the_office() -> None:
    office, other = make_open_office(places=20), make_open_office(places=20)
    opened, unopened = (make_booking(make_open_slot(office=office)) for _each in range(2))
    make_booking(make_open_slot(office=other))
    gate = make_officer(office, Role.GATE)
    client = Client()
    client.force_login(gate)
    assert client.get(f"/admin/gate/{opened.pk}/").status_code == 200
    exposed = report(account=gate.email)
    assert exposed == {opened.applicant_id: "yes", unopened.applicant_id: "no"}


def test_a_role_that_ended_before_exposes_nobody() -> None:
    office = make_open_office(places=20)
    make_booking(make_open_slot(office=office))
    gate = make_officer(office, Role.GATE)
    StaffRole.objects.filter(user=gate).update(valid_until=NOW.date() - timedelta(days=5))
    assert report(account=gate.email) == {}


def test_a_national_account_exposes_everybody() -> None:
    people = [make_person().pk for _each in range(3)]
    assert list(report(account=make_officer(None, Role.NATIONAL).email)) == people


def test_an_applicants_account_and_token_expose_the_own_people() -> None:
    account = make_user()
    mine = make_person(account)
    make_person()
    assert report(account=account.email) == {mine.pk: "no"}
    key = issue_token(user_id=account.pk)[:15]
    assert AuthToken.objects.filter(token_key=key).exists()
    assert report(token=key) == {mine.pk: "no"}


@pytest.mark.parametrize(
    "options",
    [
        {"since": "kemarin", "account": "a@contoh.id"},
        {"since": "2026-11-20T08:00", "account": "a@contoh.id"},
        {"since": "2999-01-01T00:00Z", "account": "a@contoh.id"},
        {"since": SINCE, "account": "tidak-ada@contoh.id"},
        {"since": SINCE, "token": "xxxxxxxx"},
    ],
)
def test_wrong_options_are_explained(options: dict[str, str]) -> None:
    with pytest.raises(CommandError):
        call_command("breach_report", stdout=StringIO(), **options)
