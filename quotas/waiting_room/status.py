"""The status that every waiting page polls: position, time of the turn, places left.

Answered from the cache of the process: no session, no query, no template. The answer has no
personal data.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil, floor
from typing import Any, Final, Literal

from quotas.waiting_room import order as pure
from quotas.waiting_room.order import Room, Ticket
from quotas.waiting_room.selectors import own_ticket, read_ticket, room_of, room_of_slot

State = Literal[
    "none", "soon", "apart", "early", "waiting", "admitted", "lapsed", "sold_out", "over"
]
# Seconds until the next poll: the nearer the turn, the sooner.
BEFORE_OPENING: Final = 20
FAR: Final = 10
NEAR: Final = 4
IS_NEAR: Final = 60
# A page polls up to a third sooner or later, so that a crowd does not poll in step.
SOONEST: Final = 0.7
# The target for polls a second before an opening.
MOST_REQUESTS_A_SECOND: Final = 2_000


def status_of(window_id: int, token: str, *, now: datetime) -> dict[str, Any]:
    """Return the status of a ticket, ready for JSON."""
    room = room_of(window_id, now=now)
    if room is None:
        return {"state": "none", "ask_again": BEFORE_OPENING}
    ticket = read_ticket(token, window_id=window_id)
    state = state_of(room, ticket, now=now)
    data: dict[str, Any] = {
        "state": state,
        # The own ticket may not be counted yet: each process writes its counts once a second.
        "waiting": max(room.total, 1) if ticket else room.total,
        "places": room.places,
        "left": room.left,
        "opens_at": room.opens_at.isoformat(),
        "at": now.isoformat(),
        "ask_again": BEFORE_OPENING if state in ("soon", "over") else FAR,
    }
    if state == "early":
        left = (room.opens_at - now).total_seconds()
        data["ask_again"] = ask_again_before(left, waiting=room.total)
    if ticket is None or now < room.opens_at:
        return data
    return data | _place_of(room, ticket, now)


def public_status(window_id: int, *, now: datetime) -> dict[str, Any]:
    """Return the status of a waiting room, the same for every reader, ready for JSON.

    From the opening on it has all that a page needs to compute the position of its own ticket: the
    published seed, how many early tickets have a smaller random number at each hundredth, the
    watermark and the rate (people a second).
    """
    room = room_of(window_id, now=now)
    if room is None:
        return {"state": "none", "at": now.isoformat(), "ask_again": BEFORE_OPENING}
    state = state_of(room, None, now=now)
    left = (room.opens_at - now).total_seconds()
    status: dict[str, Any] = {
        "state": state,
        "waiting": room.total,
        "places": room.places,
        "left": room.left,
        "opens_at": room.opens_at.isoformat(),
        "at": now.isoformat(),
        "ask_again": FAR,
    }
    if left > 0:
        status["ask_again"] = ask_again_before(left, waiting=room.total)
    elif state == "over":
        status["ask_again"] = BEFORE_OPENING
    else:
        status |= {
            "seed": room.seed,
            "early": room.early,
            "lots_before": list(room.lots_before),
            "watermark": round(pure.watermark(room, now), 3),
            "rate": pure.mark_at(room, now).rate,
        }
    return status


def ask_again_before(left: float, *, waiting: int) -> int:
    """Return the seconds until the next poll when the opening is in `left` seconds.

    Pages poll right after the opening, even the early ones: the first in the order must not be
    late. The larger the crowd, the wider its polls are spread.
    """
    spread = waiting // MOST_REQUESTS_A_SECOND
    return min(BEFORE_OPENING, max(NEAR, spread, ceil(left / SOONEST)))


def state_of(room: Room, ticket: Ticket | None, *, now: datetime) -> State:
    """Return the state of a ticket; without one, that of the room."""
    if room.has_ended(now) or now >= room.closes_at:
        return "over"
    if now < room.opens_at:
        return "early" if ticket else "apart" if now >= room.joins_from else "soon"
    if room.places and not room.left:
        return "sold_out"
    if ticket is None:
        return "apart"
    ends = pure.turn_ends(room, ticket, now)
    if ends is None:
        return "waiting"
    return "admitted" if now < ends else "lapsed"


def _place_of(room: Room, ticket: Ticket, now: datetime) -> dict[str, Any]:
    place, reached = pure.position(room, ticket), pure.watermark(room, now)
    wait = pure.seconds_to_wait(room, ticket, now)
    ends = pure.turn_ends(room, ticket, now)
    return {
        "position": floor(place) + 1,
        "waiting": max(room.total, floor(place) + 1),
        "let_in": min(floor(reached), room.total),
        "ahead": max(0, ceil(place - reached)),
        "wait_seconds": wait,
        "turn_ends_at": ends.isoformat() if ends else None,
        "ask_again": NEAR if ends is None and wait is not None and wait <= IS_NEAR else FAR,
    }


@dataclass(frozen=True)
class RoomToPass:
    """The room that applies to a slot now, and whether the account has been admitted."""

    room: Room
    has_ticket: bool
    is_passed: bool

    @property
    def window_id(self) -> int:
        return self.room.window_id


def room_to_pass(
    slot_id: int, *, account_id: int, tokens: Sequence[str], now: datetime
) -> RoomToPass | None:
    """Return the room that guards the places of a slot now, or None."""
    gate = room_before(slot_id, account_id=account_id, tokens=tokens, now=now)
    return gate if gate is not None and gate.room.guards(now) else None


def room_before(
    slot_id: int, *, account_id: int, tokens: Sequence[str], now: datetime
) -> RoomToPass | None:
    """Return the room of a slot from when people can join until it ends."""
    window_id = room_of_slot(slot_id, now=now)
    room = None if window_id is None else room_of(window_id, now=now)
    if window_id is None or room is None or now < room.joins_from or room.has_ended(now):
        return None
    own = (own_ticket(token, window_id=window_id, account_id=account_id) for token in tokens)
    tickets = [ticket for ticket in own if ticket is not None]
    ends = (pure.turn_ends(room, ticket, now) for ticket in tickets)
    is_passed = any(until is not None and now < until for until in ends)
    return RoomToPass(room, bool(tickets), is_passed)
