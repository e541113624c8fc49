"""The courses of the day, without a database."""

from math import exp

from counters.estimates.forecast import (
    Entry,
    Length,
    Server,
    expected_chance,
    length_of_mean,
    quantile,
    wait_courses,
    wait_range,
)

TWENTY = length_of_mean(20, 0.3)
ONE = frozenset({1})


def entry(pk: int, servers: frozenset[int] = ONE, **fields: object) -> Entry:
    return Entry(pk, TWENTY, servers, **fields)


def middle(waits: dict[int, list[float]], pk: int) -> float:
    return quantile(waits[pk], 0.5)


def test_the_mean_of_a_length_is_what_was_measured() -> None:
    assert round(TWENTY.mean, 6) == 20
    assert round(TWENTY.scaled(0.5).mean, 6) == 10


def test_a_free_counter_calls_at_once_and_the_next_waits_one_visit() -> None:
    waits = wait_courses([entry(1), entry(2)], [Server(1)])
    assert middle(waits, 1) == 0
    assert 16 < middle(waits, 2) < 22


def test_two_counters_halve_the_wait() -> None:
    queue = [entry(pk, frozenset({1, 2})) for pk in range(1, 11)]
    both = middle(wait_courses(queue, [Server(1), Server(2)]), 10)
    alone = middle(wait_courses(queue, [Server(1)]), 10)
    assert 1.7 < alone / both < 2.6


def test_what_the_current_visit_has_taken_shortens_the_wait() -> None:
    fresh = wait_courses([entry(1)], [Server(1, current=TWENTY)])
    late = wait_courses([entry(1)], [Server(1, current=TWENTY, elapsed=18)])
    assert middle(late, 1) < middle(fresh, 1) / 2


def test_a_visit_that_no_counter_serves_has_no_wait() -> None:
    assert set(wait_courses([entry(1), entry(2, frozenset({9}))], [Server(1)])) == {1}


def test_a_break_is_waited_out() -> None:
    waits = wait_courses([entry(1), entry(2)], [Server(1)], [(5.0, 65.0)])
    assert middle(waits, 1) == 0
    assert middle(waits, 2) == 65


def test_a_person_who_is_expected_before_makes_the_wait_longer() -> None:
    expected = Entry(None, TWENTY, ONE, arrives=(0.0, 1.0), chance=1.0)
    busy = Server(1, current=TWENTY)
    assert middle(wait_courses([expected, entry(1)], [busy]), 1) > 1.6 * middle(
        wait_courses([entry(1)], [busy]), 1
    )


def test_the_draws_are_the_same_at_each_call() -> None:
    queue = [entry(pk) for pk in range(1, 6)]
    assert wait_courses(queue, [Server(1)]) == wait_courses(queue, [Server(1)])


def test_the_range_holds_four_fifths_and_grows_with_the_width() -> None:
    waits = sorted(20 * exp(number / 40) for number in range(100))
    narrow, wide = wait_range(waits, ahead=3), wait_range(waits, ahead=3, width=2)
    assert narrow.low <= narrow.middle <= narrow.high
    assert 79 <= sum(narrow.low <= one <= narrow.high for one in waits) <= 83
    assert wide.high > narrow.high
    assert wide.low <= narrow.low


def test_who_has_not_come_in_time_is_less_likely_to_come() -> None:
    assert expected_chance(0.85, 0) == 0.85
    assert expected_chance(0.85, 0.5) < 0.75
    assert expected_chance(0.85, 1) == 0


def test_a_length_without_spread_is_its_mean() -> None:
    assert round(Length(0.0, 0.0).mean, 6) == 1
