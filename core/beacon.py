"""The public randomness beacon drand, network "quicknet": rounds, their times and their signatures.

A round is known beforehand by its number; its value exists only from its time on. The value is the
SHA-256 of a signature that can be checked offline with the public key of the network.
https://docs.drand.love/ describes the protocol.
"""

import datetime as dt
import json
import re
from dataclasses import dataclass
from typing import Final

import drand_verify

CHAIN_HASH: Final = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971"
PUBLIC_KEY: Final = (
    "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c"
    "8c4b450b6a0a6c3ac6a5776a2d1064510d1fec758c921cc22b0e17e63aaf4bcb"
    "5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a"
)
FIRST_ROUND_AT: Final = dt.datetime(2023, 8, 23, 15, 9, 27, tzinfo=dt.UTC)
PERIOD: Final = dt.timedelta(seconds=3)
SIGNATURE: Final = re.compile(r"[0-9a-f]{96}", re.ASCII)
LONGEST_ROUND_TEXT: Final = 4_000


class InvalidSignature(ValueError):
    """The signature is not the network's signature of this round."""


class MalformedRound(ValueError):
    """The text holds no round of the beacon."""


@dataclass(frozen=True)
class Round:
    """A published round. `number` is None where only the signature was given."""

    number: int | None
    signature: str


def round_after(moment: dt.datetime) -> int:
    """Return the number of the first round that is published at this time or later."""
    # Rounded up: -(-a // b) is the ceiling of a / b.
    return max(1, 1 - (FIRST_ROUND_AT - moment) // PERIOD)


def published_at(number: int) -> dt.datetime:
    """Return the time at which a round is published."""
    return FIRST_ROUND_AT + (number - 1) * PERIOD


def randomness_of(number: int, signature: str) -> str:
    """Check a round's signature offline; return its value, 64 hexadecimal digits. Raises InvalidSignature."""
    # The library panics on anything that is not hexadecimal.
    if not SIGNATURE.fullmatch(signature) or not 0 < number < 2**63:
        raise InvalidSignature
    try:
        return str(drand_verify.verify_bls_unchained_g1_rfc9380(number, signature, PUBLIC_KEY))
    except ValueError:
        raise InvalidSignature from None


def parse_round(text: str) -> Round:
    """Read a round as a relay publishes it (JSON with `round` and `signature`), or a signature alone.

    Raises MalformedRound.
    """
    cleaned = text.strip()
    if len(cleaned) > LONGEST_ROUND_TEXT:
        raise MalformedRound
    if SIGNATURE.fullmatch(cleaned.lower()):
        return Round(None, cleaned.lower())
    try:
        data = json.loads(cleaned)
    except (ValueError, RecursionError):
        raise MalformedRound from None
    number, signature = (
        (data.get("round"), data.get("signature")) if isinstance(data, dict) else (0, 0)
    )
    if type(number) is not int or not isinstance(signature, str):
        raise MalformedRound
    if not SIGNATURE.fullmatch(signature.lower()):
        raise MalformedRound
    return Round(number, signature.lower())
