"""Processor time of process trees, read from /proc/*/schedstat."""

import threading
import time
from bisect import bisect_left
from collections.abc import Iterable
from pathlib import Path
from typing import Self

NANOSECONDS = 1_000_000_000
PROC = Path("/proc")


def processor_seconds(pid: int) -> float:
    """Processor time of all threads of a process; 0 for one that has ended."""
    total = 0
    try:
        for task in (PROC / str(pid) / "task").iterdir():
            total += int((task / "schedstat").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        pass  # it ended while we read
    return total / NANOSECONDS


def process_tree(root: int) -> set[int]:
    """A process and all its descendants."""
    members: set[int] = set()
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        if pid not in members:
            members.add(pid)
            waiting += _children(pid)
    return members


def parent(pid: int) -> int:
    """The parent of a process; 0 if there is no such process here."""
    try:
        return int((PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return 0


def _children(pid: int) -> list[int]:
    children: list[int] = []
    try:
        for task in (PROC / str(pid) / "task").iterdir():
            children += map(int, (task / "children").read_text().split())
    except OSError:
        pass  # it ended while we read
    return children


class Meter:
    """Samples the processor time of process trees ten times a second while it is open.

    `excluded` are processes in those trees that do not belong to the measurement, such as other
    databases' sessions. A process that ended keeps its last reading.
    """

    def __init__(
        self, roots: Iterable[int], *, excluded: Iterable[int] = (), every: float = 0.1
    ) -> None:
        self.roots = [pid for pid in roots if pid]
        self.excluded = set(excluded)
        self.every = every
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
        return max(0.0, self._until(ended) - self._until(began))

    def _watch(self) -> None:
        while not self._ended.wait(self.every):
            self._sample()

    def _sample(self) -> None:
        members = set().union(*(process_tree(root) for root in self.roots)) - self.excluded
        for pid in members:
            self._latest[pid] = max(self._latest.get(pid, 0.0), processor_seconds(pid))
        self.times.append(time.monotonic())
        self.readings.append(sum(self._latest.values()))

    def _until(self, moment: float) -> float:
        """Interpolate between the two samples around a moment."""
        after = bisect_left(self.times, moment)
        if after in (0, len(self.times)):
            return self.readings[min(after, len(self.times) - 1)]
        left, right = self.times[after - 1], self.times[after]
        share = (moment - left) / (right - left) if right > left else 0.0
        return self.readings[after - 1] + share * (self.readings[after] - self.readings[after - 1])
