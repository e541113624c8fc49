"""Ids: valid, unique, and in the order of their creation."""

import time
from uuid import RFC_4122

import pytest

from core.ids import new_id

FRIDAY_14 = 1_795_762_800  # 27 November 2026, 14.00 in Jakarta
BITS_OF_FORM = 0b1111 << 76 | 0b11 << 62


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(time, "time_ns", lambda: FRIDAY_14 * 10**9)
    return monkeypatch


def test_an_id_is_a_uuid_of_version_7() -> None:
    made = new_id()

    assert (made.version, made.variant) == (7, RFC_4122)


def test_an_id_begins_with_its_millisecond(at: pytest.MonkeyPatch) -> None:
    assert new_id().int >> 80 == FRIDAY_14 * 1000


def test_a_later_millisecond_gives_a_greater_id(at: pytest.MonkeyPatch) -> None:
    earlier = [new_id() for _turn in range(100)]
    at.setattr(time, "time_ns", lambda: FRIDAY_14 * 10**9 + 1_000_000)

    assert max(earlier) < min(new_id() for _turn in range(100))


def test_ids_of_one_millisecond_differ_in_random_bits(at: pytest.MonkeyPatch) -> None:
    made = {new_id().int for _turn in range(200)}
    always = never = (1 << 128) - 1
    for number in made:
        always &= number
        never &= ~number

    assert len(made) == 200
    # Bits that are equal in all ids: time, version and variant only.
    fixed = (always | never) & ((1 << 128) - 1)
    assert fixed == ((1 << 48) - 1) << 80 | BITS_OF_FORM
