"""Appointments of a later day that an officer books for a person at the desk: which rules bind them.

The rules that all ways of booking share are in tests/booking/bookings/test_create_bookings.py.
"""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from booking.bookings.changes import cancel_booking
from booking.bookings.errors import (
    KeyReused,
    NotBookableOnline,
    RebookingLimit,
    WaitingRoomInUse,
)
from booking.bookings.models import Booking
from booking.bookings.services import book_assisted
from booking.people.models import Applicant
from booking.restrictions.errors import LimitReached
from booking.restrictions.models import Restriction
from booking.statuses import Status
from core.errors import NotAllowed
from counters.assist.selectors import days_to_book, hours_to_book
from offices.directory.models import Office, ServiceType
from offices.exceptions import exceptions_by_month
from offices.limits.models import BookingLimit
from offices.staff.models import Role
from ops.verification.services import verify
from quotas.places.errors import NotYetOpen
from quotas.places.models import Place, Slot
from tests.booking.bookings.test_limits import make_limit
from tests.booking.lottery.lottery_world import MONDAY, make_draw_office
from tests.builders import (
    INSTRUMENT,
    NOW,
    confirm_address,
    make_booking,
    make_nik,
    make_officer,
    make_person,
    make_rebooking_rule,
    person_data,
)
from tests.counters.world import DAY, World
from tests.quotas.waiting_room.waiting_room_world import OPENS, make_room_office, slot_of

pytestmark = pytest.mark.django_db
TOMORROW = DAY + timedelta(days=1)


def assist(world: World, **changes: Any) -> Booking:
    """Book tomorrow at nine for a new person, on the day before."""
    values: dict[str, Any] = {
        "office_id": world.office.pk,
        "person": person_data(),
        "service_type_id": ServiceType.objects.get(code="new").pk,
        "slot_id": world.slot(9, TOMORROW).pk,
        "key": uuid4().hex,
        "by": world.gate,
        "now": world.at(9),
    }
    return book_assisted(**values | changes)


def service_of(office: Office) -> ServiceType:
    return office.service_types.get(code="new")


def test_an_assisted_booking_names_the_officer_and_keeps_the_laws(world: World) -> None:
    booking = assist(world)
    line = booking.history.get()
    assert (booking.via, booking.status, booking.account_id) == ("assisted", Status.BOOKED, None)
    assert (line.kind, line.by, line.new) == ("made", world.gate, Status.BOOKED)
    assert booking.place is not None
    assert booking.place.holder == booking.pk
    assert not broken_laws(world)


def broken_laws(world: World) -> list[int]:
    return [finding.law for finding in verify(now=world.at(9, 1)) if finding.breaches]


def test_the_laws_see_a_place_that_was_not_open(world: World) -> None:
    place = Place.objects.filter(pk=assist(world).place_id)
    place.update(closes_at=world.at(8))
    assert 3 in broken_laws(world)


def test_the_laws_see_a_restricted_person(world: World) -> None:
    booking = assist(world)
    Restriction.objects.create(
        booking=world.book(8),
        person_key=booking.person_key,
        applicant=booking.applicant,
        office=world.office,
        made_at=world.at(8),
        until_at=world.at(8, day=TOMORROW),
        instrument=INSTRUMENT,
    )
    assert 3 in broken_laws(world)


def test_the_person_checks_in_like_everybody_else(world: World) -> None:
    booking = assist(world)
    visit = world.check_in(booking, world.at(9, day=TOMORROW))
    assert str(visit.ticket).startswith("A-")


def test_only_a_later_day_of_the_own_office_is_booked(world: World) -> None:
    for slot in (world.slot(11), Slot(pk=2**62)):
        with pytest.raises(NotBookableOnline):
            assist(world, slot_id=slot.pk)
    walk_in = Slot.objects.filter(office=world.office, lane="walk_in", day=TOMORROW).first()
    assert walk_in is not None
    with pytest.raises(NotBookableOnline):
        assist(world, slot_id=walk_in.pk)


