"""Walk-ins: bookings made at the desk."""

from datetime import UTC, datetime, timedelta

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


def come(office: Office, *, now: datetime = NOW, **changes: object) -> Booking:
    service = changes.pop("service", None) or ServiceType.objects.get(code="new")
    by = changes.pop("by", None) or make_officer(office, Role.GATE)
    return book_at_desk(
        office_id=office.pk,
        applicant=person_data(**changes),
        service_type_id=service.pk,
        by=by,
        now=now,
    )


def test_who_comes_without_a_booking_gets_a_place_of_the_running_hour(office: Office) -> None:
    booking = come(office)
    assert (booking.via, booking.status, booking.account) == (Booking.Via.DESK, Status.BOOKED, None)
    assert booking.slot.lane_id == "walk_in"
    assert booking.slot.starts_at <= NOW < booking.slot.ends_at
    assert booking.place.holder == booking.pk


def test_history_names_the_officer_and_no_letter_goes_out(office: Office) -> None:
    officer = make_officer(office, Role.COUNTER)
    booking = come(office, by=officer)
    assert booking.history.get().by == officer
    assert not Message.objects.filter(kind="booking_confirmed").exists()


def test_when_the_running_hour_is_full_the_next_one_is_taken_and_then_no_more(
    office: Office,
) -> None:
    hours = [come(office).slot.starts_at for _ in range(4)]
    assert hours[:2] == [hours[0]] * 2
    assert hours[2:] == [hours[0] + timedelta(hours=1)] * 2
    with pytest.raises(SlotFull) as refusal:
        come(office)
    assert len(refusal.value.alternatives) == 3
    assert Applicant.objects.filter(account=None).count() == 4


def test_after_the_last_hour_there_is_nothing_to_take(office: Office) -> None:
    with pytest.raises(SlotFull):
        come(office, now=datetime(2026, 11, 23, 9, 0, tzinfo=UTC))


def test_an_office_without_walk_ins_says_so_and_offers_hours(office: Office) -> None:
    AdmissionRule.objects.filter(office=office).update(admits_walk_ins=False)
    with pytest.raises(WalkInsNotAdmitted) as refusal:
        come(office)
    assert refusal.value.alternatives
    assert not Booking.objects.exists()


def test_who_has_a_live_booking_gets_no_second_one(office: Office) -> None:
    person = make_person()
    make_booking(person=person)
    with pytest.raises(AlreadyBooked):
        come(office, identity_number=person.identity_number)
    assert not Applicant.objects.filter(account=None).exists()


def test_an_officer_of_another_office_cannot(office: Office) -> None:
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


def test_the_online_lane_is_not_given_away_at_the_desk(office: Office) -> None:
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
