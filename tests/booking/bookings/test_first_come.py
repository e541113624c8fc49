"""First come, first served: who gets a place, and the reasons for refusal."""

from datetime import timedelta
from uuid import uuid4

import pytest

from accounts.models import User
from booking.bookings.changes import cancel_booking
from booking.bookings.errors import AlreadyBooked, KeyReused, NotBookable
from booking.bookings.models import Booking, BookingEvent, Party
from booking.statuses import Status
from core.errors import InvalidInput
from notices.models import Message
from offices.directory.models import Office
from quotas.places.errors import NotYetOpen, SlotFull, WindowClosed
from quotas.places.models import Place, Slot
from tests.builders import (
    NOW,
    book_online,
    confirm_address,
    make_booking,
    make_group,
    make_office,
    make_open_office,
    make_open_slot,
    make_person,
    make_return_rule,
    make_service_type,
    make_user,
)
from tests.outbox import calendar_of, text_of

pytestmark = pytest.mark.django_db


def book(account: User, slot: Slot, *people: int, **changes: object) -> Party:
    values = {"service_type": "new", "key": uuid4().hex, "now": NOW} | changes
    return book_online(account_id=account.pk, slot_id=slot.pk, applicant_ids=list(people), **values)


def fields_of(refusal: pytest.ExceptionInfo[InvalidInput]) -> set[str]:
    return set(refusal.value.fields)


def test_a_booking_holds_the_place_that_names_it() -> None:
    slot = make_open_slot(places=3)
    booking = make_booking(slot)
    assert (booking.status, booking.via, booking.slot) == (
        Status.BOOKED,
        Booking.Via.FIRST_COME,
        slot,
    )
    assert booking.office == slot.office
    assert Place.objects.get(holder=booking.pk) == booking.place


def test_booking_history_begins_with_its_creator() -> None:
    booking = make_booking()
    [line] = booking.history.all()
    assert (line.kind, line.old, line.new, line.at) == (
        BookingEvent.Kind.MADE,
        "",
        Status.BOOKED,
        NOW,
    )
    assert (line.by_id, line.place_to) == (booking.account_id, booking.place)


def test_a_booking_uses_the_prepared_application() -> None:
    from booking.applications.services import ApplicationData, save_application

    person = make_person()
    make_service_type("new")
    prepared = save_application(
        applicant_id=person.pk,
        by=person.account,
        data=ApplicationData(
            service_type="new",
            reason="first",
            purpose="umrah",
            product="electronic_10",
            documents={},
            is_declared=True,
        ),
        now=NOW,
    )
    assert make_booking(person=person).application == prepared


def test_the_account_gets_one_message_with_the_calendar_file() -> None:
    booking = make_booking()
    message = Message.objects.get(kind="booking_confirmed")
    assert message.address == booking.account.email
    assert booking.code in text_of(message)
    assert "BEGIN:VCALENDAR" in calendar_of(message)
    assert (message.about_id, message.office_code) == (str(booking.pk), booking.office.code)


def test_a_message_uses_the_accounts_language() -> None:
    account = make_user(language="en")
    make_booking(person=make_person(account))
    assert Message.objects.get(kind="booking_confirmed").language == "en"


def test_the_message_contains_no_identity_number() -> None:
    person = make_person()
    make_booking(person=person)
    message = Message.objects.get(kind="booking_confirmed")
    assert person.identity_number not in text_of(message) + str(message.context)


def test_a_family_is_booked_in_the_requested_order() -> None:
    account, slot = make_user(), make_open_slot(places=5)
    people = [make_person(account).pk for _ in range(5)]
    party = book(account, slot, *people)
    made = party.bookings.order_by("place_id")
    assert [booking.applicant_id for booking in made] == people
    assert Message.objects.filter(kind="booking_confirmed").count() == 1


