"""Small counts are not published, and cannot be computed from what is."""

from hypothesis import given
from hypothesis import strategies as st

from reports.transparency.suppression import LEAST, suppressed

COUNTS = st.lists(st.integers(0, 40), max_size=12).map(lambda counts: dict(enumerate(counts)))


def test_counts_from_five_are_published() -> None:
    assert suppressed({"a": 5, "b": 90, "c": 0}) == {"a": 5, "b": 90}


def test_a_single_small_count_hides_the_next_smallest_too() -> None:
    assert suppressed({"a": 3, "b": 90, "c": 12}) == {"a": None, "b": 90, "c": None}


def test_two_small_counts_with_less_than_five_people_hide_a_third() -> None:
    assert suppressed({"a": 1, "b": 2, "c": 9, "d": 30}) == {
        "a": None,
        "b": None,
        "c": None,
        "d": 30,
    }


def test_two_small_counts_with_five_people_need_no_third() -> None:
    assert suppressed({"a": 2, "b": 3, "c": 9}) == {"a": None, "b": None, "c": 9}


def test_a_month_with_three_people_shows_none() -> None:
    assert suppressed({"a": 2, "b": 1}) == {"a": None, "b": None}


@given(COUNTS)
def test_no_published_count_is_small(counts: dict[int, int]) -> None:
    published = suppressed(counts)
    assert all(count is None or count >= LEAST for count in published.values())
    assert published.keys() == {key for key, count in counts.items() if count}


@given(COUNTS)
def test_the_total_does_not_reveal_a_hidden_count(counts: dict[int, int]) -> None:
    published = suppressed(counts)
    hidden = [counts[key] for key, count in published.items() if count is None]
    if any(count is not None for count in published.values()) and hidden:
        assert len(hidden) > 1
        assert sum(hidden) >= LEAST


def test_control_hiding_only_small_counts_reveals_one_by_its_complement() -> None:
    """If this fails, the property above would not notice the fault."""
    counts = {"a": 3, "b": 90}
    naive = {key: None if count < LEAST else count for key, count in counts.items()}
    known = sum(count for count in naive.values() if count is not None)
    assert sum(counts.values()) - known == counts["a"]
