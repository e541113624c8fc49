"""Reads shared for a second per language; switched off in other tests."""

import time
from typing import Any

import pytest
from django.utils import translation

from core.db import MOST_KEPT, shared_read


@pytest.fixture
def shared(settings: Any) -> Any:
    """A read that returns how often it ran, cached for a fifth of a second."""
    settings.SHARED_READ_SECONDS = 0.2
    calls: list[tuple[object, ...]] = []

    @shared_read()
    def read(*given: object, now: float = 0.0, **named: object) -> int:
        calls.append((*given, named))
        if "broken" in given:
            raise LookupError("broken")
        return len(calls)

    return read


def test_the_time_argument_does_not_change_the_cached_value(shared: Any) -> None:
    assert {shared(1, now=moment) for moment in range(5)} == {1}


@pytest.mark.parametrize("other", [((2,), {}), ((1,), {"limit": 3})])
def test_other_arguments_give_another_value(shared: Any, other: Any) -> None:
    assert shared(1) != shared(*other[0], **other[1])


def test_each_language_has_its_own_value(shared: Any) -> None:
    first = shared(1)
    with translation.override("en"):
        assert shared(1) != first


def test_values_without_text_are_shared_across_languages(settings: Any) -> None:
    settings.SHARED_READ_SECONDS = 60
    calls: list[int] = []

    @shared_read(has_text=False)
    def read(number: int) -> int:
        calls.append(number)
        return len(calls)

    first = read(1)
    with translation.override("en"):
        assert read(1) == first


def test_a_value_is_read_again_after_it_expires(shared: Any) -> None:
    assert shared(1) == 1
    time.sleep(0.25)
    assert shared(1) == 2


def test_an_exception_is_never_cached(shared: Any) -> None:
    for _turn in range(2):
        with pytest.raises(LookupError, match="broken"):
            shared("broken")
    assert shared(1) == 3


def test_nothing_is_cached_when_disabled(shared: Any, settings: Any) -> None:
    settings.SHARED_READ_SECONDS = 0.0
    assert [shared(1), shared(1)] == [1, 2]


def test_the_number_of_cached_values_is_limited(shared: Any) -> None:
    for number in range(MOST_KEPT + 1):
        shared(number)
    assert shared(0) == MOST_KEPT + 2
