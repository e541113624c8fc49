"""The order of a waiting room and the pace of admission. Pure.

No clock, database or random source: the same input gives the same result, so any process can admit
people. docs/waiting-room.md describes the algorithm.
"""

import hashlib
import hmac
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from math import ceil
from typing import Final

OPENS_BEFORE: Final = timedelta(minutes=30)
TURN: Final = timedelta(minutes=15)
# While nobody waits, admission is at most this many seconds of the rate ahead of arrivals.
SLACK_SECONDS: Final = 3.0
# The highest rate, as a share of what the servers can sustain.
MOST_OF_CAPACITY: Final = 0.75
HEX_DIGITS: Final = 13  # of the random number: as many as a float holds without rounding
# Random numbers are counted by hundredths, so that chance does not change the pace: docs/waiting-room.md.
PARTS: Final = 100
UNSORTED: Final = -1  # the bucket of early tickets without a known hundredth
FIRST_BUCKET: Final = -2
FEWEST_ANSWERS: Final = 5
KEEPS_PACE: Final = 0.8
FASTEST_RISE: Final = 1.25


@dataclass(frozen=True)
class Ticket:
    """A waiting account, by its code, and the time it joined."""

    window_id: int
    code: str
    joined_at: datetime


@dataclass(frozen=True)
class Mark:
    """From `since` on, admission continues from position `watermark` at `rate` people a second."""

    since: datetime
    watermark: float
    rate: float


@dataclass(frozen=True)
class Room:
    """A waiting room at one time.

    `early` is the number of tickets from before the opening, `lots` how many of those have their
    random number in each hundredth (empty: evenly), `late` the number of tickets in each second
    after it. `marks` is never empty, the oldest first.
    """

    id: int
    window_id: int
    opens_at: datetime
    closes_at: datetime
    seed: str
    early: int
    late: Sequence[int]
    late_before: Sequence[int]
    marks: Sequence[Mark]
    lots: Sequence[int] = ()
    lots_before: Sequence[int] = ()
    places: int = 0
    left: int = 0
    ended_at: datetime | None = None

    @property
    def total(self) -> int:
        return self.early + (self.late_before[-1] if self.late_before else 0)

    @property
    def joins_from(self) -> datetime:
        return self.opens_at - OPENS_BEFORE

    def guards(self, now: datetime) -> bool:
        """True if a booking needs an admitted ticket now."""
        return self.opens_at <= now < self.closes_at and not self.has_ended(now)

    def has_ended(self, now: datetime) -> bool:
        return self.ended_at is not None and self.ended_at <= now


def running_sum(counts: Sequence[int]) -> list[int]:
    """Return the sum before each element, and at the end the total."""
    sums = [0]
    for count in counts:
        sums.append(sums[-1] + count)
    return sums


@lru_cache(maxsize=65_536)
def lot(seed: str, code: str) -> float:
    """Return the random number of a ticket, in [0, 1). Secret until the seed is published."""
    digest = hmac.new(seed.encode(), code.encode(), hashlib.sha256).hexdigest()
    return float(int(digest[:HEX_DIGITS], 16) / 16**HEX_DIGITS)


def is_early(room: Room, ticket: Ticket) -> bool:
    """True if the ticket is from before the opening: its position is random."""
    return ticket.joined_at < room.opens_at


def position(room: Room, ticket: Ticket) -> float:
    """Return how many tickets are ahead: early ones by random number, then late ones by arrival."""
    if is_early(room, ticket):
        return _smaller_lots(room, lot(room.seed, ticket.code))
    return room.early + _came_before(room, ticket.joined_at)


def _smaller_lots(room: Room, share: float) -> float:
    """Return how many early tickets have a smaller number, interpolated within a hundredth."""
    if not room.lots:
        return share * room.early
    part = int(share * PARTS)
    return room.lots_before[part] + room.lots[part] * (share * PARTS - part)


def _came_before(room: Room, moment: datetime) -> float:
    """Return how many late tickets are from before a time, interpolated within a second."""
    seconds = max(0.0, (moment - room.opens_at).total_seconds())
    whole = int(seconds)
    if whole >= len(room.late):
        return float(room.total - room.early)
    return room.late_before[whole] + room.late[whole] * (seconds - whole)


def watermark(room: Room, now: datetime) -> float:
    """Return the position of admission: every ticket before it has been admitted.

    It depends on the clock alone. It never runs ahead of the arrivals, because otherwise a late
    crowd would be admitted all at once.
    """
    mark = mark_at(room, now)
    since = max(mark.since, room.opens_at)
    if now <= since or not mark.rate:
        return mark.watermark
    straight = mark.watermark + mark.rate * (now - since).total_seconds()
    if straight <= room.early + _came_before(room, since):
        return straight
    return _step_by_step(room, mark, since, now)


