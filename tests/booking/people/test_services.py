"""The people of an account and their prepared applications."""

from datetime import date, timedelta

import pytest
from django.db import connection

from booking.applications.models import PassportApplication
from booking.applications.services import ApplicationData, save_application
from booking.bookings.changes import cancel_booking
from booking.people import selectors
from booking.people.errors import LockedByBooking, TooManyPeople
from booking.people.models import Applicant
from booking.people.services import PEOPLE_LIMIT, add_applicant, change_applicant, remove_applicant
from core.errors import InvalidInput, NotFound
from tests.builders import (
    NOW,
    make_booking,
    make_nik,
    make_person,
    make_service_type,
    make_user,
    person_data,
)

pytestmark = pytest.mark.django_db


def add(**changes: object) -> Applicant:
    return add_applicant(account_id=make_user().pk, data=person_data(**changes), now=NOW)


def change(person: Applicant, **changes: object) -> Applicant:
    same = {"identity_number": person.identity_number}
    return change_applicant(
        applicant_id=person.pk,
        account_id=person.account_id,
        data=person_data(**(same | changes)),
        now=NOW,
    )


def test_the_identity_number_is_stored_encrypted() -> None:
    person = add()
    with connection.cursor() as cursor:
        cursor.execute("SELECT identity_number FROM booking_applicant WHERE id = %s", [person.pk])
        [stored] = cursor.fetchone()
    assert person.identity_number not in stored
    assert Applicant.objects.get(pk=person.pk).identity_number == person.identity_number


def test_a_nik_typed_with_spaces_is_the_same_person() -> None:
    number = make_nik()
    spaced = f"{number[:6]} {number[6:12]}-{number[12:]}"
    assert add(identity_number=number).person_key == add(identity_number=spaced).person_key


def test_a_nik_that_contradicts_the_birth_date_is_flagged() -> None:
    assert add(birth_date=date(1990, 2, 7)).nik_differs
    assert add(sex="male").nik_differs
    assert not add().nik_differs


def test_a_foreigner_has_a_passport_and_its_country() -> None:
    person = add(identity_kind="passport", identity_number="n 123-4567", nationality="my")
    assert (person.identity_number, person.nationality, person.nik_differs) == (
        "N1234567",
        "MY",
        False,
    )


def test_equal_numbers_of_two_countries_are_two_people() -> None:
    keys = {
        add(identity_kind="passport", identity_number="N1234567", nationality=country).person_key
        for country in ("MY", "AU")
    }
    assert len(keys) == 2


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("identity_number", "167105460290000"),
        ("identity_number", "1671054602900000"),
        ("identity_number", "1671057302900001"),
        ("identity_number", "abc"),
        ("identity_number", ""),
        ("full_name", "  "),
        ("full_name", "S1ti <b>"),
        ("full_name", "S" * 121),
        ("birth_date", date(2026, 11, 24)),
        ("birth_date", date(1899, 1, 1)),
        ("sex", "x"),
        ("phone", "12"),
        ("identity_kind", "ktp"),
    ],
)
def test_a_wrong_value_names_its_field_and_adds_nobody(field: str, value: object) -> None:
    with pytest.raises(InvalidInput) as refusal:
        add(**{field: value})
    assert field in refusal.value.fields
    assert str(refusal.value.fields[field][0])
    assert not Applicant.objects.exists()


