"""Moves by the office: the bookings of a closure, party by party, in their original order, or one booking.

Each party is one transaction under a lock on the office's row: a worker that dies leaves no family
half moved, the next run continues where it stopped, and concurrent workers take turns.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.models import User
from booking.bookings.changes import leave_place, move_to, needs_of, slot_for, take_for
from booking.bookings.errors import ONE_LIVE, BookingChanged, SameSlot, TooLate
from booking.bookings.hours import alternatives_to
from booking.bookings.messages import (
    queue_all_changed_messages,
    queue_displaced_message,
    queue_evening_message,
    queue_moved_message,
)
from booking.bookings.models import Booking, DisplacedBooking, Displacement
from booking.closures.errors import AlreadyAnswered, NoEveningPlace
from booking.closures.selectors import (
    can_choose_another,
    evening_slots,
    free_slots_after,
    in_original_order,
    remaining_bookings,
)
from booking.lottery.models import DrawEntry
from booking.statuses import Status
from core.db import busy_on_timeout, constraints_as_errors
from core.errors import NotFound
from notices.links import LinkUse, record_answer
from offices.closures.models import Closure
from offices.directory.models import Lane, Office
from offices.permissions import Right, check_right
from quotas.places.errors import NotYetOpen, SlotFull, WindowClosed
from quotas.places.models import Slot
from quotas.places.services import take_for_office
from quotas.windows.closures import offer_what_goes_on

ONLINE: Final = "online"
Cause = Displacement.Cause
# Who may move one person to a later day, and from which status, by the cause.
RIGHT_TO_MOVE: Final = {
    Cause.UNSERVED: Right.CLOSE_DAY,
    Cause.SCREENING: Right.SCREEN_PEOPLE,
}
MOVED_FROM: Final = {
    Cause.UNSERVED: (Status.CHECKED_IN, Status.LEFT),
    Cause.SCREENING: (Status.BOOKED,),
}
A_DAY: Final = dt.timedelta(days=1)
TRIES: Final = 3  # a free place may be taken by others before we lock it
WITH_CAUSE: Final = (
    "closure__office",
    "closure__merged_into",
    "closure__made_by",
    "office",
    "made_by",
)
WITH_ALL: Final = (
    "applicant__account",
    "bill",
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
        rows = Displacement.objects.select_related(*WITH_CAUSE)
        _lock_office(rows.get(pk=displacement_id).from_office.pk)
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
    bookings: list[Booking] = []
    try:
        with busy_on_timeout(), transaction.atomic():
            members = _open_members(displacement_id)
            if not members:
                raise AlreadyAnswered
            moved = Displacement.objects.get(pk=displacement_id)
            rows = [member.booking for member in members]
            bookings = _movable(rows, slot_id, placed_at=moved.placed_at, now=now)
            _choose(bookings, {row.pk: slot_for(row, slot) for row in bookings}, now=now)
            _answer(members, DisplacedBooking.Answer.OTHER, now=now)
            record_answer(use, action=DisplacedBooking.Answer.OTHER, now=now)
            queue_all_changed_messages(bookings, now=now)
            return bookings
    except (SlotFull, NotYetOpen, WindowClosed) as error:
        if slot is not None and bookings:
            error.alternatives = alternatives_to(  # type: ignore[assignment]
                slot.office, needs_of(bookings), near=slot.starts_at, now=now, but_not=slot.pk
            )
        raise


def move_to_later_day(
    *, booking_id: UUID, cause: Displacement.Cause, by: User, now: dt.datetime
) -> Displacement:
    """Move one booking of today to the first place of a later day, free of sanction.

    The person may accept the new slot or choose another one, and keeps the own change. Without a free
    place the booking waits for the next one, before everyone else. Runs in the caller's transaction.
    Raises NotFound, NotAllowed, BookingChanged if the booking was served, moved or ended in the
    meantime, AlreadyBooked, Busy.
    """
    with busy_on_timeout(), constraints_as_errors(ONE_LIVE), transaction.atomic():
        displacement, booking = _begin_move(booking_id, cause=cause, by=by, now=now)
        was = booking.slot
        leave_place(booking, to=Status.DISPLACED, by=by, now=now, reason=str(cause.value))
        if _place(displacement, [booking], now=now):
            queue_moved_message([booking], displacement=displacement, was=was, now=now)
        else:
            queue_displaced_message([booking], displacement=displacement, was=was, now=now)
        return displacement


def move_to_evening(*, booking_id: UUID, by: User, now: dt.datetime) -> Booking:
    """Give a person who is still waiting a place after closing time today; they stay checked in.

    Raises NotFound, NotAllowed, BookingChanged, NoEveningPlace, Busy.
    """
    with busy_on_timeout(), transaction.atomic():
        displacement, booking = _begin_move(
            booking_id, cause=Displacement.Cause.UNSERVED, by=by, now=now
        )
        if booking.status != Status.CHECKED_IN:
            raise BookingChanged
        was = booking.slot
        slots = evening_slots(booking.office, now=now).exclude(pk=was.pk)
        slots = slots.filter(lane=was.lane_id, group_id=was.group_id)
        for slot in slots[:TRIES]:
            with suppress(SlotFull):
                [place_id] = take_for_office(slot_id=slot.pk, holders=[booking.pk])
                move_to(
                    booking,
                    slot,
                    place_id=place_id,
                    via=Booking.Via.MOVED_BY_OFFICE,
                    by=by,
                    now=now,
                )
                # Agreed at the office: there is nothing to answer.
                booking.displacements.filter(displacement=displacement).update(
                    place_to_id=place_id, answered_at=now, answer=DisplacedBooking.Answer.ACCEPTED
                )
                Displacement.objects.filter(pk=displacement.pk).update(placed_at=now)
                queue_evening_message(booking, was=was, now=now)
                return booking
        raise NoEveningPlace


def _begin_move(
    booking_id: UUID, *, cause: Displacement.Cause, by: User, now: dt.datetime
) -> tuple[Displacement, Booking]:
    """Lock the office, then the booking; begin the move of one person to a later day."""
    office_id = Booking.objects.filter(pk=booking_id).values_list("office_id", flat=True).first()
    if office_id is None:
        raise NotFound
    _lock_office(office_id)
    [booking] = _locked_by_id([booking_id])
    office = booking.office
    check_right(by, RIGHT_TO_MOVE[cause], office=office, now=now)
    if booking.status not in MOVED_FROM[cause] or booking.place_id is None:
        raise BookingChanged
    displacement = Displacement.objects.create(
        cause=cause,
        office=office,
        not_before=office.local_day(now) + A_DAY,
        made_by=by,
        party=booking.party,
        displaced_at=now,
    )
    DisplacedBooking.objects.create(
        displacement=displacement, booking=booking, place_from_id=booking.place_id
    )
    return displacement, booking


def record_notified(*, displacement_id: int, by: User, now: dt.datetime) -> None:
    """Record that an officer notified a party that has no e-mail address. Raises NotFound."""
    with busy_on_timeout(), transaction.atomic():
        rows = Displacement.objects.select_for_update(no_key=True, of=("self",))
        displacement = rows.select_related(*WITH_CAUSE).filter(pk=displacement_id).first()
        if displacement is None:
            raise NotFound
        right = Right.CLOSE_DAY if displacement.closure is None else Right.CLOSE_OFFICE
        check_right(by, right, office=displacement.from_office, now=now)
        if displacement.notified_at is None:
            displacement.notified_at, displacement.notified_by = now, by
            displacement.save(update_fields=["notified_at", "notified_by"])


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


def _locked(rows: Iterable[Booking]) -> list[Booking]:
    """Lock bookings in the order of their ids, then read them in the order of service."""
    return _locked_by_id([row.pk for row in rows])


def _locked_by_id(ids: Collection[UUID]) -> list[Booking]:
    locked = Booking.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    list(locked.values_list("pk", flat=True))
    return list(in_original_order(Booking.objects.select_related(*WITH_ALL).filter(pk__in=ids)))


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
    """Give a displaced party the earliest hour that has a place for each of its people."""
    for slots in _hours_with_room(displacement, bookings, now=now)[:TRIES]:
        try:
            with transaction.atomic():
                places = _take_for_office(bookings, slots)
        except SlotFull:
            continue
        for booking in bookings:
            place_id = places[booking.pk]
            move_to(
                booking,
                slots[booking.slot.group_id],
                place_id=place_id,
                via=Booking.Via.MOVED_BY_OFFICE,
                by=displacement.moved_by,
                now=now,
            )
            booking.displacements.filter(displacement=displacement).update(place_to_id=place_id)
        displacement.placed_at = now
        displacement.save(update_fields=["placed_at"])
        return True
    return False


def _hours_with_room(
    displacement: Displacement, bookings: Sequence[Booking], *, now: dt.datetime
) -> list[dict[int, Slot]]:
    """Return hours with room for the whole party, earliest first: for each service group its slot.

    People of several groups stay together: their slots have the same start.
    """
    groups: dict[int, list[Booking]] = defaultdict(list)
    for booking in bookings:
        groups[booking.slot.group_id].append(booking)
    hours: dict[dt.datetime, dict[int, Slot]] = defaultdict(dict)
    for group_id, members in groups.items():
        rows = free_slots_after(
            displacement.to_office,
            group_id=group_id,
            lane=lane_for(members[0].slot),
            since=_since(displacement, bookings[0]),
            now=now,
        ).filter(free__gte=len(members))
        for slot in rows.select_related("office", "lane", "group"):
            hours[slot.starts_at].setdefault(group_id, slot)
    return [slots for _start, slots in sorted(hours.items()) if len(slots) == len(groups)]


def _take_for_office(bookings: Sequence[Booking], slots: Mapping[int, Slot]) -> dict[UUID, int]:
    """Take a place of its group's slot for each booking. Raises SlotFull."""
    holders: dict[int, list[UUID]] = defaultdict(list)
    for booking in bookings:
        holders[slots[booking.slot.group_id].pk].append(booking.pk)
    places: dict[UUID, int] = {}
    for slot_id, ids in sorted(holders.items()):
        places |= zip(ids, take_for_office(slot_id=slot_id, holders=ids), strict=True)
    return places


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


def _choose(bookings: Sequence[Booking], slots: Mapping[UUID, Slot], *, now: dt.datetime) -> None:
    account = bookings[0].applicant.account
    if account is None:
        raise NotFound
    places = take_for(bookings, slots, now=now)
    for booking in bookings:
        move_to(
            booking,
            slots[booking.pk],
            place_id=places[booking.pk],
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