def _step_by_step(room: Room, mark: Mark, since: datetime, now: datetime) -> float:
    """Follow admission second by second, because it may have waited for arrivals."""
    slack = mark.rate * SLACK_SECONDS
    begins = (since - room.opens_at).total_seconds()
    ends = (now - room.opens_at).total_seconds()
    reached, at = mark.watermark, begins
    came_until = min(ends, float(len(room.late)))
    while at < came_until:
        until = min(float(int(at) + 1), came_until)
        there = room.early + _came_before(room, room.opens_at + timedelta(seconds=until))
        reached = max(reached, min(reached + mark.rate * (until - at), there + slack))
        at = until
    # No arrivals since then: admission continues at its rate until everyone is in.
    return max(reached, min(reached + mark.rate * max(0.0, ends - at), room.total + slack))


def mark_at(room: Room, now: datetime) -> Mark:
    """Return the mark that applies at a time; the first one applies from the opening."""
    number = bisect_right(room.marks, now, key=lambda mark: mark.since)
    return room.marks[max(0, number - 1)]


def turn_began(room: Room, ticket: Ticket, now: datetime) -> datetime | None:
    """Return when a ticket was admitted, or None."""
    place = position(room, ticket)
    if now < room.opens_at or place >= watermark(room, now):
        return None
    passed = [mark for mark in room.marks if mark.since <= now and mark.watermark <= place]
    mark = passed[-1] if passed else room.marks[0]
    since = max(mark.since, room.opens_at)
    wait = timedelta(seconds=(place - mark.watermark) / mark.rate) if mark.rate else timedelta(0)
    return max(ticket.joined_at, min(since + wait, now))


def turn_ends(room: Room, ticket: Ticket, now: datetime) -> datetime | None:
    """Return until when an admitted ticket can book, or None while it waits."""
    began = turn_began(room, ticket, now)
    return None if began is None else began + TURN


def seconds_to_wait(room: Room, ticket: Ticket, now: datetime) -> int | None:
    """Return the seconds until admission at the present rate; None when admission has stopped."""
    ahead = position(room, ticket) - watermark(room, max(now, room.opens_at))
    before_opening = max(0.0, (room.opens_at - now).total_seconds())
    rate = mark_at(room, now).rate
    if ahead < 0:
        return ceil(before_opening)
    return ceil(before_opening + ahead / rate) if rate else None


# --- Counting ------------------------------------------------------------------------------------
def second_of(room: Room, ticket: Ticket) -> int:
    """Return the second in which a ticket is counted; for an early one, the negative number of its bucket."""
    if is_early(room, ticket):
        part = int(lot(room.seed, ticket.code) * PARTS)
        return FIRST_BUCKET - _buckets(room.seed)[part]
    return int((ticket.joined_at - room.opens_at).total_seconds())


def lots_of(seed: str, early: Mapping[int, int]) -> list[int]:
    """Return how many random numbers are in each hundredth, from the counts by bucket."""
    unsorted = early.get(UNSORTED, 0)
    evenly = [unsorted * (part + 1) // PARTS - unsorted * part // PARTS for part in range(PARTS)]
    buckets = _buckets(seed)
    return [evenly[part] + early.get(FIRST_BUCKET - buckets[part], 0) for part in range(PARTS)]


@lru_cache(maxsize=512)
def _buckets(seed: str) -> Sequence[int]:
    """Return the bucket of each hundredth, in an order that only the seed reveals.

    A reader of the counts before the opening must not learn whose number is good.
    """
    return sorted(range(PARTS), key=lambda part: lot(seed, f"drawer {part}"))


# --- The rate ------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Load:
    """Answers a second to admitted people over the last seconds, and how busy the servers were (0 to 1)."""

    answers: float
    busy: float


def sustained(load: Load) -> float | None:
    """Return the answers a second that the servers can sustain, or None with too little data."""
    if load.answers < FEWEST_ANSWERS / 10 or load.busy <= 0:
        return None
    return load.answers / min(1.0, load.busy)


def next_rate(rate: float, load: Load, *, least: float, most: float) -> float:
    """Return the next rate of admission: at most three quarters of what the servers can sustain.

    It falls at once when the servers are busier than that. It rises only while admitted people
    arrive, by a quarter at a time, because they book some seconds after admission.
    """
    capacity = sustained(load)
    if capacity is None:
        return min(max(rate, least), most)
    bound = MOST_OF_CAPACITY * capacity
    if load.busy >= MOST_OF_CAPACITY:
        wanted = min(rate, bound)
    elif load.answers >= KEEPS_PACE * rate:
        wanted = max(rate, min(rate * FASTEST_RISE, bound))
    else:
        wanted = rate
    return min(max(wanted, least), most)
