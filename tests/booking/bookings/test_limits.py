"""Booking limits by decree (account, telephone, device) and the products of an office."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from booking.applications.errors import ProductNotMade
from booking.applications.services import ApplicationData, save_application
from booking.bookings.changes import cancel_booking, reschedule_booking
from booking.bookings.models import Booking, Party
from booking.people.models import Applicant
from booking.restrictions.errors import LimitReached
from core.errors import InvalidInput
from offices.directory.models import Office
from offices.limits.models import BookingLimit, ProductRule
from tests.builders import (
    INSTRUMENT,
    NOW,
    SINCE,
    book_online,
    confirm_address,
    make_open_office,
    make_open_slot,
    make_person,
    make_rebooking_rule,
    make_user,
)

pytestmark = pytest.mark.django_db
SetClock = Callable[[datetime], None]
Subject = BookingLimit.Subject
PHONE = "0813 1111 2222"


def make_limit(office: Office | None, subject: str, most: int, **fields: Any) -> BookingLimit:
    fields.setdefault("valid_from", SINCE)
    return BookingLimit.objects.create(
        office=office, subject=subject, most=most, instrument=INSTRUMENT, **fields
    )


@pytest.fixture
def office() -> Office:
    return make_open_office(places=40)


def book(office: Office, *people: Applicant, device: str = "", **fields: Any) -> Party:
    return book_online(
        account_id=people[0].account_id,
        slot_id=make_open_slot(office=office).pk,
        applicant_ids=[person.pk for person in people],
        service_type="new",
        key=fields.pop("key", None) or uuid4().hex,
        now=fields.pop("now", NOW),
        device_key=device,
    )


def family(account: User, size: int) -> list[Applicant]:
    return [make_person(account) for _ in range(size)]


def test_there_is_no_limit_without_a_rule(office: Office) -> None:
    account = make_user()
    for person in family(account, 6):
        book(office, person)
    assert Booking.objects.filter(account=account).count() == 6


def test_a_rule_limits_live_bookings_of_an_account(office: Office) -> None:
    make_limit(office, Subject.ACCOUNT, 3)
    account = make_user()
    confirm_address(account)
    first, second, third, fourth = family(account, 4)
    party = book(office, first, second, third)
    with pytest.raises(LimitReached) as caught:
        book(office, fourth)
    assert "3 jadwal" in str(caught.value)
    assert INSTRUMENT in str(caught.value)
    booking = party.bookings.get(applicant=first)
    cancel_booking(booking_id=booking.pk, by=account, now=NOW)
    assert book(office, fourth).bookings.count() == 1


def test_a_family_above_the_limit_gets_nothing(office: Office) -> None:
    make_limit(office, Subject.ACCOUNT, 2)
    account = make_user()
    with pytest.raises(LimitReached):
        book(office, *family(account, 3))
    assert not Booking.objects.exists()
    assert not Party.objects.exists()


def test_repeating_a_request_is_not_a_new_booking(office: Office) -> None:
    make_limit(office, Subject.ACCOUNT, 1)
    [person] = family(make_user(), 1)
    assert book(office, person, key="sekali").pk == book(office, person, key="sekali").pk


def test_cancelled_bookings_count_towards_the_limit_of_new_bookings(office: Office) -> None:
    make_limit(office, Subject.ACCOUNT, 2, within_days=7)
    make_rebooking_rule(office, unlimited=True)
    account = make_user()
    [person] = family(account, 1)
    for _turn in range(2):
        booking = book(office, person).bookings.get()
        cancel_booking(booking_id=booking.pk, by=account, now=NOW)
    with pytest.raises(LimitReached) as caught:
        book(office, person)
    assert "7 hari" in str(caught.value)
    later = NOW + timedelta(days=7, minutes=1)
    slot = make_open_slot(office=office, now=later)
    party = book_online(
        account_id=account.pk,
        slot_id=slot.pk,
        applicant_ids=[person.pk],
        service_type="new",
        key="nanti",
        now=later,
    )
    assert party.bookings.count() == 1


def test_a_telephone_number_is_limited_across_accounts(office: Office) -> None:
    make_limit(office, Subject.PHONE, 2)
    for _account in range(2):
        book(office, make_person(phone=PHONE))
    with pytest.raises(LimitReached):
        book(office, make_person(phone="+62 813-1111-2222"))
    assert book(office, make_person(phone="0813 1111 3333")).bookings.count() == 1
    assert book(office, make_person(phone="")).bookings.count() == 1


def test_a_device_is_limited_across_accounts(office: Office) -> None:
    make_limit(office, Subject.DEVICE, 2, within_days=30)
    for _account in range(2):
        book(office, make_person(), device="d" * 64)
    with pytest.raises(LimitReached):
        book(office, make_person(), device="d" * 64)
    for _account in range(3):
        book(office, make_person())
    assert Booking.objects.count() == 5


def test_the_offices_rule_overrides_the_nations(office: Office) -> None:
    make_limit(None, Subject.ACCOUNT, 1)
    make_limit(office, Subject.ACCOUNT, 2)
    account = make_user()
    first, second, third = family(account, 3)
    book(office, first, second)
    with pytest.raises(LimitReached):
        book(office, third)


def test_a_rule_applies_only_while_in_force(office: Office) -> None:
    make_limit(office, Subject.ACCOUNT, 1, valid_until=date(2026, 11, 22))
    assert book(office, *family(make_user(), 2)).bookings.count() == 2


def test_the_page_shows_the_reason_and_remembers_the_browser(
    office: Office, set_clock: SetClock
) -> None:
    set_clock(NOW)
    make_limit(office, Subject.DEVICE, 1, within_days=30)
    client = Client()
    answers = []
    for _account in range(2):
        person = make_person(phone="")
        client.force_login(person.account)
        page = reverse("booking:book", args=[make_open_slot(office=office).pk])
        assert client.get(page).status_code == 200
        sent = {"applicants": [person.pk], "service_type": "new", "key": uuid4().hex}
        answers.append(client.post(page, sent))
    assert [answer.status_code for answer in answers] == [302, 403]
    assert "Perangkat ini" in answers[1].content.decode()
    assert set(Party.objects.values_list("device_key", flat=True)) != {""}


def test_a_forged_device_cookie_is_ignored(office: Office, set_clock: SetClock) -> None:
    set_clock(NOW)
    client = Client()
    person = make_person()
    client.force_login(person.account)
    client.cookies["device"] = "1:2:3"
    page = reverse("booking:book", args=[make_open_slot(office=office).pk])
    client.post(page, {"applicants": [person.pk], "service_type": "new", "key": "a"})
    assert Party.objects.get().device_key == ""


# --- The products of an office ------------------------------------------------------------------
ELECTRONIC = ["electronic_5", "electronic_10"]


def prepare(person: Applicant, product: str) -> None:
    data = ApplicationData("new", "first", "umrah", product, {"ktp": True}, is_declared=True)
    save_application(applicant_id=person.pk, by=person.account, data=data, now=NOW)


def make_electronic_only(office: Office, **fields: Any) -> ProductRule:
    fields.setdefault("valid_from", SINCE)
    return ProductRule.objects.create(
        office=office, products=ELECTRONIC, instrument=INSTRUMENT, **fields
    )


def test_an_electronic_only_office_refuses_ordinary_passports(
    office: Office,
) -> None:
    make_electronic_only(office)
    person = make_person()
    prepare(person, "plain_10")
    with pytest.raises(ProductNotMade) as caught:
        book(office, person)
    assert "elektronik" in str(caught.value)
    assert INSTRUMENT in str(caught.value)
    prepare(person, "electronic_10")
    assert book(office, person).bookings.count() == 1


def test_a_booked_application_cannot_change_to_an_unavailable_product(office: Office) -> None:
    make_electronic_only(office)
    person = make_person()
    book(office, person)
    with pytest.raises(InvalidInput) as caught:
        prepare(person, "plain_5")
    assert set(caught.value.fields) == {"product"}


def test_the_rule_of_the_appointment_day_applies(office: Office) -> None:
    make_electronic_only(office, valid_from=date(2027, 1, 1))
    person = make_person()
    prepare(person, "plain_10")
    assert book(office, person).bookings.count() == 1


def test_rescheduling_to_an_office_without_the_product_is_refused(office: Office) -> None:
    person = make_person()
    prepare(person, "plain_10")
    [booking] = book(office, person).bookings.all()
    other = make_open_office(places=5)
    make_electronic_only(other)
    assert booking.account is not None
    with pytest.raises(ProductNotMade):
        reschedule_booking(
            booking_id=booking.pk,
            slot_id=make_open_slot(office=other).pk,
            by=booking.account,
            now=NOW,
        )
