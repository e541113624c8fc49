"""Moves by the office: the bookings of a closure, party by party, in their original order, or one booking.

Each party is one transaction under a lock on the office's row: a worker that dies leaves no family
half moved, the next run continues where it stopped, and concurrent workers take turns.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.models import User
from booking.bookings.changes import check_slot, leave_place, move_to
from booking.bookings.errors import BookingChanged, SameSlot, TooLate
from booking.bookings.messages import (
    queue_all_changed_messages,
    queue_displaced_message,
    queue_moved_message,
)
from booking.bookings.models import Booking, DisplacedBooking, Displacement
from booking.bookings.selectors import alternatives_to
from booking.closures.errors import AlreadyAnswered
from booking.closures.selectors import can_choose_another, free_slots_after, remaining_bookings
from booking.lottery.models import DrawEntry
from booking.statuses import Status
from core.db import busy_on_timeout
from core.errors import NotFound
from notices.links import LinkUse, record_answer
from offices.closures.models import Closure
from offices.directory.models import Lane, Office
from offices.permissions import Right, check_right
from quotas.places.errors import NotYetOpen, SlotFull, WindowClosed
from quotas.places.models import Slot
from quotas.places.services import take_for_office, take_places
from quotas.windows.closures import offer_what_goes_on

ONLINE: Final = "online"
TRIES: Final = 3  # a free place may be taken by others before we lock it
WITH_ALL: Final = (
    "applicant__account",
    "office",
    "slot__office",
    "slot__lane",
    "slot__group",
    "service_type__group",
    "party",
)


def move_everyone(*, closure_id: int, now: dt.datetime, limit: int = 10_000) -> int:
    """Move the parties that a closure affects, up to `limit`; return how many. Raises Busy."""
    moved = 0
    while moved < limit and move_next_party(closure_id=closure_id, now=now):
        moved += 1
    return moved


def move_next_party(*, closure_id: int, now: dt.datetime) -> bool:
    """Move the next party in the original order; return False when all are moved. Raises Busy."""
    with busy_on_timeout(), transaction.atomic():
        closure = Closure.objects.select_related("office", "merged_into", "made_by").get(
            pk=closure_id
        )
        _lock_office(closure.office_id)
        first = remaining_bookings(closure).values_list("party_id", flat=True).first()
        if first is None:
            _finish(closure, now=now)
            return False
        won = _lock_win(first)
        bookings = _locked(list(remaining_bookings(closure).filter(party_id=first)))
        if bookings:
            _displace(closure, bookings, now=now)
            _settle_win(won)
        return True


def place_waiting(*, displacement_id: int, now: dt.datetime) -> bool:
    """Give a displaced party a place, if there is one by now; return whether it got one. Raises Busy."""
    with busy_on_timeout(), transaction.atomic():
        rows = Displacement.objects.select_related(
            "closure__office", "closure__merged_into", "closure__made_by", "moved_by"
        )
        _lock_office(_office_id(rows.get(pk=displacement_id)))
        _lock_move(displacement_id)
        displacement = rows.get(pk=displacement_id)
        waiting = [row.booking for row in displacement.members.select_related("booking")]
        bookings = [row for row in _locked(waiting) if row.status == Status.DISPLACED]
        if not bookings or displacement.placed_at is not None:
            return False
        was = bookings[0].slot
        if not _place(displacement, bookings, now=now):
            return False
        queue_moved_message(bookings, displacement=displacement, was=was, now=now)
        return True


def accept_move(*, displacement_id: int, use: LinkUse | None = None, now: dt.datetime) -> None:
    """Accept the slot that the office proposed. Doing it twice changes nothing the second time.

    Raises AlreadyAnswered if another slot was chosen, BookingChanged if there is no slot yet.
    """
    with busy_on_timeout(), transaction.atomic():
        members = _open_members(displacement_id)
        if not members:
            rows = DisplacedBooking.objects.filter(displacement_id=displacement_id)
            if rows.filter(answer=DisplacedBooking.Answer.ACCEPTED).exists():
                return
            raise AlreadyAnswered
        statuses = {row.status for row in _locked([member.booking for member in members])}
        if Status.BOOKED not in statuses:
            raise BookingChanged
        _answer(members, DisplacedBooking.Answer.ACCEPTED, now=now)
        record_answer(use, action=DisplacedBooking.Answer.ACCEPTED, now=now)


def choose_another(
    *, displacement_id: int, slot_id: int, use: LinkUse | None = None, now: dt.datetime
) -> list[Booking]:
    """Move a displaced party to a slot of its own choice, all of its people or none.

    Free of sanction, once, and without using up the applicant's own change. Raises
    AlreadyAnswered, BookingChanged, TooLate, SameSlot, InvalidInput, Busy; with alternatives
    SlotFull, NotYetOpen, WindowClosed.
    """
    slot = Slot.objects.select_related("office", "group", "lane").filter(pk=slot_id).first()
    wanted, service = 1, None
    try:
        with busy_on_timeout(), transaction.atomic():
            members = _open_members(displacement_id)
            if not members:
                raise AlreadyAnswered
            moved = Displacement.objects.get(pk=displacement_id)
            rows = [member.booking for member in members]
            bookings = _movable(rows, slot_id, placed_at=moved.placed_at, now=now)
            wanted, service = len(bookings), bookings[0].service_type_id
            _choose(bookings, check_slot(bookings[0], slot), now=now)
            _answer(members, DisplacedBooking.Answer.OTHER, now=now)
            record_answer(use, action=DisplacedBooking.Answer.OTHER, now=now)
            queue_all_changed_messages(bookings, now=now)
            return bookings
    except (SlotFull, NotYetOpen, WindowClosed) as error:
        if slot is not None:
            error.alternatives = alternatives_to(  # type: ignore[assignment]
                slot.office,
                group=slot.group,
                near=slot.starts_at,
                now=now,
                wanted=wanted,
                but_not=slot.pk,
                service=service,
            )
        raise


def move_to_later_day(
    *, booking_id: UUID, cause: Displacement.Cause, by: User, now: dt.datetime
) -> Booking:
    """Move one booking of today to the first place of a later day, free of sanction.

    The applicant may accept the new slot or choose another one, and keeps the own change. Without a
    free place the booking waits for one with priority. The caller has checked the officer's right.
    Raises NotFound, BookingChanged if the person has been checked in or the booking has ended, Busy.
    """
    with busy_on_timeout(), transaction.atomic():
        owner = Booking.objects.filter(pk=booking_id).values_list("office_id", flat=True).first()
        if owner is None:
            raise NotFound
        _lock_office(owner)
        [booking] = _locked(list(Booking.objects.filter(pk=booking_id)))
        if booking.status != Status.BOOKED or booking.place_id is None:
            raise BookingChanged
        was, place_id = booking.slot, booking.place_id
        later = booking.office.local_day(now) + dt.timedelta(days=1)
        displacement = Displacement.objects.create(
            party=booking.party, cause=cause, not_before=later, moved_by=by, displaced_at=now
        )
        displacement.members.create(booking=booking, place_from_id=place_id)
        leave_place(booking, to=Status.DISPLACED, by=by, now=now, reason=cause.value)
        is_placed = _place(displacement, [booking], now=now)
        tell = queue_moved_message if is_placed else queue_displaced_message
        tell([booking], displacement=displacement, was=was, now=now)
        return booking


def record_notified(*, displacement_id: int, by: User, now: dt.datetime) -> None:
    """Record that an officer notified a party that has no e-mail address. Raises NotFound."""
    with busy_on_timeout(), transaction.atomic():
        rows = Displacement.objects.select_for_update(no_key=True, of=("self",))
        rows = rows.select_related("closure__office")
        displacement = rows.filter(pk=displacement_id).first()
        if displacement is None:
            raise NotFound
        if displacement.closure is None:
            raise NotFound
        office = displacement.closure.office
        check_right(by, Right.CLOSE_OFFICE, office=office, now=now)
        if displacement.notified_at is None:
            displacement.notified_at, displacement.notified_by = now, by
            displacement.save(update_fields=["notified_at", "notified_by"])


def _office_id(displacement: Displacement) -> int:
    """Return the office whose row serialises moves: the closed one, or that of the booking."""
    if displacement.closure is not None:
        return displacement.closure.office_id
    member = displacement.members.select_related("booking")[0]
    return member.booking.office_id


def _lock_office(office_id: int) -> None:
    Office.objects.select_for_update(no_key=True).get(pk=office_id)


def _lock_move(displacement_id: int) -> None:
    locked = Displacement.objects.select_for_update(no_key=True).filter(pk=displacement_id)
    if not locked.values_list("pk", flat=True):
        raise NotFound


def _lock_win(party_id: int) -> DrawEntry | None:
    """Lock the party's lottery win. Wins are locked before bookings, as when claiming or passing on."""
    rows = DrawEntry.objects.select_for_update(no_key=True)
    return rows.filter(party_id=party_id, outcome=DrawEntry.Outcome.WON).first()


