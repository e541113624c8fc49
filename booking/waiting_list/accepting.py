"""Accepting an offer: its places go to new bookings, or existing bookings move, in one transaction.

Lock order: the entry, applicants, bookings, the party, places, person keys.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import transaction

from booking.bookings import services
from booking.bookings.changes import move_to
from booking.bookings.checks import refuse_held
from booking.bookings.errors import ONE_LIVE, AlreadyBooked, BookedElsewhere, TooLate
from booking.bookings.messages import queue_all_changed_messages
from booking.bookings.models import Booking, DisplacedBooking
from booking.bookings.requests import AcceptedOffer, BookingRequest
from booking.bookings.selectors import free_move_of
from booking.people.models import Applicant
from booking.refusals.services import Action, Channel, record_refusal
from booking.statuses import LIVE, Status
from booking.waiting_list.errors import OfferOver
from booking.waiting_list.models import (
    Offer,
    OfferStatus,
    WaitingListEntry,
    WaitingMember,
    WaitingStatus,
)
from booking.waiting_list.offers import close_offer, end_entry, lock_offer_of
from core.db import busy_on_timeout, constraints_as_errors
from core.errors import DomainError
from notices.links import LinkUse, record_answer
from quotas.places.errors import PlaceNotHeld
from quotas.places.returns import hand_over_places

MOVABLE: Final = (Status.BOOKED, Status.DISPLACED)


@dataclass(frozen=True)
class _Participant:
    """A person of the entry, and their booking that moves, if any."""

    member: WaitingMember
    person: Applicant
    moving: Booking | None


def accept_offer(
    *, offer_id: UUID, account_id: int, use: LinkUse | None = None, now: dt.datetime
) -> Offer:
    """Accept an offer: create bookings, and move the bookings of those who already have one.

    A move by the waiting list does not use up the applicant's one change. Accepting twice, also from
    two devices, gives the same result. Raises NotFound, OfferOver, AlreadyBooked, NotBookable, TooLate,
    Restricted, LimitReached, ProductNotMade, Busy; then nothing has changed and the offer stays open.
    """
    with busy_on_timeout(), constraints_as_errors(ONE_LIVE), transaction.atomic():
        offer = lock_offer_of(offer_id, account_id)
        if offer.status == OfferStatus.ACCEPTED:
            return offer
        if offer.status != OfferStatus.OPEN or offer.answer_by <= now:
            raise OfferOver
        entry = offer.entry
        participants = _participants(entry, now)
        fresh = [participant.person for participant in participants if participant.moving is None]
        moved = [
            participant.moving for participant in participants if participant.moving is not None
        ]
        places = list(offer.places.order_by("place_id").values_list("place_id", flat=True))
        try:
            _book(offer, fresh, places[: len(fresh)], now)
            _move(offer, moved, places[len(fresh) :], now)
        except PlaceNotHeld:
            raise OfferOver from None
        close_offer(offer, to=OfferStatus.ACCEPTED, by=entry.account, now=now)
        end_entry(entry, to=WaitingStatus.PLACED, by=entry.account, now=now)
        record_answer(use, action=OfferStatus.ACCEPTED, now=now)
        return offer


def record_refused_offer(
    error: DomainError, offer: Offer, *, channel: Channel, now: dt.datetime
) -> None:
    """Record that an offer could not be accepted; outside the transaction that was rolled back."""
    record_refusal(
        error,
        channel=channel,
        action=Action.OFFER,
        account_id=offer.entry.account_id,
        slot=offer.slot,
        size=offer.entry.size,
        now=now,
    )


def _participants(entry: WaitingListEntry, now: dt.datetime) -> list[_Participant]:
    """Lock the people and the bookings that move. Raises OfferOver, AlreadyBooked, NotBookable, TooLate."""
    members = list(entry.members.filter(left_at__isnull=True).order_by("person_key"))
    ids = [member.applicant_id for member in members]
    locked = Applicant.objects.select_for_update(no_key=True, of=("self",)).order_by("pk")
    people = {row.pk: row for row in locked.select_related("account").filter(pk__in=ids)}
    for member in members:
        person = people[member.applicant_id]
        if person.removed_at is not None or person.person_key != member.person_key:
            raise OfferOver
    live = _live([member.person_key for member in members])
    participants = []
    for member in members:
        moving = live.get(member.person_key)
        if moving is not None:
            if moving.pk != member.booking_id or moving.status not in MOVABLE:
                refuse_held(
                    [(member.person_key, moving.account_id)],
                    account_id=entry.account_id,
                    own=AlreadyBooked,
                    elsewhere=BookedElsewhere,
                )
            is_bound = moving.status == Status.BOOKED
            if is_bound and moving.office.local_day(now) >= moving.slot.day:
                raise TooLate
        participants.append(_Participant(member, people[member.applicant_id], moving))
    return participants


def _live(keys: Sequence[str]) -> dict[str, Booking]:
    """Lock the live bookings of these people, then read them."""
    locked = Booking.objects.select_for_update(no_key=True).order_by("pk")
    ids = list(locked.filter(person_key__in=keys, status__in=LIVE).values_list("pk", flat=True))
    rows = Booking.objects.select_related(
        "applicant__account", "office", "slot__office", "slot__lane", "service_type__group"
    )
    return {row.person_key: row for row in rows.filter(pk__in=ids, status__in=LIVE)}


def _book(
    offer: Offer, people: Sequence[Applicant], place_ids: Sequence[int], now: dt.datetime
) -> None:
    """Book those who have no booking yet. Raises what create_bookings raises."""
    if not people:
        return
    entry = offer.entry
    request = BookingRequest(
        account_id=entry.account_id,
        slot_id=offer.slot_id,
        applicant_ids=[person.pk for person in people],
        service_type=entry.service_type.code,
        key=f"waiting:{offer.pk}",
    )
    right = AcceptedOffer(offer_id=offer.pk, place_ids=place_ids)
    [offer.party] = services.create_bookings(
        requests=[request], right=right, by=entry.account, now=now
    )


def _move(
    offer: Offer, moved: Sequence[Booking], place_ids: Sequence[int], now: dt.datetime
) -> None:
    """Move existing bookings to the new places, and free the old ones."""
    if not moved:
        return
    hand_over_places(place_ids=place_ids, holder=offer.pk, to=[booking.pk for booking in moved])
    for booking, place_id in zip(moved, place_ids, strict=True):
        answered = free_move_of(booking)
        move_to(
            booking,
            offer.slot,
            place_id=place_id,
            via=Booking.Via.WAITING_LIST,
            by=offer.entry.account,
            now=now,
        )
        if (
            answered is not None
        ):  # the applicant chose this slot, which also answers the office's proposal
            answered.answered_at, answered.answer = now, DisplacedBooking.Answer.OTHER
            answered.save(update_fields=["answered_at", "answer"])
    queue_all_changed_messages(moved, now=now)
