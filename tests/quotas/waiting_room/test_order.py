"""The waiting room as pure computation: order, chances, admission and its rate."""

import random
import secrets
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quotas.waiting_room import order as pure
from quotas.waiting_room.order import Load, Mark, Room, Ticket

OPENS = datetime(2026, 11, 27, 7, 0, tzinfo=UTC)
BEFORE = OPENS - timedelta(minutes=10)
SEED = "a" * 64


def make_room(
    *, early: int = 0, late: tuple[int, ...] = (), rate: float = 10.0, **fields: Any
) -> Room:
    marks = fields.pop("marks", (Mark(BEFORE, 0.0, rate),))
    return Room(
        id=1,
        window_id=1,
        opens_at=OPENS,
        closes_at=OPENS + timedelta(days=2),
        seed=SEED,
        early=early,
        late=late,
        late_before=pure.running_sum(late),
        marks=marks,
        **fields,
    )


def early(number: int) -> Ticket:
    return Ticket(1, f"orang{number}", BEFORE)


def after(seconds: float) -> datetime:
    return OPENS + timedelta(seconds=seconds)


def test_early_tickets_have_equal_average_positions() -> None:
    room = make_room(early=10_000)
    tenths = Counter(int(pure.position(room, early(number)) / 1_000) for number in range(10_000))
    assert set(tenths) == set(range(10))
    assert all(900 < count < 1_100 for count in tenths.values())


def counted_room(tickets: list[Ticket], **fields: Any) -> Room:
    """A waiting room whose early tickets were counted as they came."""
    counts = Counter(pure.second_of(make_room(), ticket) for ticket in tickets)
    lots = pure.lots_of(fields.pop("seed", SEED), counts)
    return make_room(early=len(tickets), lots=lots, lots_before=pure.running_sum(lots), **fields)


@pytest.mark.parametrize("people", [1, 20, 2_000])
def test_counting_by_hundredths_leaves_chance_within_one_only(people: Any) -> None:
    tickets = [early(number) for number in range(people)]
    room = counted_room(tickets)
    assert sum(room.lots) == people
    for before, count in zip(room.lots_before, room.lots, strict=False):
        assert sum(pure.position(room, ticket) < before + count for ticket in tickets) == (
            before + count
        )


def test_the_order_is_that_of_the_lots() -> None:
    tickets = [early(number) for number in range(500)]
    evenly = make_room(early=500)
    by_lot = sorted(tickets, key=lambda ticket: pure.position(evenly, ticket))
    room = counted_room(tickets)
    places = [pure.position(room, ticket) for ticket in by_lot]
    assert places == sorted(places)
    assert 0 <= places[0] < places[-1] < 500


def test_early_counts_reveal_nothing_without_the_seed() -> None:
    """The same hundredth has another number in each waiting room, always negative."""
    under = set()
    for seed in ("a" * 64, "b" * 64, "c" * 64):
        room = replace(make_room(), seed=seed)
        nearest = min((early(n) for n in range(500)), key=lambda t: pure.lot(seed, t.code))
        under.add(pure.second_of(room, nearest))
        numbers = {pure.second_of(room, early(number)) for number in range(3_000)}
        assert numbers == set(range(pure.FIRST_BUCKET - pure.PARTS + 1, pure.FIRST_BUCKET + 1))
    assert len(under) == 3


def test_arriving_first_among_early_tickets_gives_no_advantage() -> None:
    room = make_room(early=10_000)
    first, last = early(1), replace(early(1), joined_at=OPENS - timedelta(seconds=1))
    assert pure.position(room, first) == pure.position(room, last)


def test_late_tickets_follow_early_ones_by_arrival() -> None:
    room = make_room(early=50, late=(3, 0, 4))
    places = [
        pure.position(room, Ticket(1, "x", after(at)))
        for at in (0.0, 0.1, 0.9, 1.5, 2.2, 2.9, 3.0, 60)
    ]
    assert places[0] == 50
    assert places == sorted(places)
    assert places[-1] == room.total == 57


