"""Accepting an offer: its places change hands in one transaction, to new bookings or to those that people have.

Lock order: the entry, applicants, bookings, places, person keys.
"""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import transaction

from booking.errors import AlreadyBooked, OfferOver, TooLate
from booking.models import (
    LIVE,
    Applicant,
    Booking,
    BookingEvent,
    DisplacedBooking,
    Offer,
    OfferStatus,
    Party,
    Status,
    WaitingListEntry,
    WaitingMember,
    WaitingStatus,
)
from booking.selectors import free_move_of
from booking.services.applications import check_products
from booking.services.caps import check_caps, refuse_restricted
from booking.services.claims import ONE_LIVE
from booking.services.draw_holds import attach_applications
from booking.services.messages import tell_all_changed, tell_confirmed
from booking.services.moves import move_to
from booking.services.offers import close_offer, end_entry, lock_offer_of
from core.db import busy_on_timeout, constraints_as_errors
from core.ids import new_id
from quotas.errors import PlaceNotHeld
from quotas.services import hand_over_places

MOVABLE: Final = (Status.BOOKED, Status.DISPLACED)


@dataclass(frozen=True)
class _Seat:
    """A person of the entry and the booking that moves, when they have one."""

    member: WaitingMember
    person: Applicant
    moving: Booking | None


def accept_offer(*, offer_id: UUID, account_id: int, now: dt.datetime) -> Offer:
    """Make the offered places theirs: new bookings, and for whoever has an hour already, that booking moved.

    A move by the waiting list leaves the applicant's one change untouched. Accepting twice, from
    two devices too, gives the same. Raises NotFound, OfferOver, AlreadyBooked, TooLate, Restricted,
    LimitReached, ProductNotMade, Busy; then nothing has changed and the offer stands.
    """
    with busy_on_timeout(), constraints_as_errors(ONE_LIVE), transaction.atomic():
        offer = lock_offer_of(offer_id, account_id)
        if offer.status == OfferStatus.ACCEPTED:
            return offer
        if offer.status != OfferStatus.OPEN or offer.answer_by <= now:
            raise OfferOver
        entry = offer.entry
        seats = _seats(entry, now)
        fresh = [seat for seat in seats if seat.moving is None]
        _check_fresh(offer, fresh, now)
        moved = [seat.moving for seat in seats if seat.moving is not None]
        made = _drafts(offer, fresh, now)
        places = list(offer.places.order_by("place_id").values_list("place_id", flat=True))
        bookings = [*moved, *made]
        try:
            holders = [booking.pk for booking in bookings]
            hand_over_places(place_ids=places, holder=offer.pk, to=holders)
        except PlaceNotHeld:
            raise OfferOver from None
        taken = dict(zip(holders, places, strict=True))
        _move(offer, moved, taken, now)
        _make(made, taken, now)
        close_offer(offer, to=OfferStatus.ACCEPTED, by=entry.account, now=now)
        end_entry(entry, to=WaitingStatus.PLACED, by=entry.account, now=now)
        return offer


def _seats(entry: WaitingListEntry, now: dt.datetime) -> list[_Seat]:
    """Lock the people and the bookings that move. Raises OfferOver, AlreadyBooked, TooLate."""
    members = list(entry.members.filter(left_at__isnull=True).order_by("person_key"))
    ids = [member.applicant_id for member in members]
    locked = Applicant.objects.select_for_update(no_key=True, of=("self",)).order_by("pk")
    people = {row.pk: row for row in locked.select_related("account").filter(pk__in=ids)}
    for member in members:
        person = people[member.applicant_id]
        if person.removed_at is not None or person.person_key != member.person_key:
            raise OfferOver
    live = _live([member.person_key for member in members])
    seats = []
    for member in members:
        moving = live.get(member.person_key)
        if moving is not None:
            if moving.pk != member.booking_id or moving.status not in MOVABLE:
                raise AlreadyBooked
            is_bound = moving.status == Status.BOOKED
            if is_bound and moving.office.local_day(now) >= moving.slot.day:
                raise TooLate
        seats.append(_Seat(member, people[member.applicant_id], moving))
    return seats


def _live(keys: Sequence[str]) -> dict[str, Booking]:
    """Lock what these people have booked, then read it."""
    locked = Booking.objects.select_for_update(no_key=True).order_by("pk")
    ids = list(locked.filter(person_key__in=keys, status__in=LIVE).values_list("pk", flat=True))
    rows = Booking.objects.select_related(
        "applicant__account", "office", "slot__office", "slot__lane", "service_type__group"
    )
    return {row.person_key: row for row in rows.filter(pk__in=ids, status__in=LIVE)}


def _check_fresh(offer: Offer, fresh: Sequence[_Seat], now: dt.datetime) -> None:
    """Hold new bookings to what every online booking is held to."""
    people = [seat.person for seat in fresh]
    if not people:
        return
    office = offer.slot.office
    refuse_restricted(people=people, now=now)
    check_caps(
        account_id=offer.entry.account_id, office=office, people=people, device_key="", now=now
    )


def _drafts(offer: Offer, fresh: Sequence[_Seat], now: dt.datetime) -> list[Booking]:
    if not fresh:
        return []
    entry, key = offer.entry, f"waiting:{offer.pk}"
    offer.party = Party.objects.create(
        account_id=entry.account_id,
        key=key,
        body_hash=hashlib.sha256(key.encode()).hexdigest(),
        created_at=now,
    )
    drafts = [
        Booking(
            id=new_id(),
            account_id=entry.account_id,
            applicant=seat.person,
            person_key=seat.member.person_key,
            party=offer.party,
            service_type=entry.service_type,
            office=offer.slot.office,
            slot=offer.slot,
            status=Status.BOOKED,
            via=Booking.Via.WAITING_LIST,
            placed_at=now,
            key=key,
        )
        for seat in fresh
    ]
    attach_applications(drafts)
    ids = [one.application_id for one in drafts if one.application_id is not None]
    check_products(office=offer.slot.office, day=offer.slot.day, application_ids=ids)
    return drafts


def _make(made: Sequence[Booking], taken: dict[UUID, int], now: dt.datetime) -> None:
    """Write the new bookings, in the order of the person keys, with the first line of each one's history."""
    if not made:
        return
    for booking in made:
        booking.place_id = taken[booking.pk]
    Booking.objects.bulk_create(made)
    BookingEvent.objects.bulk_create(
        BookingEvent(
            booking=booking, kind=BookingEvent.Kind.MADE, new=Status.BOOKED,
            place_to_id=booking.place_id, by_id=booking.account_id, at=now,
        )
        for booking in made
    )  # fmt: skip
    tell_confirmed(made, now=now)


def _move(offer: Offer, moved: Sequence[Booking], taken: dict[UUID, int], now: dt.datetime) -> None:
    """Bind the bookings that people have to the new places, and give the old ones back."""
    for booking in moved:
        answered = free_move_of(booking)
        move_to(
            booking, offer.slot, place_id=taken[booking.pk], via=Booking.Via.WAITING_LIST,
            by=offer.entry.account, now=now,
        )  # fmt: skip
        if answered is not None:  # chosen by the applicant: the office's own proposal is settled
            answered.answered_at, answered.answer = now, DisplacedBooking.Answer.OTHER
            answered.save(update_fields=["answered_at", "answer"])
    if moved:
        tell_all_changed(moved, now=now)