def _settle_win(won: DrawEntry | None) -> None:
    """Mark a moved win as claimed, so that it does not lapse."""
    if won is not None:
        won.outcome = DrawEntry.Outcome.CLAIMED
        won.save(update_fields=["outcome"])


def _finish(closure: Closure, *, now: dt.datetime) -> None:
    """Mark the closure's move as finished, and offer the freed places for services that continue."""
    if closure.moved_at is None:
        closure.moved_at = now
        closure.save(update_fields=["moved_at"])
        offer_what_goes_on(closure=closure, now=now)


def _locked(rows: Sequence[Booking]) -> list[Booking]:
    """Lock bookings in the order of their ids, then read them in the order of service."""
    ids: list[UUID] = [row.pk for row in rows]
    locked = Booking.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    list(locked.values_list("pk", flat=True))
    return list(
        Booking.objects.select_related(*WITH_ALL)
        .filter(pk__in=ids)
        .order_by("slot__starts_at", "placed_at", "place_id", "pk")
    )


def _displace(closure: Closure, bookings: Sequence[Booking], *, now: dt.datetime) -> None:
    """Take away a party's slot and give it another one. It waits if no slot has room for all of it."""
    # One of them may have cancelled between our read and our lock: that wins.
    bound = [row for row in bookings if row.status in (Status.HELD, Status.BOOKED)]
    if not bound:
        return
    displacement, _is_new = Displacement.objects.get_or_create(
        closure=closure, party=bound[0].party, defaults={"displaced_at": now}
    )
    was = bound[0].slot
    for booking in bound:
        assert booking.place_id is not None
        DisplacedBooking.objects.create(
            displacement=displacement, booking=booking, place_from_id=booking.place_id
        )
        reason = f"{closure.reason}"[:200]
        leave_place(booking, to=Status.DISPLACED, by=closure.made_by, now=now, reason=reason)
    if _place(displacement, bound, now=now):
        queue_moved_message(bound, displacement=displacement, was=was, now=now)
    else:
        queue_displaced_message(bound, displacement=displacement, was=was, now=now)


