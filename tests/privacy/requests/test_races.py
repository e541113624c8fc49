"""A deletion and a booking of the same person at once: one of them wins, never both."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from booking.bookings.models import Booking
from booking.people.models import Applicant
from privacy.requests.services import delete_own_person
from tests.builders import NOW, make_booking, make_open_slot, make_person

Race = Callable[..., list[Any]]


def race(run_together: Race) -> bool:
    """Return whether an erased person ended with a live booking."""
    person, slot = make_person(), make_open_slot(places=2)
    run_together(
        [
            partial(make_booking, slot, person=person),
            partial(
                delete_own_person,
                account=person.account,
                applicant_id=person.pk,
                now=NOW + timedelta(minutes=1),
            ),
        ]
    )
    is_erased = Applicant.objects.get(pk=person.pk).erased_at is not None
    return is_erased and Booking.objects.filter(applicant=person, status="booked").exists()


def test_an_erased_person_never_has_a_live_booking(run_together: Race) -> None:
    assert not any(race(run_together) for _each in range(8))


@pytest.mark.usefixtures("unguarded_database")
def test_control_without_locks_both_happen(run_together: Race) -> None:
    assert any(race(run_together) for _each in range(30))