@settings(deadline=None)
@given(
    late=st.lists(st.integers(0, 50), max_size=40),
    moments=st.lists(st.floats(0, 45), min_size=2, max_size=10),
    more=st.integers(0, 30),
)
def test_late_positions_follow_arrival_under_any_counts(late: Any, moments: Any, more: Any) -> None:
    moments = sorted(moments)
    for room in (make_room(early=7, late=tuple(late)), make_room(early=7, late=(*late, more))):
        places = [pure.position(room, Ticket(1, "x", after(at))) for at in moments]
        assert places == sorted(places)


@settings(deadline=None)
@given(
    early_ones=st.integers(0, 2_000),
    late=st.lists(st.integers(0, 60), max_size=60),
    rate=st.floats(0.5, 80),
    moments=st.lists(st.floats(-5, 120), min_size=2, max_size=12),
)
def test_admission_never_goes_back_or_exceeds_its_rate(
    early_ones: Any, late: Any, rate: Any, moments: Any
) -> None:
    room = make_room(early=early_ones, late=tuple(late), rate=rate)
    moments = sorted(moments)
    reached = [pure.watermark(room, after(at)) for at in moments]
    assert reached == sorted(reached)
    for at, place in zip(moments, reached, strict=True):
        assert place <= rate * max(0.0, at) + 1e-3
        assert place <= room.total + rate * pure.SLACK_SECONDS + 1e-3


def followed(room: Room, ends: float) -> float:
    """The admission of each second until the end, as published."""
    [mark], reached, at = room.marks, 0.0, 0.0
    while at < ends:
        until = min(float(int(at) + 1), ends)
        there = room.early + pure._came_before(room, after(until))
        slack = mark.rate * pure.SLACK_SECONDS
        reached = max(reached, min(reached + mark.rate * (until - at), there + slack))
        at = until
    return reached


@settings(deadline=None)
@given(
    late=st.lists(st.integers(0, 60), max_size=30),
    rate=st.floats(0.5, 80),
    ends=st.floats(0.001, 90),
)
def test_admission_continues_at_its_rate_after_the_last_arrival(
    late: Any, rate: Any, ends: Any
) -> None:
    room = make_room(early=0, late=tuple(late), rate=rate)
    assert pure.watermark(room, after(ends)) == pytest.approx(followed(room, ends), abs=0.01)


def test_a_crowd_after_idle_time_is_admitted_at_the_rate() -> None:
    """Nobody comes for a minute; then 600 come within a second and are admitted at the rate."""
    room = make_room(late=(*[0] * 60, 600), rate=10)
    assert pure.watermark(room, after(60)) <= 30
    assert pure.watermark(room, after(71)) == pytest.approx(30 + 110, abs=15)


def test_nobody_waits_when_admission_has_caught_up() -> None:
    room = make_room(early=5, late=(0, 0, 0, 1), rate=10)
    assert pure.turn_began(room, Ticket(1, "x", after(3.5)), after(3.6)) is not None


def test_a_new_rate_applies_from_its_moment() -> None:
    marks = (Mark(BEFORE, 0.0, 10.0), Mark(after(10), 100.0, 2.0))
    room = make_room(early=1_000, marks=marks)
    assert pure.watermark(room, after(9)) == pytest.approx(90)
    assert pure.watermark(room, after(10)) == pytest.approx(100)
    assert pure.watermark(room, after(20)) == pytest.approx(120)


def test_a_turn_lasts_fifteen_minutes_after_admission() -> None:
    marks = (Mark(BEFORE, 0.0, 10.0), Mark(after(10), 100.0, 2.0))
    room = make_room(early=1_000, marks=marks)
    ticket = next(early(n) for n in range(1_000) if 104 < pure.position(room, early(n)) < 106)
    passed = 10 + (pure.position(room, ticket) - 100) / 2
    assert pure.turn_ends(room, ticket, after(passed - 0.1)) is None
    assert pure.turn_ends(room, ticket, after(passed + 50)) == pytest.approx(
        after(passed) + pure.TURN, abs=timedelta(milliseconds=1)
    )


