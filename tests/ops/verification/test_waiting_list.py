"""Violations at the waiting list are reported: planted in a database without guards."""

import pytest
from django.db import connection, transaction

from booking.waiting_list.models import WaitingListEntry
from notices.models import Message
from ops.verification.services import verify
from tests.booking.waiting_list.waiting_world import (
    HOUR,
    MINUTE,
    accept,
    decline,
    give_back,
    offer_to,
    serve,
    wait,
)
from tests.builders import NOW, make_booking, make_open_slot, make_return_rule

pytestmark = pytest.mark.django_db


def live() -> None:
    """One offer accepted, one entry used up, one offer expired, one still open."""
    for number in range(4):
        slot = make_open_slot(places=1)
        make_return_rule(slot.office, offers_at_most=1 if number == 1 else 3)
        booking = make_booking(slot)
        entry = wait(slot)
        give_back(booking)
        serve()
        if number == 0:
            accept(offer_to(entry), now=NOW + HOUR)
        elif number == 1:
            decline(offer_to(entry), now=NOW + HOUR)
        elif number == 2:
            serve(NOW + 4 * HOUR)
    Message.objects.update(sent_at=NOW + 5 * HOUR)


def broken() -> set[int]:
    return {row.law for row in verify(now=NOW + 4 * HOUR + MINUTE) if row.breaches}


def test_a_used_waiting_list_violates_no_invariant() -> None:
    live()
    assert sorted(WaitingListEntry.objects.values_list("status", flat=True)) == [
        "placed",
        "used_up",
        "waiting",
        "waiting",
    ]
    assert broken() == set()


BREACHES = [
    (
        1,
        "UPDATE quotas_place SET holder = NULL WHERE id IN (SELECT place_id FROM booking_offerplace WHERE holder IS NOT NULL)",
    ),
    (1, "UPDATE booking_offer SET status = 'withdrawn', answered_at = now() WHERE status = 'open'"),
    (1, "UPDATE booking_waitinglistentry SET size = 2"),
    (
        2,
        "UPDATE booking_waitingmember SET left_at = NULL, person_key = 'same', office_id = (SELECT min(id) FROM offices_office)",
    ),
    (3, "UPDATE booking_booking SET via = 'waiting_list' WHERE status = 'cancelled'"),
    (
        3,
        "UPDATE booking_offer SET answered_at = answered_at + interval '1 second' WHERE status = 'accepted'",
    ),
    (3, "UPDATE quotas_place SET opens_at = '2026-12-01Z', closes_at = '2026-12-02Z'"),
    (5, "UPDATE booking_offer SET status = 'declined' WHERE status = 'expired'"),
    (5, "UPDATE booking_waitingevent SET new = 'stopped' WHERE new = 'placed'"),
    (5, "DELETE FROM booking_offerevent WHERE old = ''"),
    (6, "DELETE FROM notices_message WHERE kind = 'waiting_offer'"),
    (6, "DELETE FROM notices_message WHERE kind = 'waiting_expired'"),
    (6, "DELETE FROM notices_message WHERE kind = 'waiting_ended'"),
]


def is_reported(law: int, statement: str) -> bool:
    """Plant one violation, verify, and roll back; the data are created only once."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(statement)
        reported = law in broken()
        transaction.set_rollback(True)
    return reported


@pytest.mark.usefixtures("unguarded_database")
def test_each_violation_is_reported() -> None:
    live()
    assert broken() == set()
    assert [breach for breach in BREACHES if not is_reported(*breach)] == []


def test_a_waiting_list_booking_after_its_window_is_valid() -> None:
    live()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE quotas_place SET closes_at = opens_at + interval '1 second'")
    findings = {row.law: row for row in verify(now=NOW + 5 * HOUR)}
    taken = WaitingListEntry.objects.get(status="placed").offers.get()
    [mine] = taken.party.bookings.all()
    assert f"booking {mine.pk}" not in findings[3].examples
