"""Processor time of process trees, read from /proc/*/schedstat."""

import threading
import time
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

PROC = Path("/proc")
GONE = (OSError, ValueError, IndexError)  # the process ended during the read


def processor_seconds(pid: int) -> float:
    """Processor time of all threads of a process; 0 for one that has ended."""
    total = 0
    with suppress(*GONE):
        for thread in (PROC / str(pid) / "task").iterdir():
            total += int((thread / "schedstat").read_text().split()[0])
    return total / 1_000_000_000


def process_tree(root: int) -> set[int]:
    """A process and all its descendants."""
    members: set[int] = set()
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        if pid in members:
            continue
        members.add(pid)
        with suppress(*GONE):
            for thread in (PROC / str(pid) / "task").iterdir():
                waiting += map(int, (thread / "children").read_text().split())
    return members


def parent(pid: int) -> int:
    """The parent of a process; 0 if there is no such process here."""
    with suppress(*GONE):
        return int((PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[1])
    return 0


class Meter:
    """Samples the processor time of process trees ten times a second while it is open.

    `excluded` are processes in those trees that do not belong to the measurement, such as other
    databases' sessions. A process that ended keeps its last reading.
    """

    def __init__(self, roots: Iterable[int], *, excluded: Iterable[int] = ()) -> None:
        self.roots = [pid for pid in roots if pid]
        self.excluded = set(excluded)
        self.times: list[float] = []
        self.readings: list[float] = []
        self._latest: dict[int, float] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._sample()
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._thread.join()
        self._sample()

    def between(self, began: float, ended: float) -> float:
        """Processor seconds between two moments of the monotonic clock."""
        low, high = (interpolate(self.times, self.readings, at) for at in (began, ended))
        return max(0.0, high - low)

    def _watch(self) -> None:
        while not self._ended.wait(0.1):
            self._sample()

    def _sample(self) -> None:
        for pid in set().union(*map(process_tree, self.roots)) - self.excluded:
            self._latest[pid] = max(self._latest.get(pid, 0.0), processor_seconds(pid))
        self.times.append(time.monotonic())
        self.readings.append(sum(self._latest.values()))


def interpolate(times: Sequence[float], readings: Sequence[float], moment: float) -> float:
    """The reading at a moment, between the two samples around it."""
    after = min(max(bisect_left(times, moment), 1), len(times) - 1)
    (left, low), (right, high) = ((times[n], readings[n]) for n in (after - 1, after))
    share = min(1.0, max(0.0, (moment - left) / ((right - left) or 1)))
    return low + share * (high - low)
