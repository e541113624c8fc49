"""Counts of the waiting rooms in one process, written to the database once a second.

An early arrival is counted in the bucket of its random number, a later one in its second. A process
that is killed loses at most a second of counts. Positions then seem a little lower than they are;
the order, which is in the tickets, does not change.
"""

import threading
import time
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import Error, connection

from quotas.waiting_room.order import Room, Ticket, second_of

KERNEL: Final = Path("/proc/stat")
SAVE: Final = """
INSERT INTO quotas_roomsecond AS row (room_id, second, arrived, answered, busy)
SELECT * FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::int[], %s::float8[])
    ON CONFLICT (room_id, second) DO UPDATE
   SET arrived = row.arrived + EXCLUDED.arrived, answered = row.answered + EXCLUDED.answered,
       busy = greatest(row.busy, EXCLUDED.busy)
"""
Key = tuple[int, int]


class Tally:
    """Counts arrivals and answers to admitted people, by room and second."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.counts: dict[Key, list[int]] = defaultdict(lambda: [0, 0])
        self.saved_at = time.monotonic()
        self.processors = Processors()

    def came(self, room: Room, ticket: Ticket) -> None:
        """Count a new ticket."""
        self._add(room, second_of(room, ticket), 0)

    def answered(self, room: Room, *, now: datetime) -> None:
        """Count an answer to an admitted person."""
        self._add(room, int((now - room.opens_at).total_seconds()), 1)

    def flush(self) -> None:
        """Write the counts. If the database is unavailable, keep them for the next time."""
        with self.lock:
            counts, self.counts = self.counts, defaultdict(lambda: [0, 0])
            self.saved_at = time.monotonic()
        if not counts:
            return
        try:
            self._write(counts)
        except Error:
            with self.lock:
                for key, (arrived, answered) in counts.items():
                    self.counts[key][0] += arrived
                    self.counts[key][1] += answered

    def _add(self, room: Room, second: int, which: int) -> None:
        with self.lock:
            self.counts[room.id, second][which] += 1
            is_due = time.monotonic() - self.saved_at >= settings.SHARED_READ_SECONDS
        if is_due:
            self.flush()

    def _write(self, counts: dict[Key, list[int]]) -> None:
        busy = self.processors.busy()
        # Always in the same order, so that two processes cannot deadlock.
        keys = sorted(counts)
        with connection.cursor() as cursor:
            cursor.execute(
                SAVE,
                [
                    [room for room, _second in keys],
                    [second for _room, second in keys],
                    [counts[key][0] for key in keys],
                    [counts[key][1] for key in keys],
                    [busy if second >= 0 else 0.0 for _room, second in keys],
                ],
            )


class Processors:
    """The processor load of this server since the last call, from /proc/stat."""

    def __init__(self) -> None:
        self.last = _ticks()

    def busy(self) -> float:
        """Return the share of processor time in use, from 0 to 1; 0 where it is unknown."""
        used, whole = _ticks()
        before_used, before_whole = self.last
        self.last = used, whole
        return (used - before_used) / (whole - before_whole) if whole > before_whole else 0.0


def _ticks() -> tuple[int, int]:
    try:
        line = KERNEL.read_text().split("\n", 1)[0]
    except OSError:
        return 0, 0
    ticks = [int(word) for word in line.split()[1:9]]
    idle = ticks[3] + ticks[4]
    return sum(ticks) - idle, sum(ticks)


TALLY: Final = Tally()
