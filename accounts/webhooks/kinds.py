"""The kinds of events, each made from messages that the account gets anyway.

An event holds ids, codes, times and states, never a name or an identity number: whoever needs more reads it by
the API.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from notices.models import Message

Facts = dict[str, Any]
TEST: Final = "test"


@dataclass(frozen=True)
class EventKind:
    """A kind of event, the kinds of messages that it follows, and what it takes from one of them."""

    name: str
    messages: tuple[str, ...]
    facts: Callable[[Message], Facts]


def _bookings(message: Message) -> Facts:
    rows: list[Mapping[str, Any]] = message.context["bookings"]
    return {"bookings": [row["code"] for row in rows], "party": rows[0].get("party", "")}


def _bookings_and_slot(message: Message) -> Facts:
    return {**_bookings(message), **_times(message.context["slot"])}


def _times(slot: Mapping[str, Any]) -> Facts:
    return {"starts_at": slot["starts_at"], "ends_at": slot["ends_at"]}


def _ended_visit(message: Message) -> Facts:
    return {**_bookings(message), "state": message.context["why"]}


def _unpaid(message: Message) -> Facts:
    return {"bookings": [message.context["booking"]], "party": ""}


def _offer(message: Message) -> Facts:
    times = _times(message.context["slot"])
    answer_by = message.context["answer_by_at"]
    return {"waiting_entry": int(message.about_id), **times, "answer_by_at": answer_by}


def _one_booking(message: Message) -> Facts:
    return {"bookings": [message.context["code"]]}


KINDS: Final = (
    EventKind("booking.confirmed", ("booking_confirmed",), _bookings_and_slot),
    EventKind("booking.changed", ("booking_changed",), _bookings_and_slot),
    EventKind("booking.cancelled", ("booking_cancelled",), _bookings_and_slot),
    EventKind("booking.expired", ("payment_lapsed",), _unpaid),
    EventKind("booking.moved", ("booking_moved", "booking_evening"), _bookings_and_slot),
    EventKind("booking.displaced", ("booking_displaced",), _bookings),
    EventKind("offer.made", ("waiting_offer",), _offer),
    EventKind("visit.incomplete", ("visit_incomplete",), _one_booking),
    EventKind("visit.ended", ("booking_left",), _ended_visit),
    EventKind("passport.ready", ("passport_ready",), _one_booking),
)
NAMES: Final = tuple(kind.name for kind in KINDS)
KIND_OF_MESSAGE: Final = {message: kind for kind in KINDS for message in kind.messages}
