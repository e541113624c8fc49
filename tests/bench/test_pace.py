"""The check of a door's pace: a fair door always passes it, a door that is not never does."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from math import floor

import pytest

from passport_office.bench.pace import MOST_ERROR, Pace, pace_of, stretch_seconds
from quotas import room as pure
from quotas.room import Mark, Room, Ticket

OPENS = datetime(2026, 11, 27, 7, 0, tzinfo=UTC)
PEOPLE, RATE, WATCHED = 20_000, 100.0, 90
Door = Callable[[float], float]


@lru_cache(maxsize=4)
def places_of(number: int, people: int = PEOPLE) -> list[float]:
    """Everyone's places in a room with a seed of that number, counted as tickets are given."""
    seed = f"{number:064x}"
    room = Room(
        id=1, window_id=1, opens_at=OPENS, closes_at=OPENS + timedelta(days=1), seed=seed, early=people,
        late=(), late_before=(0,), marks=(Mark(OPENS, 0.0, RATE),),
    )  # fmt: skip
    tickets = [Ticket(1, f"orang{each}", OPENS - timedelta(minutes=1)) for each in range(people)]
    counts: dict[int, int] = {}
    for ticket in tickets:
        second = pure.second_of(room, ticket)
        counts[second] = counts.get(second, 0) + 1
    lots = pure.lots_of(seed, counts)
    room = replace(room, lots=lots, lots_before=pure.running_sum(lots))
    return sorted(pure.position(room, ticket) for ticket in tickets)


def seen(door: Door, places: list[float], rate: float = RATE, every: float = 0.1) -> Pace:
    """Watch a door for a minute and a half: each tenth of a second somebody is told how far it is."""
    moments = [number * every for number in range(-20, int(WATCHED / every))]
    told = [(at, min(floor(door(max(0.0, at))), len(places))) for at in moments]
    return pace_of(told, places=places, rate=rate, parts=pure.PARTS, until=WATCHED)


def fair(at: float) -> float:
    return RATE * at


def stopping(since: float, for_seconds: float = 5.0) -> Door:
    return lambda at: RATE * (at - max(0.0, min(at - since, for_seconds)))


@pytest.mark.parametrize("number", range(8))
def test_a_fair_door_passes_whatever_the_seed(number):
    pace = seen(fair, places_of(number))
    assert pace.largest_error < MOST_ERROR / 2
    assert (pace.seconds, pace.stretches) == (10, WATCHED - 10)
    assert pace.rate == pytest.approx(RATE, rel=0.02)


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("factor", [0.88, 1.12])
def test_a_door_that_is_too_fast_or_too_slow_by_twelve_in_a_hundred_never_passes(number, factor):
    assert seen(lambda at: factor * RATE * at, places_of(number)).largest_error > MOST_ERROR


@pytest.mark.parametrize("since", [0, 7, 31, 58, 80, 84])
def test_a_door_that_stops_for_five_seconds_never_passes_however_late_it_stops(since):
    pace = seen(stopping(since), places_of(1))
    assert pace.largest_error > 0.4
    assert since + 5 <= pace.worst_at <= since + 15


def test_a_door_that_lets_a_crowd_in_at_once_never_passes():
    assert seen(lambda at: fair(at) + 200 * (at > 40), places_of(1)).largest_error > 0.15


def test_where_the_server_said_nothing_for_a_while_a_fair_door_passes():
    told = [(at / 10, floor(fair(at / 10))) for at in range(900) if not 450 < at < 490]
    pace = pace_of(told, places=places_of(2), rate=RATE, parts=pure.PARTS, until=WATCHED)
    assert pace.largest_error < MOST_ERROR / 2


def test_by_lot_times_number_alone_chance_would_decide():
    """Places as they were once reckoned: without the hundredths a fair door is far off in some ten seconds."""
    errors = []
    for number in range(3):
        by_lot = sorted(PEOPLE * pure.lot(f"{number:064x}", f"orang{n}") for n in range(PEOPLE))
        errors.append(seen(fair, by_lot).largest_error)
    assert max(errors) > 2 * max(seen(fair, places_of(number)).largest_error for number in range(3))


def test_the_fewer_the_people_a_second_the_longer_the_stretch():
    def seconds(people: int, rate: float) -> int:
        return stretch_seconds(people=people, parts=pure.PARTS, rate=rate)

    assert seconds(20_000, 100) == seconds(200, 8) == 10
    assert seconds(20_000, 20) == 25


@pytest.mark.parametrize(
    ("people", "rate"),
    [(400, 100.0), (20_000, 1.0)],  # over after four seconds; four minutes and more to see anything
)
def test_what_cannot_be_judged_is_not_called_fair(people, rate):
    assert seen(lambda at: rate * at, places_of(3, people), rate).stretches == 0


def test_a_door_of_which_nobody_was_told_is_not_called_fair():
    assert pace_of([], places=places_of(1), rate=RATE, parts=100, until=90).stretches == 0