def test_the_estimate_is_the_admission_time() -> None:
    room = make_room(early=1_000, rate=10)
    ticket = early(3)
    wait = pure.seconds_to_wait(room, ticket, after(0))
    assert wait is not None
    assert pure.turn_began(room, ticket, after(wait + 0.5)) is not None
    still = make_room(early=1_000, marks=(Mark(BEFORE, 0.0, 0.0),))
    assert pure.seconds_to_wait(still, ticket, after(5)) is None


# --- Chances -------------------------------------------------------------------------------------
SEEDS, PEOPLE = 3_000, 20


def wins(bias: str = "") -> list[int]:
    """Return how often each of twenty is among the first five, over many seeds."""
    won = [0] * PEOPLE
    dice = random.Random(7)
    for _turn in range(SEEDS):
        seed = f"{dice.getrandbits(256):064x}"
        lots = [(pure.lot(seed, f"orang{number}"), number) for number in range(PEOPLE)]
        if bias:
            lots[3] = (min(lots[3][0], pure.lot(seed, bias)), 3)
        for _lot, number in sorted(lots)[:5]:
            won[number] += 1
    return won


def is_fair(won: list[int]) -> bool:
    """True if everyone is within five standard deviations of a quarter of the runs."""
    expected = SEEDS * 5 / PEOPLE
    bound = 5 * (SEEDS * 0.25 * 0.75) ** 0.5
    return all(abs(count - expected) < bound for count in won)


def test_all_tickets_have_equal_chances_over_many_seeds() -> None:
    assert is_fair(wins())


def test_control_a_second_lot_is_detected() -> None:
    assert not is_fair(wins(bias="orang3 sekali lagi"))


def test_lots_are_unknown_before_the_seed() -> None:
    assert pure.lot(secrets.token_hex(32), "x") != pure.lot(secrets.token_hex(32), "x")


# --- The rate ------------------------------------------------------------------------------------
def rate_after(rate: float, answers: float, busy: float) -> float:
    return pure.next_rate(rate, Load(answers, busy), least=2, most=500)


def test_a_busy_server_reduces_the_rate_to_three_quarters() -> None:
    assert rate_after(40, answers=40, busy=1.0) == pytest.approx(30)
    assert rate_after(40, answers=20, busy=1.0) == pytest.approx(15)


def test_an_idle_server_raises_the_rate_by_a_quarter() -> None:
    assert rate_after(20, answers=20, busy=0.2) == pytest.approx(25)
    assert rate_after(20, answers=20, busy=0.7) == pytest.approx(21.43, abs=0.01)


def test_the_rate_waits_for_admitted_people_to_arrive() -> None:
    assert rate_after(20, answers=5, busy=0.2) == 20


def test_the_rate_stays_without_measurements() -> None:
    assert rate_after(20, answers=0, busy=0.9) == 20
    assert rate_after(20, answers=10, busy=0.0) == 20


@settings(deadline=None)
@given(
    rate=st.floats(2, 500),
    answers=st.floats(0, 1_000),
    busy=st.floats(0, 1),
)
def test_the_rate_never_exceeds_three_quarters_of_the_measured(
    rate: Any, answers: Any, busy: Any
) -> None:
    new = rate_after(rate, answers, busy)
    assert 2 <= new <= 500
    capacity = pure.sustained(Load(answers, busy))
    if capacity is not None and new > max(rate, 2):
        assert new <= pure.MOST_OF_CAPACITY * capacity + 1e-9


def test_under_steady_load_the_rate_settles_at_three_quarters() -> None:
    """Each response takes 1 % of the CPU, and other work takes 10 %."""
    rate = 20.0
    for _tick in range(60):
        rate = rate_after(rate, answers=rate, busy=min(1.0, 0.10 + 0.01 * rate))
    assert 0.10 + 0.01 * rate == pytest.approx(0.75, abs=0.03)
