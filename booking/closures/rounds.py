"""One run over the waiting lists: end what is over, place displaced parties first, then make offers."""

import datetime as dt
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from booking.closures.moves import place_waiting
from booking.closures.selectors import waiting_displacements
from booking.waiting_list.offers import (
    end_waiting,
    expire_offer,
    offer_next,
    queue_due_offer_message,
    withdraw_offer,
)
from booking.waiting_list.selectors import due_offers, ended_statuses, offices_with_waiting
from core.errors import Busy

OFFERS_A_RUN: Final = 200


@dataclass
class Round:
    """Counts of what one run did."""

    expired: int = 0
    withdrawn: int = 0
    ended: int = 0
    offered: int = 0
    notified: int = 0


def serve_waiting_lists(*, now: dt.datetime) -> Round:
    """Do everything that is due at every waiting list. Safe to run repeatedly and concurrently.

    Each step is its own transaction: a worker that dies leaves no half-made offer, and the next run continues.
    """
    done, due = Round(), due_offers(now=now)
    for offer_id in due["withdrawn"]:
        with suppress(Busy):
            done.withdrawn += withdraw_offer(offer_id=offer_id, now=now)
    for offer_id in due["over"]:
        with suppress(Busy):
            done.expired += expire_offer(offer_id=offer_id, now=now)
    for entry_id in ended_statuses(now=now):
        with suppress(Busy):
            done.ended += end_waiting(entry_id=entry_id, now=now)
    offices = offices_with_waiting()
    # Displaced parties come before the waiting list (law 6).
    for displacement_id in waiting_displacements() if offices else ():
        with suppress(Busy):
            place_waiting(displacement_id=displacement_id, now=now)
    for office_id in offices:
        with suppress(Busy):
            while done.offered < OFFERS_A_RUN and offer_next(office_id=office_id, now=now):
                done.offered += 1
    for offer_id in due_offers(now=now)["to_tell"]:
        with suppress(Busy):
            done.notified += queue_due_offer_message(offer_id=offer_id, now=now)
    return done
