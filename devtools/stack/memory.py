"""The memory of the embedded PostgreSQL for its page cache."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

MEGABYTE: Final = 1024 * 1024
LEAST: Final = 128
MOST: Final = 8192
SHARE: Final = 8
# The memory limit of a container.
LIMITS: Final = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


def memory_here(limits: Sequence[Path] = LIMITS) -> int:
    """Return the memory of this machine or its container in bytes."""
    amounts = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for limit in limits:
        try:
            amounts.append(int(limit.read_text()))
        except (OSError, ValueError):
            continue  # no such file, or "max"
    return min(amounts)


def page_cache(memory: int) -> str:
    """Return PostgreSQL's `shared_buffers`: an eighth of the memory, from 128 MB to 1 GB.

    A server of its own would get a quarter. The index pages that every booking writes must fit:
    others are read again for each booking.
    """
    megabytes = memory // SHARE // MEGABYTE
    return f"{max(LEAST, min(MOST, megabytes))}MB"