@pytest.mark.parametrize("country", ["ID", "XX", "", "ZZ"])
def test_a_passport_needs_a_country_that_is_not_indonesia(country: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        add(identity_kind="passport", identity_number="N1234567", nationality=country)
    assert set(refusal.value.fields) == {"nationality"}


def test_all_errors_are_reported_at_once() -> None:
    with pytest.raises(InvalidInput) as refusal:
        add(full_name="", identity_number="1", phone="1", sex="")
    assert set(refusal.value.fields) == {"full_name", "identity_number", "phone", "sex"}


def test_a_number_is_unique_within_an_account() -> None:
    person = make_person()
    with pytest.raises(InvalidInput) as refusal:
        add_applicant(
            account_id=person.account_id,
            data=person_data(identity_number=person.identity_number),
            now=NOW,
        )
    assert set(refusal.value.fields) == {"identity_number"}


def test_another_account_can_add_the_same_number() -> None:
    assert add(identity_number=make_person().identity_number)


def test_an_account_has_a_maximum_of_people() -> None:
    account = make_user()
    for _person in range(PEOPLE_LIMIT):
        make_person(account)
    with pytest.raises(TooManyPeople) as refusal:
        make_person(account)
    assert str(PEOPLE_LIMIT) in str(refusal.value)


def test_a_person_can_be_changed() -> None:
    person = change(make_person(), full_name="Siti  Rahmawati Putri", birth_date=date(1990, 2, 7))
    assert (person.full_name, person.nik_differs) == ("Siti Rahmawati Putri", True)


def test_a_booking_locks_the_identity_but_not_the_telephone() -> None:
    booking = make_booking()
    with pytest.raises(LockedByBooking):
        change(booking.applicant, full_name="Orang Lain")
    assert change(booking.applicant, phone="0811 2222 3333").phone == "+6281122223333"


def test_after_the_booking_the_person_can_be_changed_and_removed() -> None:
    booking = make_booking()
    person = booking.applicant
    with pytest.raises(LockedByBooking):
        remove_applicant(applicant_id=person.pk, account_id=person.account_id, now=NOW)
    cancel_booking(booking_id=booking.pk, by=booking.account, now=NOW)
    remove_applicant(applicant_id=person.pk, account_id=person.account_id, now=NOW)
    assert not selectors.people_of(person.account_id).exists()


def test_a_removed_person_can_be_added_again() -> None:
    person = make_person()
    remove_applicant(applicant_id=person.pk, account_id=person.account_id, now=NOW)
    assert make_person(person.account, identity_number=person.identity_number).pk != person.pk


def test_another_accounts_person_is_unknown() -> None:
    person, other = make_person(), make_user()
    with pytest.raises(NotFound):
        selectors.person_of(other.pk, person.pk)
    with pytest.raises(NotFound):
        remove_applicant(applicant_id=person.pk, account_id=other.pk, now=NOW)
    with pytest.raises(NotFound):
        change_applicant(applicant_id=person.pk, account_id=other.pk, data=person_data(), now=NOW)


# --- Applications ---------------------------------------------------------------------------------
def save(person: Applicant, **changes: object) -> PassportApplication:
    typed: dict[str, object] = {
        "service_type": "new",
        "reason": "first",
        "purpose": "umrah",
        "product": "electronic_10",
        "documents": {"ktp": True},
        "is_declared": True,
    }
    return save_application(
        applicant_id=person.pk,
        by=person.account,
        data=ApplicationData(**(typed | changes)),
        now=NOW,
    )


def test_an_application_is_created_once_per_service_then_updated() -> None:
    make_service_type("new")
    person = make_person()
    first = save(person)
    again = save(person, purpose="study")
    assert (again.pk, again.purpose, again.documents) == (first.pk, "study", {"ktp": True})
    assert again.created_at == NOW


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("reason", "lost"),
        ("reason", "x"),
        ("purpose", "x"),
        ("product", "stay_permit"),
        ("product", "x"),
        ("documents", {"sim": True}),
        ("service_type", "x"),
    ],
)
def test_a_wrong_application_names_its_field(field: str, value: object) -> None:
    make_service_type("new")
    with pytest.raises(InvalidInput) as refusal:
        save(make_person(), **{field: value})
    assert set(refusal.value.fields) == {field}


def test_a_foreigner_cannot_apply_for_a_passport() -> None:
    make_service_type("new")
    person = make_person(identity_kind="passport", identity_number="N1234567", nationality="MY")
    with pytest.raises(InvalidInput) as refusal:
        save(person)
    assert set(refusal.value.fields) == {"service_type"}


def test_another_accounts_application_is_unknown() -> None:
    make_service_type("new")
    person = make_person()
    with pytest.raises(NotFound):
        save_application(
            applicant_id=person.pk,
            by=make_user(),
            data=ApplicationData("new", "first", "umrah", "electronic_10"),
            now=NOW + timedelta(days=1),
        )
