"""The waiting room, pure: who stands where, and how far the door has got.

Nothing here reads a clock, a database or chance. Whoever asks the same with the same figures gets the same
answer, so any process can let people in, and none has to be alive for it. docs/waiting-room.md says the same
in words.
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
# A ticket of the next moment is let in at once while nobody waits: so many seconds of the rate.
SLACK_SECONDS: Final = 3.0
# Never more than this part of what the machines were seen to sustain.
MOST_OF_CAPACITY: Final = 0.75
HEX_DIGITS: Final = 13  # of a rank's number: as many as a float holds without rounding
# The lots are counted by hundredths, so that chance does not move the door's pace: docs/waiting-room.md.
PARTS: Final = 100
UNSORTED: Final = -1  # the second of early ones of whom nobody wrote down which hundredth
FIRST_DRAWER: Final = -2
FEWEST_ANSWERS: Final = 5
KEEPS_PACE: Final = 0.8
FASTEST_RISE: Final = 1.25


@dataclass(frozen=True)
class Ticket:
    """Who waits, by a name that tells nothing, and since when."""

    window_id: int
    code: str
    joined_at: datetime


@dataclass(frozen=True)
class Mark:
    """From a moment on the door moves at a rate (people a second), beginning at a position."""

    since: datetime
    watermark: float
    rate: float


@dataclass(frozen=True)
class Room:
    """A waiting room as it was known at a moment.

    `early` is how many tickets were given before the opening, `lots` how many of those have their
    lot in each hundredth (empty: evenly), `late` how many were given in each second after it.
    `marks` is never empty, the oldest first.
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
        """Tell whether whoever books now must have been let in."""
        return self.opens_at <= now < self.closes_at and not self.has_ended(now)

    def has_ended(self, now: datetime) -> bool:
        return self.ended_at is not None and self.ended_at <= now


def running_sum(counts: Sequence[int]) -> list[int]:
    """Return how many came before each second (or hundredth), and at the end how many came at all."""
    sums = [0]
    for count in counts:
        sums.append(sums[-1] + count)
    return sums


@lru_cache(maxsize=65_536)
def lot(seed: str, code: str) -> float:
    """Return the lot of a ticket, in [0, 1): nobody knows it before the seed is shown."""
    digest = hmac.new(seed.encode(), code.encode(), hashlib.sha256).hexdigest()
    return float(int(digest[:HEX_DIGITS], 16) / 16**HEX_DIGITS)


def is_early(room: Room, ticket: Ticket) -> bool:
    """Tell whether the ticket was given before the opening: then chance decides, not speed."""
    return ticket.joined_at < room.opens_at


def position(room: Room, ticket: Ticket) -> float:
    """Return how many stand before a ticket: by lot for the early ones, behind them by arrival."""
    if is_early(room, ticket):
        return _smaller_lots(room, lot(room.seed, ticket.code))
    return room.early + _came_before(room, ticket.joined_at)


def _smaller_lots(room: Room, share: float) -> float:
    """Return how many early ones have a smaller lot; within a hundredth as if evenly."""
    if not room.lots:
        return share * room.early
    part = int(share * PARTS)
    return room.lots_before[part] + room.lots[part] * (share * PARTS - part)


def _came_before(room: Room, moment: datetime) -> float:
    """Return how many late ones came before a moment; within a second as if evenly."""
    seconds = max(0.0, (moment - room.opens_at).total_seconds())
    whole = int(seconds)
    if whole >= len(room.late):
        return float(room.total - room.early)
    return room.late_before[whole] + room.late[whole] * (seconds - whole)