def test_a_family_larger_than_the_remaining_places_gets_none() -> None:
    account, slot = make_user(), make_open_slot(places=2)
    people = [make_person(account).pk for _ in range(3)]
    with pytest.raises(SlotFull):
        book(account, slot, *people)
    assert not Booking.objects.exists()
    assert not Party.objects.exists()
    assert Place.objects.free().filter(slot=slot).count() == 2


def test_one_booked_family_member_blocks_the_family() -> None:
    account, slot = make_user(), make_open_slot(places=5)
    first, second = make_person(account), make_person(account)
    make_booking(slot, person=first)
    with pytest.raises(AlreadyBooked):
        book(account, slot, second.pk, first.pk)
    assert Booking.objects.count() == 1


def test_repeating_a_request_returns_the_same_booking() -> None:
    account, slot = make_user(), make_open_slot()
    person = make_person(account)
    first = book(account, slot, person.pk, key="satu")
    again = book(account, slot, person.pk, key="satu", now=NOW + timedelta(days=1))
    assert again == first
    assert Booking.objects.count() == 1
    assert Message.objects.filter(kind="booking_confirmed").count() == 1


def test_the_same_key_with_another_body_is_refused() -> None:
    account, slot = make_user(), make_open_slot()
    one, other = make_person(account), make_person(account)
    book(account, slot, one.pk, key="satu")
    with pytest.raises(KeyReused):
        book(account, slot, other.pk, key="satu")


def test_two_accounts_may_use_the_same_key() -> None:
    slot = make_open_slot()
    for account in (make_user(), make_user()):
        book(account, slot, make_person(account).pk, key="satu")
    assert Booking.objects.count() == 2


def test_a_refused_request_is_evaluated_again_under_its_key() -> None:
    slot = make_open_slot(places=1)
    account = make_user()
    person = make_person(account)
    make_return_rule(slot.office, rest_from_minutes=0, rest_until_minutes=0)
    rival = make_booking(slot)
    with pytest.raises(SlotFull):
        book(account, slot, person.pk, key="satu")
    cancel_booking(booking_id=rival.pk, by=rival.account, now=NOW)
    assert book(account, slot, person.pk, key="satu").bookings.count() == 1


def test_a_full_slot_is_refused_with_the_nearest_slots() -> None:
    office = make_open_office(places=6)
    slot = make_open_slot(office=office)
    for _place in range(slot.places.count()):
        make_booking(slot)
    with pytest.raises(SlotFull) as refusal:
        make_booking(slot)
    offered = refusal.value.alternatives
    assert len(offered) == 3
    assert slot.pk not in {row["slot"] for row in offered}
    assert all(row["office"] == office.code and row["left"] > 0 for row in offered)


def test_alternatives_for_a_family_fit_all_of_it() -> None:
    office = make_open_office(places=12)
    slot = make_open_slot(office=office)
    account = make_user()
    people = [make_person(account).pk for _ in range(2)]
    make_booking(slot)
    with pytest.raises(SlotFull) as refusal:
        book(account, slot, *people)
    assert all(row["left"] >= 2 for row in refusal.value.alternatives)


def test_a_slot_before_its_opening_is_refused() -> None:
    slot = make_open_slot()
    place = slot.places.first()
    with pytest.raises(NotYetOpen):
        make_booking(slot, person=make_person(), now=place.opens_at - timedelta(seconds=1))


def test_a_slot_opens_at_the_exact_second() -> None:
    slot = make_open_slot()
    assert make_booking(slot, now=slot.places.first().opens_at)


def test_a_slot_after_its_window_is_refused() -> None:
    slot = make_open_slot()
    with pytest.raises(WindowClosed):
        make_booking(slot, person=make_person(), now=slot.places.first().closes_at)


def test_an_office_without_bookings_gives_the_reason() -> None:
    slot = make_open_slot()
    Office.objects.filter(pk=slot.office_id).update(booking_stopped_reason="listrik padam")
    with pytest.raises(WindowClosed) as refusal:
        make_booking(slot)
    assert "listrik padam" in str(refusal.value)