def _place(displacement: Displacement, bookings: Sequence[Booking], *, now: dt.datetime) -> bool:
    """Give a displaced party the earliest slot that has a place for each of its people."""
    closure, first = displacement.closure, bookings[0]
    holders = [booking.pk for booking in bookings]
    slots = free_slots_after(
        (closure.merged_into if closure else None) or first.office,
        group_id=first.slot.group_id,
        lane=lane_for(first.slot),
        since=_since(displacement, first),
        now=now,
    ).filter(free__gte=len(holders))
    for slot in slots.select_related("office", "lane", "group")[:TRIES]:
        try:
            places = take_for_office(slot_id=slot.pk, holders=holders)
        except SlotFull:
            continue
        for booking, place_id in zip(bookings, places, strict=True):
            move_to(
                booking,
                slot,
                place_id=place_id,
                via=Booking.Via.MOVED_BY_OFFICE,
                by=displacement.made_by,
                now=now,
            )
            booking.displacements.filter(displacement=displacement).update(place_to_id=place_id)
        displacement.placed_at = now
        displacement.save(update_fields=["placed_at"])
        return True
    return False


def _since(displacement: Displacement, first: Booking) -> dt.datetime:
    """Return the earliest start of the new slot."""
    if displacement.not_before is None:
        return first.slot.starts_at
    return first.office.at(displacement.not_before, dt.time())


def lane_for(slot: Slot) -> str:
    """Return the lane for the new slot: desk lanes cannot be booked ahead, so they become online."""
    return str(slot.lane_id) if slot.lane.booked_at == Lane.BookedAt.ONLINE else ONLINE


def _open_members(displacement_id: int) -> list[DisplacedBooking]:
    """Lock the move, and return its unanswered members that still have a booking."""
    _lock_move(displacement_id)
    rows = DisplacedBooking.objects.filter(
        displacement_id=displacement_id,
        answered_at__isnull=True,
        booking__status__in=(Status.BOOKED, Status.DISPLACED),
    )
    return list(rows.select_related("booking").order_by("booking_id"))


def _movable(
    rows: Sequence[Booking], slot_id: int, *, placed_at: dt.datetime | None, now: dt.datetime
) -> list[Booking]:
    """Lock the bookings that can still be moved. Raises BookingChanged, TooLate, SameSlot."""
    bookings = [row for row in _locked(rows) if row.status in (Status.BOOKED, Status.DISPLACED)]
    if not bookings:
        raise BookingChanged
    booked = [row for row in bookings if row.status == Status.BOOKED]
    if not all(can_choose_another(row, placed_at=placed_at, now=now) for row in booked):
        raise TooLate
    if booked and all(row.slot_id == slot_id for row in booked):
        raise SameSlot
    return bookings


def _choose(bookings: Sequence[Booking], slot: Slot, *, now: dt.datetime) -> None:
    account = bookings[0].applicant.account
    if account is None:
        raise NotFound
    holders = [booking.pk for booking in bookings]
    places = take_places(slot_id=slot.pk, holders=holders, now=now, lanes_booked_at="online")
    for booking, place_id in zip(bookings, places, strict=True):
        move_to(
            booking,
            slot,
            place_id=place_id,
            via=Booking.Via.MOVED_BY_APPLICANT,
            by=account,
            now=now,
        )


def _answer(
    members: Sequence[DisplacedBooking], answer: DisplacedBooking.Answer, *, now: dt.datetime
) -> None:
    DisplacedBooking.objects.filter(pk__in=[row.pk for row in members]).update(
        answered_at=now, answer=answer
    )
