"""How much processor time the server and the stores took, from the kernel's own books."""

import threading
import time
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

NANOSECONDS = 1_000_000_000
PROC = Path("/proc")


def processor_seconds(pid: int) -> float:
    """Return what all threads of a process have used; 0 for one that is gone."""
    total = 0
    try:
        for task in (PROC / str(pid) / "task").iterdir():
            total += int((task / "schedstat").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return 0.0 if not total else total / NANOSECONDS
    return total / NANOSECONDS


def family(root: int) -> set[int]:
    """Return a process and all that descend from it."""
    members: set[int] = set()
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        if pid not in members:
            members.add(pid)
            waiting += _children(pid)
    return members


def parent(pid: int) -> int:
    """Return the process that started this one; 0 when there is no such process here."""
    try:
        return int((PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return 0


def _children(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for task in (PROC / str(pid) / "task").iterdir():
            found += map(int, (task / "children").read_text().split())
    except OSError:
        pass  # it ended while we looked
    return found


@dataclass
class Meter:
    """Adds up the processor time of some process trees, ten times a second, while it is open.

    `strangers` are processes in those trees that serve somebody else, such as other databases' sessions.
    """

    roots: Iterable[int]
    strangers: Iterable[int] = ()
    every: float = 0.1
    at: list[float] = field(default_factory=list)
    used: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._last: dict[int, float] = {}

    def __enter__(self) -> "Meter":
        self._look()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()
        self._look()

    def between(self, began: float, ended: float) -> float:
        """Return the processor seconds between two moments of the monotonic clock."""
        return max(0.0, self._until(ended) - self._until(began))

    def _watch(self) -> None:
        while not self._ended.wait(self.every):
            self._look()

    def _look(self) -> None:
        # A process that ended keeps the last figure seen of it.
        members = set().union(*(family(root) for root in self.roots)) - set(self.strangers)
        for pid in members:
            self._last[pid] = max(self._last.get(pid, 0.0), processor_seconds(pid))
        self.at.append(time.monotonic())
        self.used.append(sum(self._last.values()))

    def _until(self, moment: float) -> float:
        """Interpolate between the two looks around a moment."""
        after = bisect_left(self.at, moment)
        if after == 0:
            return self.used[0]
        if after == len(self.at):
            return self.used[-1]
        left, right = self.at[after - 1], self.at[after]
        share = (moment - left) / (right - left) if right > left else 0.0
        return self.used[after - 1] + share * (self.used[after] - self.used[after - 1])