def test_a_person_has_one_live_booking_across_accounts_and_offices() -> None:
    number = make_person().identity_number
    one, other = (make_person(identity_number=number) for _ in range(2))
    make_booking(person=one)
    with pytest.raises(NotBookable) as refusal:
        make_booking(person=other)
    assert "Siti" not in str(refusal.value)
    with pytest.raises(AlreadyBooked):
        make_booking(person=one)


def test_after_cancelling_a_person_may_book_again() -> None:
    booking = make_booking()
    confirm_address(booking.account)
    cancel_booking(booking_id=booking.pk, by=booking.account, now=NOW)
    assert make_booking(person=booking.applicant).status == Status.BOOKED


@pytest.mark.parametrize("count", [0, 6])
def test_a_request_names_one_to_five_people(count: int) -> None:
    account, slot = make_user(), make_open_slot(places=10)
    people = [make_person(account).pk for _ in range(count)]
    with pytest.raises(InvalidInput) as refusal:
        book(account, slot, *people)
    assert fields_of(refusal) == {"applicants"}


def test_the_same_person_twice_in_one_request_is_refused() -> None:
    account = make_user()
    person = make_person(account)
    with pytest.raises(InvalidInput) as refusal:
        book(account, make_open_slot(), person.pk, person.pk)
    assert fields_of(refusal) == {"applicants"}


def test_another_accounts_person_is_refused_as_unknown() -> None:
    account, slot = make_user(), make_open_slot()
    sentences = set()
    for person_id in (make_person().pk, 2**62):
        with pytest.raises(InvalidInput) as refusal:
            book(account, slot, person_id)
        sentences.add(str(refusal.value.fields["applicants"][0]))
    assert len(sentences) == 1


def test_a_removed_person_cannot_be_booked() -> None:
    from booking.people.services import remove_applicant

    person = make_person()
    remove_applicant(applicant_id=person.pk, account_id=person.account_id, now=NOW)
    with pytest.raises(InvalidInput):
        make_booking(person=person)


def test_an_invalid_slot_is_refused() -> None:
    account = make_user()
    with pytest.raises(InvalidInput) as refusal:
        book_online(
            account_id=account.pk,
            slot_id=2**62,
            applicant_ids=[make_person(account).pk],
            service_type="new",
            key="satu",
            now=NOW,
        )
    assert fields_of(refusal) == {"slot"}


def test_a_walk_in_slot_cannot_be_booked_online() -> None:
    office = make_open_office()
    slot = Slot.objects.filter(office=office, lane="walk_in").first()
    with pytest.raises(InvalidInput) as refusal:
        make_booking(slot)
    assert fields_of(refusal) == {"slot"}


def test_a_service_not_offered_by_the_office_is_refused() -> None:
    make_service_type("stay_permit", group="foreigners")
    for service in ("stay_permit", "tidak-ada"):
        with pytest.raises(InvalidInput) as refusal:
            make_booking(service=service)
        assert fields_of(refusal) == {"service_type"}


def test_a_slot_for_another_group_is_refused() -> None:
    office = make_office(service_types=("new",))
    office.service_types.add(make_service_type("stay_permit", group="foreigners"))
    slot = make_open_slot()
    Slot.objects.filter(pk=slot.pk).update(office=office, group=make_group("foreigners"))
    with pytest.raises(InvalidInput) as refusal:
        make_booking(slot)
    assert fields_of(refusal) == {"slot"}


def test_a_foreigner_cannot_book_a_citizens_service() -> None:
    person = make_person(identity_kind="passport", identity_number="N1234567", nationality="MY")
    with pytest.raises(InvalidInput) as refusal:
        make_booking(person=person)
    assert fields_of(refusal) == {"applicants"}


@pytest.mark.parametrize("key", ["", "x" * 65, "dua\nbaris"])
def test_a_malformed_key_is_refused(key: str) -> None:
    account = make_user()
    with pytest.raises(InvalidInput) as refusal:
        book(account, make_open_slot(), make_person(account).pk, key=key)
    assert fields_of(refusal) == {"key"}
