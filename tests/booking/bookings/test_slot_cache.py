"""Slot data that are cached while many people book."""

from datetime import timedelta
from typing import Any

import pytest

from booking.bookings.selectors import bookable_slot
from quotas.calendar.selectors import slot_view
from quotas.places.models import Slot
from tests.builders import NOW, make_open_slot

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _shared(settings: Any) -> None:
    settings.SHARED_READ_SECONDS = 60.0


def test_a_slot_is_cached_for_all_users(django_assert_num_queries: Any) -> None:
    slot = make_open_slot(places=1)
    bookable_slot(slot.pk)
    with django_assert_num_queries(0):
        bookable = bookable_slot(slot.pk)
    assert bookable is not None
    assert bookable.slot == slot
    assert bookable.services


def test_a_new_slot_is_available_at_once() -> None:
    slot = make_open_slot(places=1)
    bookable_slot(slot.pk), slot_view(slot.pk, now=NOW)
    newer = Slot.objects.create(
        office=slot.office,
        lane=slot.lane,
        group=slot.group,
        day=slot.day,
        starts_at=slot.starts_at + timedelta(hours=9),
        ends_at=slot.ends_at + timedelta(hours=9),
    )
    tally = bookable_slot(newer.pk)
    assert tally is not None
    assert tally.slot == newer


@pytest.mark.parametrize("number", [0, 10**17, 10**30])
def test_an_unknown_slot_number_gives_none(number: Any) -> None:
    assert bookable_slot(number) is None
    assert slot_view(number, now=NOW) is None
