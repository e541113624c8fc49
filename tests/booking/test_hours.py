"""What a crowd shares of an hour: read with its neighbours, and never blind for one that was made since."""

from datetime import timedelta

import pytest
from django.db import connection

from booking.selectors import hour_of
from quotas.models import Slot
from quotas.selectors.calendar import slot_view
from tests.builders import NOW, make_open_office, make_open_slot

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _shared(settings):
    settings.SHARED_READ_SECONDS = 60.0


def test_hours_of_one_office_are_read_together(django_assert_num_queries):
    with connection.cursor() as cursor:  # numbers whose neighbours nobody has asked for
        sequence = "pg_get_serial_sequence('quotas_slot', 'id')"
        cursor.execute(f"SELECT setval({sequence}, (nextval({sequence}) / 32 + 1) * 32)")
    office = make_open_office()
    slots = list(Slot.objects.filter(office=office, lane="online").order_by("pk")[:4])
    assert len(slots) == 4
    hour_of(slots[0].pk)
    with django_assert_num_queries(0):
        found = [hour_of(slot.pk) for slot in slots]
    assert [hour.slot for hour in found] == slots
    assert all(hour.slot.office == office and hour.services for hour in found)


def test_an_hour_that_was_made_since_is_found_at_once():
    slot = make_open_slot(places=1)
    hour_of(slot.pk), slot_view(slot.pk, now=NOW)
    newer = Slot.objects.create(
        office=slot.office, lane=slot.lane, group=slot.group, day=slot.day,
        starts_at=slot.starts_at + timedelta(hours=9), ends_at=slot.ends_at + timedelta(hours=9),
    )  # fmt: skip
    found = hour_of(newer.pk)
    assert found is not None
    assert found.slot == newer


@pytest.mark.parametrize("number", [0, 10**17, 10**30])
def test_a_number_of_no_hour_is_none(number):
    assert hour_of(number) is None
    assert slot_view(number, now=NOW) is None
