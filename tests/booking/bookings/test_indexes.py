"""Indexes written by every booking: none is redundant, and ids are ordered by time."""

import pytest
from django.db import connection

from booking.bookings.models import Booking
from tests.booking.waiting_list.waiting_world import accept, book_family, make_offer
from tests.builders import make_booking, make_open_slot

pytestmark = pytest.mark.django_db
BUSY = (
    "booking_booking",
    "booking_bookingevent",
    "booking_party",
    "notices_message",
    "quotas_place",
)
# The complete indexes of a table: whether each enforces a constraint, and its columns in order.
INDEXES = """
SELECT i.indexrelid::regclass::text, i.indisunique, i.indkey::int2[]
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
 WHERE i.indrelid = %s::regclass AND i.indpred IS NULL AND a.amname = 'btree'
"""


@pytest.mark.parametrize("table", BUSY)
def test_no_index_is_a_prefix_of_another(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(INDEXES, [table])
        rows = cursor.fetchall()
    assert rows
    superfluous = [
        name
        for name, keeps_a_rule, columns in rows
        if not keeps_a_rule
        for other, _unique, longer in rows
        if other != name and longer[: len(columns)] == columns
    ]
    assert not superfluous


def test_every_slot_index_is_ordered_by_time() -> None:
    slot = make_open_slot(places=5)
    alone, family, offer = make_booking(slot), book_family(slot, 2), make_offer()
    accept(offer)
    given = Booking.objects.get(via=Booking.Via.WAITING_LIST)
    assert [row.pk.version for row in (alone, *family, offer, given)] == [7] * 5
