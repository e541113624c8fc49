"""The API of contested numbers: one open report a number, and nothing about other accounts."""

from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from booking.bookings.changes import cancel_booking
from booking.integrity.contests import OPEN_DAYS
from booking.integrity.models import Contest, ContestStatus
from tests.booking.bookings.test_api_client import SchemaClient
from tests.booking.integrity.test_contests import Squatted
from tests.booking.restrictions.test_api import client_of
from tests.builders import NOW, make_person, make_user

pytestmark = pytest.mark.django_db
API = "/api/v1/contests/"


@pytest.fixture
def case(set_clock: Any) -> Squatted:
    set_clock(NOW)
    return Squatted()


@pytest.fixture
def client(case: Squatted) -> SchemaClient:
    return client_of(case.account)


def body_of(case: Squatted, **changes: Any) -> dict[str, Any]:
    return {"applicant": case.owner.pk, "office": case.owner_office.code, **changes}


def test_a_report_is_opened_once_and_withdrawn_once(client: SchemaClient, case: Squatted) -> None:
    contest = client.call("contests_open", body_of(case))
    assert contest["number"] == f"S-{contest['id']}"
    assert (contest["status"], contest["office"]) == ("open", case.owner_office.code)
    until = Contest.objects.get().opened_at + timedelta(days=OPEN_DAYS)
    assert contest["show_by"] == until.astimezone(case.owner_office.zone).isoformat()
    again = client.http.post(API, body_of(case))
    assert (again.status_code, again.json()["code"]) == (409, "already_contested")
    assert Contest.objects.count() == 1
    assert client.call("contests_list") == [contest]
    assert client.call("contests_read", contest_id=contest["id"]) == contest
    withdrawn = client.call("contests_withdraw", contest_id=contest["id"])
    assert (withdrawn["status"], withdrawn["show_by"]) == ("withdrawn", None)
    twice = client.http.post(f"{API}{contest['id']}/withdraw/")
    assert (twice.status_code, twice.json()["code"]) == (409, "contest_decided")


def test_no_answer_reveals_anything_about_the_other_account(
    client: SchemaClient, case: Squatted
) -> None:
    """The same answer for a number that nobody blocks, and for one that the own account has booked."""
    free = make_person(case.account)
    refused = client.http.post(API, body_of(case, applicant=free.pk))
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_to_contest")
    contest = client.call("contests_open", body_of(case))
    assert set(contest) == {
        "id",
        "number",
        "status",
        "applicant",
        "office",
        "opened_at",
        "show_by",
    }
    holder = case.booking
    cancel_booking(booking_id=holder.pk, by=holder.account, now=NOW)
    later = client.http.post(API, body_of(case))
    assert later.json() == refused.json()
    for text in (str(contest), later.content.decode()):
        assert holder.code not in text
        assert holder.office.code not in text.replace(case.owner_office.code, "")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"office": "tidak-ada"}, "office"),
        ({"office": None}, "office"),
        ({"applicant": "siti"}, "applicant"),
        ({"applicant": 2**70}, "applicant"),
    ],
)
def test_a_report_that_cannot_be_right_names_the_field(
    client: SchemaClient, case: Squatted, changes: Any, field: str
) -> None:
    answer = client.http.post(API, body_of(case, **changes))
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]


def test_another_account_and_a_visitor_get_nothing(case: Squatted) -> None:
    contest, other, visitor = case.contest(), client_of(make_user()), APIClient()
    calls = [
        ("get", f"{API}{contest.pk}/", None),
        ("post", f"{API}{contest.pk}/withdraw/", None),
        ("post", API, body_of(case)),
    ]
    for method, path, body in calls:
        assert getattr(other.http, method)(path, body).status_code == 404
        assert getattr(visitor, method)(path, body).status_code == 401
    assert other.call("contests_list") == []
    assert visitor.get(API).status_code == 401
    contest.refresh_from_db()
    assert contest.status == ContestStatus.OPEN
