"""How much of the machine's memory the embedded PostgreSQL may have for its pages."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

MEGABYTE: Final = 1024 * 1024
LEAST: Final = 128
MOST: Final = 8192
SHARE: Final = 8
# What a container may have, where it may have less than the machine.
LIMITS: Final = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


def memory_here(limits: Sequence[Path] = LIMITS) -> int:
    """Return the bytes of memory that this machine or its container has."""
    amounts = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for limit in limits:
        try:
            amounts.append(int(limit.read_text()))
        except (OSError, ValueError):
            continue  # no such file, or "max"
    return min(amounts)


def page_cache(memory: int) -> str:
    """Return PostgreSQL's `shared_buffers`: an eighth, for the machine is not its own; 128 MB up to 1 GB.

    Of a server of its own it should be a quarter. The pages of the indexes that every booking writes have to
    find room here: what has none is fetched again for each booking.
    """
    megabytes = memory // SHARE // MEGABYTE
    return f"{max(LEAST, min(MOST, megabytes))}MB"
