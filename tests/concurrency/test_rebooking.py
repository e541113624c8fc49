"""Concurrent requests of one account never book again more often than the rebooking rule allows."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from booking.bookings.changes import cancel_booking
from booking.bookings.errors import RebookingLimit
from booking.bookings.models import Booking, Party
from booking.people.models import Applicant
from booking.statuses import Status
from quotas.places.models import Slot
from tests.builders import (
    NOW,
    book_online,
    confirm_address,
    make_booking,
    make_open_slot,
    make_person,
    make_rebooking_rule,
    make_user,
)
from tests.retries import press_again

pytestmark = pytest.mark.django_db(transaction=True)
Race = Callable[[Iterable[Callable[[], Any]]], list[Any]]
MOST, RIVALS, ROUNDS = 2, 6, 20


def book(slot: Slot, person: Applicant) -> Party:
    party: Party = press_again(
        book_online,
        account_id=person.account_id,
        slot_id=slot.pk,
        applicant_ids=[person.pk],
        service_type="new",
        key=uuid4().hex,
        now=NOW,
    )
    return party


def requests_at_once(run_together: Race) -> int:
    """Book for many people of an account that has cancelled; return how many succeeded."""
    slot, account = make_open_slot(places=20), make_user()
    make_rebooking_rule(slot.office, per_account=MOST)
    confirm_address(account)
    cancelled = make_booking(slot, person=make_person(account))
    cancel_booking(booking_id=cancelled.pk, by=account, now=NOW)
    people = [make_person(account) for _ in range(RIVALS)]
    outcomes = run_together(partial(book, slot, person) for person in people)
    faults = [one for one in outcomes if not isinstance(one, Party | RebookingLimit)]
    assert not faults, faults
    return Booking.objects.filter(slot=slot, status=Status.BOOKED).count()


def test_concurrent_requests_keep_within_the_account_limit(run_together: Race) -> None:
    for _round in range(3):
        assert requests_at_once(run_together) == MOST


def test_control_without_locks_each_request_passes_the_account_limit(
    unguarded_database: str, run_together: Race
) -> None:
    assert any(requests_at_once(run_together) > MOST for _round in range(ROUNDS))
