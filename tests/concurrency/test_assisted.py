"""Two officers book for people at the desk at the same moment. Controls for the guards: test_bookings.py."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from booking.bookings.errors import AlreadyBooked
from booking.bookings.models import Booking
from booking.bookings.services import book_assisted
from booking.people.models import Applicant
from booking.people.services import ApplicantData
from booking.statuses import Status
from offices.directory.models import ServiceType
from offices.staff.models import Role
from quotas.places.errors import SlotFull
from quotas.places.models import Place, Slot
from tests.builders import NOW, make_officer, make_open_slot, person_data
from tests.retries import press_again

pytestmark = pytest.mark.django_db(transaction=True)
Race = Callable[[Iterable[Callable[[], Any]]], list[Any]]
ROUNDS = 20


def officers(run_together: Race, *people: ApplicantData, slot: Slot, key: str = "") -> list[Any]:
    """Book for each of these people, each by an officer of their own."""
    service = ServiceType.objects.get(code="new")
    return run_together(
        partial(
            press_again,
            book_assisted,
            office_id=slot.office_id,
            person=person,
            service_type_id=service.pk,
            slot_id=slot.pk,
            key=key or uuid4().hex,
            by=make_officer(slot.office, Role.GATE),
            now=NOW,
        )
        for person in people
    )


def kinds_of(outcomes: list[Any]) -> list[str]:
    return sorted(
        "booked" if isinstance(one, Booking) else _refusal(one).__name__ for one in outcomes
    )


def _refusal(one: Any) -> type:
    return next((kind for kind in (SlotFull, AlreadyBooked) if isinstance(one, kind)), type(one))


def test_the_last_place_goes_to_one_of_two_people(run_together: Race) -> None:
    slot = make_open_slot(places=1)
    outcomes = officers(run_together, person_data(), person_data(), slot=slot)
    assert kinds_of(outcomes) == ["SlotFull", "booked"]
    assert Place.objects.filter(slot=slot, holder__isnull=False).count() == 1
    assert Applicant.objects.count() == 1


def same_person(run_together: Race) -> list[str]:
    person = person_data()
    return kinds_of(officers(run_together, person, person, slot=make_open_slot(places=4)))


def test_the_same_person_is_booked_once(run_together: Race) -> None:
    assert same_person(run_together) == ["AlreadyBooked", "booked"]
    assert Booking.objects.filter(status=Status.BOOKED).count() == 1


def test_control_without_guards_the_same_person_is_booked_twice(
    unguarded_database: str, run_together: Race
) -> None:
    """If this fails, the test above no longer races and proves nothing."""
    assert any(same_person(run_together) == ["booked", "booked"] for _round in range(ROUNDS))


def test_a_double_click_makes_one_booking_and_shows_it_twice(run_together: Race) -> None:
    person, slot = person_data(), make_open_slot(places=1)
    first, second = officers(run_together, person, person, slot=slot, key="satu")
    assert isinstance(first, Booking)
    assert first == second
    assert (Booking.objects.count(), Applicant.objects.count()) == (1, 1)
