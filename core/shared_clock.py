"""The file that moves the demo's clock in every process at once: web, worker, beat and mail sink.

It has no Django in it, because the mail sink runs without. Production has no such file.
"""

import fcntl
import os
from contextlib import suppress
from pathlib import Path

# The last file read, by its identity. A written file is a new one, so a changed clock shows at once.
_last: tuple[str, tuple[int, int], float] | None = None


def read_offset(path: Path, *, at_least: float) -> float:
    """Return the seconds by which the clock is ahead of the machine's; at least those given.

    It costs one look at the folder entry (about a microsecond). Without a file the clock is not moved.
    """
    global _last  # noqa: PLW0603 - one clock a process
    try:
        entry = path.stat()
    except OSError:
        return at_least
    identity = (entry.st_mtime_ns, entry.st_ino)
    if _last is None or _last[:2] != (str(path), identity):
        _last = (str(path), identity, _read(path, default=at_least))
    return max(at_least, _last[2])


def write_offset(path: Path, offset: float) -> float:
    """Move the clock forward to this offset, never back; return the offset that is now in force."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f".{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = _read(path, default=offset)
        if path.exists() and kept >= offset:
            return kept
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.write_text(repr(offset))
        draft.replace(path)
    return offset


def _read(path: Path, *, default: float) -> float:
    with suppress(OSError, ValueError):
        return float(path.read_text())
    return default
