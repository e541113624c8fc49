"""The rule of who is next, without a database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from counters.queue.order import Candidate, Terms, Why, call_order

EIGHT = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)  # 08.00 WIB
NINE = EIGHT + timedelta(hours=1)
TERMS = Terms(priority_after=2, calls_before_again=3)
_ids = count(1)


def at(minute: int) -> datetime:
    """So many minutes after eight."""
    return EIGHT + timedelta(minutes=minute)


def booked(hour: datetime = EIGHT, *, arrived: int = -5, **fields: Any) -> Candidate:
    number = next(_ids)
    return Candidate(
        id=number, lane="online", hour=hour, arrived_at=at(arrived), ticket=number, **fields
    )


def walk_in(hour: datetime = EIGHT, *, arrived: int = -5, **fields: Any) -> Candidate:
    return replace(booked(hour, arrived=arrived, **fields), lane="walk_in", is_booked=False)


def priority(hour: datetime = EIGHT, *, arrived: int = 0) -> Candidate:
    return replace(walk_in(hour, arrived=arrived), lane="priority")


def late(hour: datetime, *, arrived: int) -> Candidate:
    return booked(hour, arrived=arrived, behind_since=at(arrived))


def order(
    *rows: Candidate, minute: int = 0, recent: tuple[str, ...] = (), terms: Terms = TERMS
) -> list[int]:
    positions = call_order(rows, recent_lanes=recent, terms=terms, now=at(minute))
    assert sorted(one.id for one in positions) == sorted(row.id for row in rows)
    return [position.id for position in positions]


def test_the_booked_hour_comes_before_the_time_of_arrival() -> None:
    nine, eight = booked(NINE, arrived=-30), booked(EIGHT, arrived=20)
    assert order(nine, eight, minute=60) == [eight.id, nine.id]


def test_a_walk_in_is_never_before_those_booked_for_its_hour() -> None:
    at_the_door = walk_in(arrived=-30)
    first, second = booked(arrived=-5), booked(arrived=40)
    assert order(at_the_door, first, second, minute=45) == [first.id, second.id, at_the_door.id]


def test_a_walk_in_is_before_those_of_the_next_hour() -> None:
    person, nine = walk_in(arrived=50), booked(NINE, arrived=40)
    assert order(nine, person, minute=60) == [person.id, nine.id]


def test_a_return_is_behind_those_booked_for_its_hour() -> None:
    back = replace(walk_in(arrived=5), is_return=True, lane="online")
    one = booked(arrived=30)
    positions = call_order([back, one], recent_lanes=(), terms=TERMS, now=at(31))
    assert [(row.id, row.why) for row in positions] == [(one.id, Why.BOOKED), (back.id, Why.RETURN)]


def test_the_late_are_behind_everybody_who_is_present() -> None:
    nine, ten = booked(NINE, arrived=55), booked(at(120), arrived=95)
    behind = late(EIGHT, arrived=100)
    after = booked(at(120), arrived=110)
    assert order(behind, nine, ten, after, minute=120) == [nine.id, ten.id, behind.id, after.id]


def test_two_late_people_keep_their_order_of_arrival() -> None:
    second, first = late(EIGHT, arrived=100), late(EIGHT, arrived=99)
    assert order(second, first, minute=101) == [first.id, second.id]


def test_a_late_person_does_not_wait_for_the_absent() -> None:
    behind, ten = late(EIGHT, arrived=100), booked(at(120), arrived=105)
    assert order(ten, behind, minute=120) == [behind.id, ten.id]


def test_one_priority_visit_after_two_others() -> None:
    others = [booked() for _person in range(5)]
    frail = [priority(arrived=minute) for minute in (1, 2)]
    expected = [others[0], others[1], frail[0], others[2], others[3], frail[1], others[4]]
    assert order(*others, *frail, minute=5) == [row.id for row in expected]


def test_the_interleave_counts_the_latest_calls_of_the_hall() -> None:
    other, frail = booked(), priority()
    assert order(other, frail, recent=("online", "priority")) == [other.id, frail.id]
    assert order(other, frail, recent=("online", "walk_in", "priority")) == [frail.id, other.id]
    assert order(other, frail, recent=("priority", "online", "online")) == [other.id, frail.id]


def test_zero_puts_priority_first() -> None:
    other, frail = booked(), [priority(), priority()]
    terms = replace(TERMS, priority_after=0)
    assert order(other, *frail, terms=terms) == [frail[0].id, frail[1].id, other.id]


def test_those_whose_hour_has_not_come_are_after_the_others() -> None:
    early, person = booked(NINE, arrived=-10), walk_in(arrived=10)
    assert order(early, person, minute=20) == [person.id, early.id]


def test_a_skipped_person_is_behind_everybody_even_the_early() -> None:
    skipped = booked(other_calls=0)
    early, present = booked(NINE), booked()
    assert order(skipped, early, present) == [present.id, early.id, skipped.id]


def test_a_skipped_person_is_next_after_three_other_calls() -> None:
    skipped, present = booked(other_calls=2), booked()
    assert order(skipped, present) == [present.id, skipped.id]
    assert order(replace(skipped, other_calls=3), present) == [skipped.id, present.id]


def test_a_visit_handed_on_keeps_its_place_and_says_so() -> None:
    waiting, handed = booked(NINE, arrived=30), booked(EIGHT, is_handed_on=True)
    [first, _second] = call_order([waiting, handed], recent_lanes=(), terms=TERMS, now=at(60))
    assert (first.id, first.why) == (handed.id, Why.HANDED_ON)


def test_the_order_is_the_same_whatever_the_order_of_the_rows() -> None:
    rows = [
        booked(),
        walk_in(),
        priority(),
        late(EIGHT, arrived=99),
        booked(NINE, arrived=50),
        booked(other_calls=1),
        booked(at(240), arrived=90),
    ]
    assert order(*rows, minute=100) == order(*reversed(rows), minute=100)
