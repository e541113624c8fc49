"""Signed HTTP bodies: the HMAC-SHA256 of "<timestamp>.<body>" with a shared key, as hexadecimal digits.

The timestamp is a number of seconds since 1970. Both sides sign in the same way.
"""

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Final

TIMESTAMP: Final = "X-Timestamp"
SIGNATURE: Final = "X-Signature"
MOST_DIGITS: Final = 12


def sign(body: bytes, *, timestamp: str, key: str) -> str:
    """Return the signature of a body."""
    return hmac.new(key.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def signed_headers(body: bytes, *, key: str, now: datetime) -> dict[str, str]:
    """Return the headers of a signed request with a JSON body."""
    timestamp = str(int(now.timestamp()))
    return {
        "Content-Type": "application/json",
        TIMESTAMP: timestamp,
        SIGNATURE: sign(body, timestamp=timestamp, key=key),
    }


def is_signed(body: bytes, *, timestamp: str, signature: str, key: str) -> bool:
    """True if a holder of the key signed the body at this time. Without a key nothing is signed."""
    is_number = timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= MOST_DIGITS
    expected = sign(body, timestamp=timestamp, key=key)
    is_same = hmac.compare_digest(expected.encode(), signature.encode())
    return bool(key) and is_number and is_same


def is_recent(timestamp: str, *, now: datetime, within: timedelta) -> bool:
    """True if a signed request was signed at most so long ago, or so far ahead of our clock."""
    return abs(now.timestamp() - int(timestamp)) <= within.total_seconds()
