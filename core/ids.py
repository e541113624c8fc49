"""Ids that grow with time (UUID version 7), so that new rows are adjacent in an index."""

import secrets
import time
from typing import Final
from uuid import UUID

VERSION: Final = 0x7 << 76
VARIANT: Final = 0b10 << 62


def new_id() -> UUID:
    """Return a new id: 48 bits of the machine's time in milliseconds, then 74 random ones.

    It is no secret: knowing it gives no access. Nothing reads the time in it, so it uses the
    machine's clock and not `core.clock`, which a demo may have moved.
    """
    milliseconds = time.time_ns() // 1_000_000
    chance = secrets.randbits(74)
    first, last = chance >> 62, chance & ((1 << 62) - 1)
    return UUID(int=milliseconds << 80 | VERSION | first << 64 | VARIANT | last)
