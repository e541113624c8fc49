"""Each way of booking (`via`) with the right that it needs, and where its places come from."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from booking.models import Booking, Status
from quotas.services import hand_over_places, take_drawn, take_places

Via = Booking.Via
# The ids of the bookings to be made, by slot, in the order in which they get places.
Holders = Mapping[int, Sequence[UUID]]


@dataclass(frozen=True)
class OpenWindow:
    """First come: the window is open by the clock, and its waiting room has admitted the account."""

    via: ClassVar = Via.FIRST_COME
    status: ClassVar = Status.BOOKED
    expires_at: ClassVar[dt.datetime | None] = None
    room_tickets: Sequence[str] = ()

    def take(self, holders: Holders, *, now: dt.datetime) -> dict[UUID, int]:
        """Raises SlotFull, NotYetOpen, WindowClosed, Busy."""
        taken: dict[UUID, int] = {}
        for slot_id, ids in sorted(holders.items()):
            places = take_places(slot_id=slot_id, holders=ids, now=now, has_looked=True)
            taken |= zip(ids, places, strict=True)
        return taken


@dataclass(frozen=True)
class DeskOfficer:
    """At the desk: an officer who serves people there, and a lane that is given away there."""

    via: ClassVar = Via.DESK
    status: ClassVar = Status.BOOKED
    expires_at: ClassVar[dt.datetime | None] = None

    def take(self, holders: Holders, *, now: dt.datetime) -> dict[UUID, int]:
        """Raises NotFound for another lane, SlotFull, NotYetOpen, WindowClosed, Busy."""
        taken: dict[UUID, int] = {}
        for slot_id, ids in sorted(holders.items()):
            places = take_places(slot_id=slot_id, holders=ids, now=now, lanes_booked_at="desk")
            taken |= zip(ids, places, strict=True)
        return taken


@dataclass(frozen=True)
class AcceptedOffer:
    """From the waiting list: an offer of the account that holds these places for it."""

    via: ClassVar = Via.WAITING_LIST
    status: ClassVar = Status.BOOKED
    expires_at: ClassVar[dt.datetime | None] = None
    offer_id: UUID
    place_ids: Sequence[int]

    def take(self, holders: Holders, *, now: dt.datetime) -> dict[UUID, int]:
        """Raises PlaceNotHeld when the offer no longer holds one of them."""
        ids = [booking_id for same in holders.values() for booking_id in same]
        hand_over_places(place_ids=self.place_ids, holder=self.offer_id, to=ids)
        return dict(zip(ids, self.place_ids, strict=True))


@dataclass(frozen=True)
class LotteryWin:
    """From a lottery, under its window's lock: places reserved for it, held until the win is claimed."""

    via: ClassVar = Via.DRAW
    status: ClassVar = Status.HELD
    window_id: int
    expires_at: dt.datetime

    def take(self, holders: Holders, *, now: dt.datetime) -> dict[UUID, int]:
        """Raises Busy when a closure took one of them: the lottery is held again."""
        taken: dict[UUID, int] = {}
        for slot_id, ids in sorted(holders.items()):
            places = take_drawn(window_id=self.window_id, slot_id=slot_id, holders=ids, now=now)
            taken |= zip(ids, places, strict=True)
        return taken


BookingRight = OpenWindow | DeskOfficer | AcceptedOffer | LotteryWin
