"""Concurrent requests of one account, telephone or device never exceed the limit together."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from booking.bookings.models import Booking, Party
from booking.people.models import Applicant
from booking.restrictions.errors import LimitReached
from quotas.places.models import Slot
from tests.booking.bookings.test_limits import Subject, make_limit
from tests.builders import NOW, book_online, make_open_slot, make_person, make_user
from tests.retries import press_again

pytestmark = pytest.mark.django_db(transaction=True)
Race = Callable[[Iterable[Callable[[], Any]]], list[Any]]
MOST, RIVALS, ROUNDS = 2, 6, 20
DEVICE = "d" * 64


def book(slot: Slot, person: Applicant) -> Party:
    request: dict[str, Any] = {
        "account_id": person.account_id,
        "slot_id": slot.pk,
        "applicant_ids": [person.pk],
        "service_type": "new",
        "key": uuid4().hex,
        "device_key": DEVICE,
        "now": NOW,
    }
    party: Party = press_again(book_online, **request)
    return party


def crowd(run_together: Race, subject: str) -> int:
    """Book concurrently with one shared account, telephone or device; return how many succeeded."""
    slot = make_open_slot(places=20)
    make_limit(slot.office, subject, MOST)
    account = make_user()
    is_one_account = subject == Subject.ACCOUNT
    people = [make_person(account if is_one_account else None) for _ in range(RIVALS)]
    outcomes = run_together(partial(book, slot, person) for person in people)
    faults = [one for one in outcomes if not isinstance(one, Party | LimitReached)]
    assert not faults, faults
    return Booking.objects.filter(slot=slot).count()


@pytest.mark.parametrize("subject", [Subject.ACCOUNT, Subject.PHONE, Subject.DEVICE])
def test_concurrent_bookings_never_exceed_the_limit(run_together: Race, subject: str) -> None:
    assert crowd(run_together, subject) == MOST


@pytest.mark.parametrize("subject", [Subject.ACCOUNT, Subject.DEVICE])
def test_control_without_locks_each_request_passes_the_limit(
    unguarded_database: str, run_together: Race, subject: str
) -> None:
    assert any(crowd(run_together, subject) > MOST for _round in range(ROUNDS))