def watermark(room: Room, now: datetime) -> float:
    """Return how far the door has got: every ticket before this position is let in.

    It moves by the clock alone. It never runs ahead of who is there, or a crowd that comes late
    would be let in all at once.
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
    """Follow the door second by second, for it may have waited for people to come."""
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
    # Since then nobody came: it goes straight on until everyone is in, however long that is ago.
    return max(reached, min(reached + mark.rate * max(0.0, ends - at), room.total + slack))


def mark_at(room: Room, now: datetime) -> Mark:
    """Return the mark that counts at a moment; the first one counts from the opening."""
    number = bisect_right(room.marks, now, key=lambda mark: mark.since)
    return room.marks[max(0, number - 1)]


def is_let_in(room: Room, ticket: Ticket, now: datetime) -> bool:
    """Tell whether it is this ticket's turn, or was."""
    return now >= room.opens_at and position(room, ticket) < watermark(room, now)


def turn_began(room: Room, ticket: Ticket, now: datetime) -> datetime | None:
    """Return when the door passed a ticket, or None while it has not."""
    place = position(room, ticket)
    if now < room.opens_at or place >= watermark(room, now):
        return None
    passed = [mark for mark in room.marks if mark.since <= now and mark.watermark <= place]
    mark = passed[-1] if passed else room.marks[0]
    since = max(mark.since, room.opens_at)
    wait = timedelta(seconds=(place - mark.watermark) / mark.rate) if mark.rate else timedelta(0)
    return max(ticket.joined_at, min(since + wait, now))


def turn_ends(room: Room, ticket: Ticket, now: datetime) -> datetime | None:
    """Return until when a ticket that was let in may book, or None while it has to wait."""
    began = turn_began(room, ticket, now)
    return None if began is None else began + TURN


def seconds_to_wait(room: Room, ticket: Ticket, now: datetime) -> int | None:
    """Return in how many seconds the turn comes at the present rate; None when the door stands still."""
    ahead = position(room, ticket) - watermark(room, max(now, room.opens_at))
    before_opening = max(0.0, (room.opens_at - now).total_seconds())
    rate = mark_at(room, now).rate
    if ahead < 0:
        return ceil(before_opening)
    return ceil(before_opening + ahead / rate) if rate else None


# --- The counting --------------------------------------------------------------------------------
def second_of(room: Room, ticket: Ticket) -> int:
    """Return under which second a ticket is counted: that of its coming; below nought, the drawer of its lot."""
    if is_early(room, ticket):
        part = int(lot(room.seed, ticket.code) * PARTS)
        return FIRST_DRAWER - _drawers(room.seed)[part]
    return int((ticket.joined_at - room.opens_at).total_seconds())


def lots_of(seed: str, early: Mapping[int, int]) -> list[int]:
    """Return how many lots fell into each hundredth, from what was counted below second nought."""
    unsorted = early.get(UNSORTED, 0)
    evenly = [unsorted * (part + 1) // PARTS - unsorted * part // PARTS for part in range(PARTS)]
    drawers = _drawers(seed)
    return [evenly[part] + early.get(FIRST_DRAWER - drawers[part], 0) for part in range(PARTS)]


@lru_cache(maxsize=512)
def _drawers(seed: str) -> Sequence[int]:
    """Return under which number each hundredth is counted, in an order that only the seed tells.

    Whoever can read the counts before the opening must not learn whose lot is near the door.
    """
    return sorted(range(PARTS), key=lambda part: lot(seed, f"drawer {part}"))


# --- The rate ------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Load:
    """What was seen over the last seconds, a second: answers to those let in, and how busy the machines were."""

    answers: float
    busy: float


def sustained(load: Load) -> float | None:
    """Return how many answers a second the machines would bear, or None when too little was seen."""
    if load.answers < FEWEST_ANSWERS / 10 or load.busy <= 0:
        return None
    return load.answers / min(1.0, load.busy)


def next_rate(rate: float, load: Load, *, least: float, most: float) -> float:
    """Return how fast the door is to move: never above three quarters of what was seen to be sustained.

    It falls at once when the machines are busier than that, and rises only while those let in really
    come, and by a quarter at a time: whoever is let in now presses the button some seconds later.
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