def test_officers_of_another_office_are_refused(world: World) -> None:
    stranger = make_officer(make_draw_office(), Role.GATE)
    with pytest.raises(NotAllowed):
        assist(world, by=stranger)
    assert not Applicant.objects.exists()


def test_the_same_submission_twice_is_one_booking(world: World) -> None:
    sent = {"person": person_data(), "key": "satu"}
    booking = assist(world, **sent)
    assert assist(world, **sent) == booking
    assert (Booking.objects.count(), Applicant.objects.count()) == (1, 1)


@pytest.mark.parametrize("change", ["person", "slot_id"])
def test_a_key_with_another_person_or_hour_is_refused(world: World, change: str) -> None:
    sent: dict[str, Any] = {"person": person_data(), "key": "satu"}
    assist(world, **sent)
    other = {"person": person_data(), "slot_id": world.slot(10, TOMORROW).pk}[change]
    with pytest.raises(KeyReused):
        assist(world, **sent | {change: other})
    assert Booking.objects.count() == 1


# --- The limits of online bookings ----------------------------------------------------------------
def test_the_rebooking_rule_binds_people_who_cancelled_at_the_desk(world: World) -> None:
    make_rebooking_rule(world.office, per_person=1)
    sent = {"person": person_data()}
    for _time in range(2):
        booking = assist(world, **sent)
        cancel_booking(booking_id=booking.pk, by=world.gate, now=world.at(9))
    with pytest.raises(RebookingLimit):
        assist(world, **sent)


def test_the_officer_reads_a_limit_that_another_account_used_up(world: World) -> None:
    make_rebooking_rule(world.office, per_person=0)
    person = make_person()
    confirm_address(person.account)
    booking = make_booking(world.slot(10, TOMORROW), person=person)
    cancel_booking(booking_id=booking.pk, by=person.account, now=world.at(8))
    with pytest.raises(RebookingLimit):
        assist(world, person=person_data(identity_number=person.identity_number))


def test_a_telephone_number_has_its_limit_at_the_desk_too(world: World) -> None:
    make_limit(world.office, BookingLimit.Subject.PHONE, 1)
    assist(world)
    with pytest.raises(LimitReached):
        assist(world)
    assist(world, person=person_data(phone=""))


def test_a_waiting_room_is_not_passed_at_the_desk() -> None:
    office = make_room_office()
    values: dict[str, Any] = {
        "office_id": office.pk,
        "person": person_data(),
        "service_type_id": service_of(office).pk,
        "slot_id": slot_of(office).pk,
        "key": "satu",
        "by": make_officer(office, Role.GATE),
    }
    with pytest.raises(WaitingRoomInUse):
        book_assisted(**values, now=OPENS + timedelta(seconds=1))
    assert not Booking.objects.exists()


def test_days_of_a_lottery_are_neither_offered_nor_booked() -> None:
    office = make_draw_office()
    service = service_of(office)
    assert days_to_book(office, service, now=NOW) == []
    hours = hours_to_book(office, service, MONDAY, now=NOW)
    assert {row["state"] for row in hours} == {"not_yet_open"}
    with pytest.raises(NotYetOpen):
        book_assisted(
            office_id=office.pk,
            person=person_data(),
            service_type_id=service.pk,
            slot_id=hours[0]["id"],
            key="satu",
            by=make_officer(office, Role.GATE),
            now=NOW,
        )


# --- What is offered and counted ------------------------------------------------------------------
def test_open_days_after_today_are_offered(world: World) -> None:
    service = service_of(world.office)
    assert [row.date for row in days_to_book(world.office, service, now=world.at(9))] == [TOMORROW]
    assert hours_to_book(world.office, service, DAY, now=world.at(9)) == []


def test_assisted_bookings_are_counted_by_month(world: World) -> None:
    assist(world, person=person_data(identity_number=make_nik()))
    world.walk_in(world.at(9))
    world.book(9, TOMORROW)
    rows = exceptions_by_month([world.office], DAY, TOMORROW)[world.office.pk]
    assert [(row.code, row.count) for row in rows] == [("assisted", 1)]
