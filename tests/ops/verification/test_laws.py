"""Each law reports its violation, planted in a database without guards."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from core import clock
from counters.pickup import services as pickup_services
from offices.staff.models import Role
from ops.verification.services import LAWS, verify
from tests.booking.payments.world import book_prepaid, code_of, pay
from tests.builders import make_booking, make_officer, produce
from tests.quotas.waiting_room.waiting_room_world import make_room_office
from tests.reports.load.stories import make_day


def broken(now: Any = None) -> Any:
    return {finding.law for finding in verify(now=now or clock.now()) if finding.breaches}


def run(statement: Any, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.fixture
def lived(unguarded_database: str, set_clock: Any) -> Any:
    """A complete day: booked, served, printed, collected, cancelled."""
    return live(set_clock)


def live(set_clock: Any) -> Any:
    """Return the day; the clock shows a time two days later."""
    from booking.bookings.changes import cancel_booking
    from notices.models import Message

    day: Any = make_day()
    day.open_counter()
    book = day.serve(day.arrive(day.book(), day.at(8)), called=day.at(8, 5), left=day.at(8, 30))
    pickup = make_officer(day.office, Role.PICKUP)
    book = produce(book, by=pickup, now=day.at(10))
    pickup_services.hand_over(
        book_id=book.pk,
        book_number=book.book_number,
        collector_name="",
        right="self",
        evidence="KTP asli",
        where="desk",
        by=pickup,
        now=day.at(11),
    )
    second = day.serve(day.walk_in(day.at(9)), called=day.at(9, 10), left=day.at(9, 30))
    dropped = day.book()
    cancel_booking(booking_id=dropped.pk, by=dropped.account, now=dropped.placed_at)
    paid = book_prepaid()
    pay(code_of(paid).code)
    pay("820000000000000")
    Message.objects.update(sent_at=day.at(12))
    day.books = (book, second)
    set_clock(day.at(16) + timedelta(days=2))
    return day


@pytest.mark.django_db
def test_a_normal_day_violates_no_invariant(set_clock: Any) -> None:
    live(set_clock)
    findings = verify(now=clock.now())
    assert [finding.law for finding in findings] == [*range(1, 10), 12, 13]
    assert [finding for finding in findings if finding.breaches] == []
    assert all(finding.checked for finding in findings)


BREACHES = {
    "two bookings on one place": (
        1,
        "UPDATE booking_booking SET place_id = (SELECT min(place_id) FROM booking_booking) WHERE place_id IS NOT NULL",
    ),
    "a live booking without its place": (
        1,
        "UPDATE quotas_place SET holder = NULL WHERE holder IS NOT NULL",
    ),
    "a cancelled booking with a place": (
        1,
        "UPDATE booking_booking SET status = 'cancelled' WHERE status = 'served'",
    ),
    "a place with an unknown holder": (
        1,
        "UPDATE quotas_place SET holder = gen_random_uuid() WHERE id IN (SELECT id FROM quotas_place WHERE holder IS NULL LIMIT 1)",
    ),
    "one person, two live bookings": (
        2,
        "UPDATE booking_booking SET status = 'booked', person_key = 'same'",
    ),
    "a booking under another person's key": (
        2,
        "UPDATE booking_booking SET status = 'booked', person_key = md5(id::text)",
    ),
    "taken before the window opened": (
        3,
        "UPDATE quotas_place SET opens_at = opens_at + interval '60 days', closes_at = closes_at + interval '60 days'",
    ),
    "taken after the window closed": (
        3,
        "UPDATE quotas_place SET opens_at = '2020-01-01Z', closes_at = '2020-01-02Z'",
    ),
    "a desk place taken online": (3, "UPDATE booking_booking SET via = 'first_come'"),
    "taken by nobody": (3, "UPDATE booking_bookingevent SET by_id = NULL"),
    "a window released twice": (
        4,
        """INSERT INTO quotas_releasewindow (rule_id, office_id, lane_id, mode, first_day, last_day, tranche, opens_at, closes_at, sources, prepared_at)
           SELECT rule_id, office_id, lane_id, mode, first_day, last_day, tranche, opens_at, closes_at, sources, prepared_at FROM quotas_releasewindow LIMIT 1""",
    ),
    "a window announced before it opened": (
        4,
        "UPDATE quotas_releasewindow SET announced_at = opens_at - interval '1 minute'",
    ),
    "a place made twice": (
        4,
        """INSERT INTO quotas_place (window_id, slot_id, made_in_slot_id, number, opens_at, closes_at)
           SELECT window_id, slot_id, made_in_slot_id, number, opens_at, closes_at FROM quotas_place LIMIT 1""",
    ),
    "a status without its line of history": (
        5,
        "UPDATE counters_visit SET status = 'incomplete' WHERE status = 'finished'",
    ),
    "a move that is not allowed": (
        5,
        "UPDATE booking_bookingevent SET new = 'no_show' WHERE new = 'served'",
    ),
    "a history with a line taken out": (5, "DELETE FROM counters_bookevent WHERE new = 'checked'"),
    "a history without its beginning": (5, "DELETE FROM booking_bookingevent WHERE old = ''"),
    "a place that the history does not know": (
        5,
        "UPDATE booking_bookingevent SET place_to_id = NULL",
    ),
    "a place taken from someone who was not told": (
        6,
        "WITH gone AS (DELETE FROM notices_message WHERE kind = 'booking_cancelled') UPDATE booking_bookingevent SET by_id = NULL WHERE new = 'cancelled'",
    ),
    "one officer with two visits": (
        7,
        "UPDATE counters_visit SET status = 'serving', session_id = (SELECT min(id) FROM counters_countersession)",
    ),
    "two stages at one counter at once": (
        7,
        "UPDATE counters_stagerun SET ended_at = ended_at + interval '3 hours'",
    ),
    "one ticket number twice": (7, "UPDATE counters_ticket SET number = 1, letter = 'A'"),
    "a visit without a ticket": (7, "DELETE FROM counters_ticket"),
    "an officer at two counters": (
        7,
        """INSERT INTO counters_countersession (officer_id, counter_id, office_id, opened_at)
           SELECT officer_id, counter_id, office_id, opened_at FROM counters_countersession""",
    ),
    "handed over without a record": (8, "DELETE FROM counters_pickup"),
    "a record without a hand-over": (
        8,
        "UPDATE counters_passportbook SET status = 'ready' WHERE status = 'handed_over'",
    ),
    "handed over twice": (
        8,
        """INSERT INTO counters_pickup (book_id, collector_name, "right", evidence, "where", by_id, at)
           SELECT book_id, collector_name, "right", evidence, "where", by_id, at FROM counters_pickup""",
    ),
    "another booklet handed over": (8, "UPDATE counters_pickup SET book_number = 'X0000000'"),
    "handed over without a right": (8, """UPDATE counters_pickup SET "right" = 'friend'"""),
    "a message that stays unsent": (
        9,
        "UPDATE notices_message SET sent_at = NULL, due_at = '2020-01-01Z'",
    ),
    "a message written twice": (9, "UPDATE notices_message SET dedupe_key = 'same'"),
    "a message sent before its time": (
        9,
        "UPDATE notices_message SET sent_at = due_at - interval '1 minute'",
    ),
    "a balance that the ledger does not have": (12, "UPDATE booking_bill SET balance = 1"),
    "a payment that is not in the ledger": (
        12,
        "DELETE FROM booking_ledgerentry WHERE kind = 'payment'",
    ),
    "money without a decision": (12, "DELETE FROM booking_paymentcase"),
    "a valid code over another amount": (12, "UPDATE booking_billingcode SET withdrawn_at = NULL"),
    "a paid booking that lapsed": (
        12,
        "UPDATE booking_booking SET status = 'expired' WHERE id IN (SELECT booking_id FROM booking_bill)",
    ),
    "a message kept longer than its rule": (
        13,
        "UPDATE notices_message SET created_at = created_at - interval '400 days'",
    ),
}


@pytest.mark.django_db(transaction=True)
def test_each_planted_violation_is_reported(lived: Any) -> None:
    """One day for all: every violation is planted and rolled back."""
    from django.db import transaction

    assert broken() == set()
    missed = {}
    for story, (law, statement) in BREACHES.items():
        with transaction.atomic():
            run(statement)
            broken_laws = broken()
            transaction.set_rollback(True)
        if law not in broken_laws:
            missed[story] = broken_laws
    assert missed == {}
    assert {law for law, _statement in BREACHES.values()} == {law.number for law in LAWS}


@pytest.mark.django_db
def test_a_refused_message_does_not_count_as_unsent() -> None:
    from notices.models import Message

    make_booking()
    Message.objects.update(due_at="2020-01-01T00:00Z", given_up_at="2020-01-02T00:00Z")
    assert 9 not in broken()


@pytest.mark.parametrize(
    "plant",
    [
        f"INSERT INTO quotas_roommark (room_id, since, watermark, rate) SELECT room_id, since + interval '1 s', {reached}, 1"
        " FROM quotas_roommark"
        for reached in (500, -1)
    ]
    + ["UPDATE quotas_waitingroom SET prepared_at = prepared_at + interval '30 days'"],
)
@pytest.mark.usefixtures("unguarded_database")
def test_a_jump_in_waiting_room_admission_is_reported(plant: Any) -> None:
    make_room_office()
    assert 4 not in broken()
    run(plant)
    assert 4 in broken()


@pytest.mark.django_db
def test_the_command_prints_one_json_list() -> None:
    out = StringIO()
    call_command("verify", "--json", stdout=out)
    findings = json.loads(out.getvalue())
    assert [set(finding) for finding in findings] == [
        {"law", "name", "checked", "breaches", "examples"}
    ] * 11


@pytest.mark.django_db
def test_the_command_fails_on_a_violation_and_prints_ids_only() -> None:
    from notices.models import Message

    make_booking()
    Message.objects.update(due_at="2020-01-01T00:00Z")
    out = StringIO()
    with pytest.raises(CommandError, match="law 9"):
        call_command("verify", stdout=out)
    message = Message.objects.get()
    assert f"message {message.pk}" in out.getvalue()
    assert message.address not in out.getvalue()
