"""Walk-ins: bookings made at the desk."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from booking.bookings.errors import AlreadyBooked, WalkInsNotAdmitted
from booking.bookings.models import Booking
from booking.bookings.services import book_at_desk
from booking.people.models import Applicant
from booking.statuses import Status
from core.errors import InvalidInput, NotAllowed
from notices.models import Message
from offices.directory.models import Office, ServiceType
from offices.hours.models import AdmissionRule
from offices.staff.models import Role
from quotas.places.errors import SlotFull
from quotas.places.models import Slot
from tests.builders import (
    NOW,
    make_booking,
    make_officer,
    make_open_office,
    make_person,
    make_service_type,
    person_data,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return make_open_office(places=12)  # two an hour


def come(office: Office, *, now: datetime = NOW, **changes: Any) -> Booking:
    service = changes.pop("service", None) or ServiceType.objects.get(code="new")
    by = changes.pop("by", None) or make_officer(office, Role.GATE)
    return book_at_desk(
        office_id=office.pk,
        applicant=person_data(**changes),
        service_type_id=service.pk,
        by=by,
        now=now,
    )


def test_a_walk_in_gets_a_place_in_the_current_slot(office: Office) -> None:
    booking = come(office)
    assert (booking.via, booking.status, booking.account) == (Booking.Via.DESK, Status.BOOKED, None)
    assert booking.slot.lane_id == "walk_in"
    assert booking.slot.starts_at <= NOW < booking.slot.ends_at
    assert booking.place.holder == booking.pk


def test_history_names_the_officer_and_no_message_is_sent(office: Office) -> None:
    officer = make_officer(office, Role.COUNTER)
    booking = come(office, by=officer)
    assert booking.history.get().by == officer
    assert not Message.objects.filter(kind="booking_confirmed").exists()


def test_walk_ins_move_to_the_next_slot_when_full(
    office: Office,
) -> None:
    hours = [come(office).slot.starts_at for _ in range(4)]
    assert hours[:2] == [hours[0]] * 2
    assert hours[2:] == [hours[0] + timedelta(hours=1)] * 2
    with pytest.raises(SlotFull) as refusal:
        come(office)
    assert len(refusal.value.alternatives) == 3
    assert Applicant.objects.filter(account=None).count() == 4


def test_no_walk_in_place_exists_after_the_last_slot(office: Office) -> None:
    with pytest.raises(SlotFull):
        come(office, now=datetime(2026, 11, 23, 9, 0, tzinfo=UTC))


def test_an_office_without_walk_ins_offers_slots(office: Office) -> None:
    AdmissionRule.objects.filter(office=office).update(admits_walk_ins=False)
    with pytest.raises(WalkInsNotAdmitted) as refusal:
        come(office)
    assert refusal.value.alternatives
    assert not Booking.objects.exists()


def test_a_person_with_a_live_booking_is_refused(office: Office) -> None:
    person = make_person()
    make_booking(person=person)
    with pytest.raises(AlreadyBooked):
        come(office, identity_number=person.identity_number)
    assert not Applicant.objects.filter(account=None).exists()


def test_an_officer_of_another_office_is_refused(office: Office) -> None:
    with pytest.raises(NotAllowed):
        come(office, by=make_officer(make_open_office(), Role.GATE))
    with pytest.raises(NotAllowed):
        come(office, by=make_officer(office, Role.PICKUP))


def test_wrong_input_names_its_field(office: Office) -> None:
    with pytest.raises(InvalidInput) as refusal:
        come(office, identity_number="123")
    assert set(refusal.value.fields) == {"identity_number"}
    other = make_service_type("stay_permit", group="foreigners")
    with pytest.raises(InvalidInput) as refusal:
        come(office, service=other)
    assert set(refusal.value.fields) == {"service_type"}
    with pytest.raises(InvalidInput) as refusal:
        come(office, identity_kind="passport", identity_number="N1234567", nationality="MY")
    assert set(refusal.value.fields) == {"identity_number"}


def test_desk_bookings_do_not_use_the_online_lane(office: Office) -> None:
    with pytest.raises(SlotFull):
        book_at_desk(
            office_id=office.pk,
            applicant=person_data(),
            service_type_id=ServiceType.objects.get(code="new").pk,
            lane="online",
            by=make_officer(office, Role.GATE),
            now=NOW,
        )
    assert not Slot.objects.filter(places__holder__isnull=False).exists()
