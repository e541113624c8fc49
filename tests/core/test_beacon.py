"""The randomness beacon, with rounds that the network has published."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.beacon import (
    FIRST_ROUND_AT,
    InvalidSignature,
    MalformedRound,
    Round,
    parse_round,
    published_at,
    randomness_of,
    round_after,
)

# Round: signature, randomness, as published by the network.
PUBLISHED = {
    1000: (
        "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39",
        "fe290beca10872ef2fb164d2aa4442de4566183ec51c56ff3cd603d930e54fdd",
    ),
    657413: (
        "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be41076862b98fad56e91a6b85b89cd97b",
        "fc1873a13f3545aeade8401532ef5519920652eee6b0d2b19ca12643b87b3587",
    ),
}


@pytest.mark.parametrize("number", PUBLISHED)
def test_a_published_round_has_its_value(number: int) -> None:
    signature, value = PUBLISHED[number]
    assert randomness_of(number, signature) == value


@pytest.mark.parametrize("number", [1001, 999, 0, -1, 2**64])
def test_a_signature_is_valid_for_its_round_only(number: int) -> None:
    with pytest.raises(InvalidSignature):
        randomness_of(number, PUBLISHED[1000][0])


@pytest.mark.parametrize("signature", ["", "zz", "0" * 96, "b7" * 48, "é" * 96, "B" * 96])
def test_a_false_signature_is_refused(signature: str) -> None:
    with pytest.raises(InvalidSignature):
        randomness_of(1000, signature)


def test_rounds_come_every_three_seconds() -> None:
    assert published_at(657413) == datetime(2023, 9, 15, 11, 0, 3, tzinfo=UTC)


@given(st.integers(0, 10**9).map(lambda half: FIRST_ROUND_AT + timedelta(seconds=half / 2)))
def test_the_next_round_is_the_first_at_or_after_a_time(moment: datetime) -> None:
    number = round_after(moment)
    assert published_at(number) >= moment > published_at(number - 1)


def test_a_round_is_read_as_json_or_as_its_signature() -> None:
    signature, value = PUBLISHED[1000]
    text = f'{{"round": 1000, "randomness": "{value}", "signature": "{signature}"}}'
    assert parse_round(f" {text}\n") == Round(1000, signature)
    assert parse_round(signature.upper()) == Round(None, signature)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1000",
        "[]",
        "{}",
        '{"round": "1000", "signature": 5}',
        '{"round": true, "signature": "' + "a" * 96 + '"}',
        '{"round": 1, "signature": "x"}',
        "[" * 3_000,
        "9" * 5_000,
    ],
)
def test_other_texts_are_no_round(text: str) -> None:
    with pytest.raises(MalformedRound):
        parse_round(text)
