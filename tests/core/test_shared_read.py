"""One answer for all who ask within a second, in their language; off where tests must see at once."""

import time

import pytest
from django.utils import translation

from core.db import MOST_KEPT, shared_read


@pytest.fixture
def asked(settings):
    """A read that tells how often it was asked, shared for a fifth of a second."""
    settings.SHARED_READ_SECONDS = 0.2
    calls: list[tuple[object, ...]] = []

    @shared_read()
    def read(*given: object, now: float = 0.0, **named: object) -> int:
        calls.append((*given, named))
        if "broken" in given:
            raise LookupError("broken")
        return len(calls)

    return read


def test_the_same_question_at_another_moment_has_the_same_answer(asked):
    assert {asked(1, now=moment) for moment in range(5)} == {1}


@pytest.mark.parametrize("other", [((2,), {}), ((1,), {"limit": 3})])
def test_another_question_has_another_answer(asked, other):
    assert asked(1) != asked(*other[0], **other[1])


def test_each_language_has_its_own(asked):
    first = asked(1)
    with translation.override("en"):
        assert asked(1) != first


def test_what_has_no_words_is_shared_by_all_languages(settings):
    settings.SHARED_READ_SECONDS = 60
    calls: list[int] = []

    @shared_read(has_text=False)
    def read(number: int) -> int:
        calls.append(number)
        return len(calls)

    first = read(1)
    with translation.override("en"):
        assert read(1) == first


def test_it_is_asked_anew_after_its_time(asked):
    assert asked(1) == 1
    time.sleep(0.25)
    assert asked(1) == 2


def test_a_refusal_is_never_kept(asked):
    for _turn in range(2):
        with pytest.raises(LookupError, match="broken"):
            asked("broken")
    assert asked(1) == 3


def test_nothing_is_kept_when_it_is_switched_off(asked, settings):
    settings.SHARED_READ_SECONDS = 0.0
    assert [asked(1), asked(1)] == [1, 2]


def test_many_questions_do_not_fill_the_memory(asked):
    for number in range(MOST_KEPT + 1):
        asked(number)
    assert asked(0) == MOST_KEPT + 2
