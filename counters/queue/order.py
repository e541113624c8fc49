"""The one rule of who is called next. Pure: no database, no clock.

A counter's candidates are chosen by hall, service and stage (`selectors.callable_at`). Among them:

1. A skipped person is called again after `calls_before_again` other calls in the hall.
2. Then those whose booked hour has come, by hour. In one hour, those booked for it come before a
   walk-in or a return who took one of its places.
3. A late person, or one who comes back, is behind everybody who was present at that moment.
4. The priority lane and the others are interleaved: one priority visit after `priority_after`
   others, counted over the recent calls of the hall; 0 means that priority visits come first.
5. Then those whose hour has not come, in the same way.
6. Last, those who were skipped a moment ago.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from offices.promises import EARLY_ARRIVAL

PRIORITY_LANE: Final = "priority"


class Why(StrEnum):
    """Why a visit has its position."""

    AGAIN = "again"
    BOOKED = "booked"
    WALK_IN = "walk_in"
    RETURN = "return"
    LATE = "late"
    PRIORITY = "priority"
    HANDED_ON = "handed_on"
    EARLY = "early"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Terms:
    """The numbers of the rule: an office's dated policy."""

    priority_after: int
    calls_before_again: int


@dataclass(frozen=True)
class Candidate:
    """A waiting visit, as the rule sees it.

    `hour`: the start of the booked hour, or of the hour whose place the visit took. `is_booked`:
    False for a walk-in and a return. `behind_since`: when a late person arrived, or a person came
    back. `other_calls`: calls of others since it was skipped; None if it was not.
    """

    id: int
    lane: str
    hour: datetime
    arrived_at: datetime
    ticket: int
    is_booked: bool = True
    is_return: bool = False
    behind_since: datetime | None = None
    other_calls: int | None = None
    is_handed_on: bool = False


@dataclass(frozen=True)
class Position:
    """A visit's turn, and the reason for it."""

    id: int
    why: Why


def call_order(
    rows: Iterable[Candidate], *, recent_lanes: Sequence[str], terms: Terms, now: datetime
) -> list[Position]:
    """Return the visits in the order in which they are called.

    `recent_lanes`: the lanes of the hall's latest calls, newest first.
    """
    again: list[Candidate] = []
    due: list[Candidate] = []
    early: list[Candidate] = []
    skipped: list[Candidate] = []
    for row in rows:
        if row.other_calls is not None:
            is_turn = row.other_calls >= terms.calls_before_again
            (again if is_turn else skipped).append(row)
        elif row.behind_since is None and row.hour > now + EARLY_ARRIVAL:
            early.append(row)
        else:
            due.append(row)
    again.sort(key=lambda row: (-(row.other_calls or 0), row.ticket, row.id))
    skipped.sort(key=lambda row: (-(row.other_calls or 0), row.ticket, row.id))
    others = others_since_priority(recent_lanes)
    for row in again:
        others = _counted(row.lane, others)
    turns, others = _interleaved(due, others, terms.priority_after)
    later, _others = _interleaved(early, others, terms.priority_after)
    return [
        *(Position(row.id, Why.AGAIN) for row in again),
        *(Position(row.id, _why(row, is_by_lane=by_lane)) for row, by_lane in turns),
        *(Position(row.id, Why.EARLY) for row, _by_lane in later),
        *(Position(row.id, Why.SKIPPED) for row in skipped),
    ]


def others_since_priority(recent_lanes: Sequence[str]) -> int:
    """Return how many others were called since the latest call of the priority lane."""
    count = 0
    for lane in recent_lanes:
        if lane == PRIORITY_LANE:
            break
        count += 1
    return count


def _counted(lane: str, others: int) -> int:
    return 0 if lane == PRIORITY_LANE else others + 1


def _interleaved(
    rows: Sequence[Candidate], others: int, priority_after: int
) -> tuple[list[tuple[Candidate, bool]], int]:
    """Return the rows in order, with True where the priority lane's turn decided, and the new count."""
    priority = _in_lane_order([row for row in rows if row.lane == PRIORITY_LANE])
    rest = _in_lane_order([row for row in rows if row.lane != PRIORITY_LANE])
    ordered: list[tuple[Candidate, bool]] = []
    while priority or rest:
        is_turn = bool(priority) and (others >= priority_after or not rest)
        row = (priority if is_turn else rest).pop(0)
        ordered.append((row, is_turn))
        others = _counted(row.lane, others)
    return ordered, others


def _in_lane_order(rows: Sequence[Candidate]) -> list[Candidate]:
    """Order one lane: by hour, those booked for it first, and the late behind those present."""
    ordered = sorted((row for row in rows if row.behind_since is None), key=_by_hour)
    late = [row for row in rows if row.behind_since is not None]
    for row in sorted(late, key=lambda one: (one.behind_since, one.ticket, one.id)):
        ordered.insert(_behind_those_present(ordered, row), row)
    return ordered


def _by_hour(row: Candidate) -> tuple[datetime, bool, datetime, int, int]:
    # Of those booked for one hour, the first ticket is the first served, however early it is.
    joined = row.hour if row.is_booked else row.arrived_at
    return row.hour, not row.is_booked, joined, row.ticket, row.id


def _behind_those_present(ordered: Sequence[Candidate], late: Candidate) -> int:
    since = late.behind_since
    assert since is not None  # only the late have one
    present = [
        place for place, row in enumerate(ordered) if (row.behind_since or row.arrived_at) <= since
    ]
    return present[-1] + 1 if present else _before_later_hours(ordered, since)


def _before_later_hours(ordered: Sequence[Candidate], since: datetime) -> int:
    """Nobody was present: behind those whose hour had begun, before those of later hours."""
    return sum(row.hour <= since for row in ordered)


def _why(row: Candidate, *, is_by_lane: bool) -> Why:
    if row.is_handed_on:
        return Why.HANDED_ON
    if row.behind_since is not None:
        return Why.LATE
    if is_by_lane:
        return Why.PRIORITY
    if row.is_return:
        return Why.RETURN
    return Why.BOOKED if row.is_booked else Why.WALK_IN
