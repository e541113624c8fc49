"""Every screen that shows a person's record to an officer is recorded, once, and unusual reading is marked."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from booking.people.models import Applicant
from offices.directory.models import Office
from offices.reads.models import PersonRead
from offices.reads.services import record_read
from offices.staff.models import Role
from privacy.reads.models import ReadingDay
from privacy.reads.selectors import reads_by_screen
from privacy.reads.services import MANY_PEOPLE, count_reading
from tests.builders import (
    NOW,
    make_booking,
    make_officer,
    make_open_office,
    make_open_slot,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_now(set_clock: Any) -> None:
    set_clock(NOW)


@pytest.fixture
def office() -> Office:
    return make_open_office(places=20)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def person_at(office: Office) -> Applicant:
    return make_booking(make_open_slot(office=office)).applicant


def test_opening_a_persons_booking_is_recorded(office: Office) -> None:
    booking = make_booking(make_open_slot(office=office))
    gate = make_officer(office, Role.GATE)
    client = signed_in(gate)
    assert client.get(f"/admin/gate/{booking.pk}/").status_code == 200
    [read] = PersonRead.objects.all()
    assert (read.by, read.office, read.screen) == (gate, office, "counters:gate_card")
    assert booking.applicant_id in read.applicant_ids


def test_a_screen_without_people_is_not_recorded(office: Office) -> None:
    client = signed_in(make_officer(office, Role.SUPERVISOR))
    assert client.get("/admin/officers/").status_code == 200
    assert not PersonRead.objects.exists()


def test_a_screen_costs_one_insert_more(office: Office) -> None:
    booking = make_booking(make_open_slot(office=office))
    client = signed_in(make_officer(office, Role.GATE))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get(f"/admin/gate/{booking.pk}/")
    writes = [
        query["sql"] for query in queries if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))
    ]
    assert [sql.split('"')[1] for sql in writes] == ["offices_personread"]


def test_lists_and_details_of_the_admin_are_recorded(office: Office) -> None:
    person = person_at(office)
    client = signed_in(make_officer(office, Role.SUPERVISOR))
    path = f"/admin/booking/applicant/{person.pk}/change/"
    for address in ("/admin/booking/applicant/", path):
        assert client.get(address).status_code == 200
    screens = list(PersonRead.objects.order_by("pk").values_list("screen", flat=True))
    assert screens == ["admin:booking_applicant_changelist", "admin:booking_applicant_change"]
    assert all(person.pk in read.applicant_ids for read in PersonRead.objects.all())


def test_opening_an_account_is_recorded() -> None:
    account = make_user()
    client = signed_in(make_officer(None, Role.NATIONAL))
    make_open_office()
    assert client.get(f"/admin/accounts/user/{account.pk}/change/").status_code == 200
    assert PersonRead.objects.get().account_ids == [account.pk]


def test_a_person_reads_how_often_their_data_were_opened(office: Office) -> None:
    person = person_at(office)
    gate = make_officer(office, Role.GATE)
    for days in (1, 2, 400):
        record_read(
            by=gate,
            office=office,
            screen="counters:gate_card",
            applicant_ids=[person.pk],
            now=NOW - timedelta(days=days),
        )
    assert reads_by_screen([person.pk], now=NOW) == [(office.name, "Gerbang", 2)]
    assert person.account is not None
    page = signed_in(person.account).get("/akun/data/").content.decode()
    assert f"Gerbang, {office.name}: 2" in page
    assert gate.full_name not in page.replace(person.full_name, "")


def test_the_data_protection_officer_reads_the_details(office: Office) -> None:
    person = person_at(office)
    gate = make_officer(office, Role.GATE)
    record_read(by=gate, office=office, screen="x", applicant_ids=[person.pk], now=NOW)
    protection = signed_in(make_officer(None, Role.DATA_PROTECTION_OFFICER))
    row = PersonRead.objects.get()
    page = protection.get(f"/admin/offices/personread/{row.pk}/change/")
    assert page.status_code == 200
    assert str(person.pk) in page.content.decode()
    for term, expected in ((str(person.pk), 1), ("999999", 0), (gate.email, 1), ("9" * 30, 0)):
        text = protection.get("/admin/offices/personread/", {"q": term}).content.decode()
        assert text.count("field-screen_name") == expected, term
    supervisor = signed_in(make_officer(office, Role.SUPERVISOR))
    assert supervisor.get("/admin/offices/personread/").status_code == 403


# --- Unusual reading --------------------------------------------------------------------------------
def read(officer: User, office: Office, number: int, *, at: Any) -> None:
    record_read(by=officer, office=office, screen="x", applicant_ids=range(1, number + 1), now=at)


def test_much_more_than_usual_is_marked(office: Office) -> None:
    officer = make_officer(office)
    for days in (4, 3, 2):
        read(officer, office, 60, at=NOW - timedelta(days=days))
    read(officer, office, 3 * 60 + 1, at=NOW - timedelta(days=1))
    assert count_reading(now=NOW) == 1
    row = ReadingDay.objects.get(is_unusual=True)
    assert (row.officer, row.people, row.usual) == (officer, 181, 60)


def test_a_busy_but_usual_day_is_not_marked(office: Office) -> None:
    read(make_officer(office), office, MANY_PEOPLE, at=NOW - timedelta(days=1))
    assert count_reading(now=NOW) == 0
    assert ReadingDay.objects.get().people == MANY_PEOPLE


def test_reading_at_night_is_marked(office: Office) -> None:
    night = (NOW - timedelta(days=1)).replace(hour=16)  # 23.00 in Jakarta
    read(make_officer(office), office, 5, at=night)
    assert count_reading(now=NOW) == 1


def test_the_same_person_twice_counts_once(office: Office) -> None:
    officer = make_officer(office)
    for _each in range(3):
        read(officer, office, 4, at=NOW - timedelta(days=1))
    count_reading(now=NOW)
    assert ReadingDay.objects.get().people == 4


def test_counting_twice_changes_nothing(office: Office) -> None:
    read(make_officer(office), office, 200, at=NOW - timedelta(days=1))
    assert count_reading(now=NOW) == 1
    assert count_reading(now=NOW) == 0
    assert ReadingDay.objects.count() == 1


def test_the_data_protection_officer_marks_a_day_as_reviewed(office: Office) -> None:
    read(make_officer(office), office, 200, at=NOW - timedelta(days=1))
    count_reading(now=NOW)
    officer = make_officer(None, Role.DATA_PROTECTION_OFFICER)
    client = signed_in(officer)
    assert "tidak biasa" not in client.get("/admin/").content.decode()
    assert "jauh lebih banyak" in client.get("/admin/data-requests/").content.decode()
    row = ReadingDay.objects.get()
    values = {"action": "mark_reviewed", "_selected_action": [row.pk]}
    client.post("/admin/privacy/readingday/", values)
    row.refresh_from_db()
    assert row.reviewed_by == officer
    assert "jauh lebih banyak" not in client.get("/admin/data-requests/").content.decode()
