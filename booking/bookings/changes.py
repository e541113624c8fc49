"""Every change of a booking's status or place. Lock order: the booking, then places."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from booking.applications.services import ApplicationData, check_products, save_application
from booking.bookings.errors import (
    ONE_LIVE,
    BookingChanged,
    GroupNotServed,
    NotBookableOnline,
    SameSlot,
    ServiceClosed,
)
from booking.bookings.hours import Need, alternatives_to, slot_at_same_hour
from booking.bookings.messages import (
    queue_cancelled_message,
    queue_changed_message,
    queue_left_message,
)
from booking.bookings.models import Booking, BookingEvent, DisplacedBooking, Party
from booking.bookings.selectors import (
    counts_as_own_cancellation,
    free_move_of,
    why_not_cancel,
    why_not_reschedule,
)
from booking.payments.services import (
    follow_booking,
    open_prepaid_bill,
    payable_of,
    void_bill,
)
from booking.restrictions.attendance import could_have_been_served
from booking.restrictions.errors import AbsenceUnresolved
from booking.restrictions.services import lift_for_arrival, restrict_after_no_show
from booking.statuses import WITH_PLACE, Status
from core import status
from core.db import busy_on_timeout, constraints_as_errors
from core.errors import InvalidInput, NotFound
from offices.directory.models import Lane, ServiceType
from offices.permissions import Right, check_right
from quotas.places.errors import NotYetOpen, SlotFull, WindowClosed
from quotas.places.models import Slot
from quotas.places.returns import free_place
from quotas.places.services import take_at_office, take_places
from quotas.waiting_room.services import check_let_in


def cancel_booking(*, booking_id: UUID, by: User, now: dt.datetime, reason: str = "") -> Booking:
    """Cancel a booking and free its place, as `cancel_bookings` does."""
    [booking] = cancel_bookings(booking_ids=[booking_id], by=by, now=now, reason=reason)
    return booking


def cancel_bookings(
    *, booking_ids: Collection[UUID], by: User, now: dt.datetime, reason: str = ""
) -> list[Booking]:
    """Cancel bookings of one party and free their places, all or none; one message.

    Free of sanction until the visit begins. Allowed for their owner and the office's officers.
    Cancelling twice changes nothing the second time. The others of the party keep their places.
    Raises NotFound, NotAllowed, TooLate, BookingChanged, Busy.
    """
    with busy_on_timeout(), transaction.atomic():
        bookings = lock_party(booking_ids)
        for booking in bookings:
            _check_right(booking, by=by, now=now)
        ending = [booking for booking in bookings if booking.status != Status.CANCELLED]
        for booking in ending:
            if refusal := why_not_cancel(booking, now):
                raise refusal
        for booking in ending:
            own_at = now if counts_as_own_cancellation(booking, by=by) else None
            leave_place(
                booking, to=Status.CANCELLED, by=by, now=now, reason=reason, own_cancelled_at=own_at
            )
        if ending:
            queue_cancelled_message(ending, by=by, now=now)
        return bookings


def reschedule_booking(
    *, booking_id: UUID, slot_id: int, by: User, now: dt.datetime, room_tickets: Sequence[str] = ()
) -> Booking:
    """Move a booking to another slot, as `reschedule_bookings` does."""
    [booking] = reschedule_bookings(
        booking_ids=[booking_id], slot_id=slot_id, by=by, now=now, room_tickets=room_tickets
    )
    return booking


def reschedule_bookings(
    *,
    booking_ids: Collection[UUID],
    slot_id: int,
    by: User,
    now: dt.datetime,
    room_tickets: Sequence[str] = (),
) -> list[Booking]:
    """Move bookings of one party to another hour, at any office, all or none; one message.

    Each booking once, until the day before. People of another service group get the slot with the
    same start. A booking moved by the office can be rescheduled once without using up that change.
    Raises NotFound, InvalidInput, SameSlot, NoChangeLeft, TooLate, BookingChanged, NotLetIn, Busy;
    SlotFull, NotYetOpen, WindowClosed with alternatives. On failure the old places are kept.
    """
    check_let_in(slot_id=slot_id, account_id=by.pk, tokens=room_tickets, now=now)
    slot = Slot.objects.select_related("office", "group", "lane").filter(pk=slot_id).first()
    bookings: list[Booking] = []
    try:
        with busy_on_timeout(), transaction.atomic():
            bookings = lock_party(booking_ids)
            if any(booking.account_id != by.pk for booking in bookings):
                raise NotFound
            for booking in bookings:
                if booking.slot_id == slot_id and booking.status == Status.BOOKED:
                    raise SameSlot
                if refusal := why_not_reschedule(booking, now):
                    raise refusal
            moved = {booking.pk: free_move_of(booking) for booking in bookings}
            slots = {booking.pk: slot_for(booking, slot) for booking in bookings}
            _change_places(bookings, slots, by=by, now=now, free={pk for pk in moved if moved[pk]})
            for member in moved.values():
                if member is not None:
                    member.answered_at, member.answer = now, DisplacedBooking.Answer.OTHER
                    member.save(update_fields=["answered_at", "answer"])
            queue_changed_message(bookings, by=by, now=now)
            return bookings
    except (SlotFull, NotYetOpen, WindowClosed) as error:
        if slot is not None and bookings:
            error.alternatives = alternatives_to(  # type: ignore[assignment]
                slot.office, needs_of(bookings), near=slot.starts_at, now=now, but_not=slot.pk
            )
        raise


def check_in_booking(
    *, booking_id: UUID, by: User | None, now: dt.datetime, reason: str = ""
) -> Booking:
    """Record that the applicant has arrived; without an officer at a kiosk. Raises NotFound, BookingChanged, AlreadyBooked, Busy."""
    with busy_on_timeout(), constraints_as_errors(ONE_LIVE), transaction.atomic():
        booking = lock_booking(booking_id)
        check_in_locked(booking, by=by, now=now, reason=reason)
        return booking


def check_in_locked(
    booking: Booking, *, by: User | None, now: dt.datetime, reason: str = ""
) -> None:
    """Record the arrival for a booking that the caller has locked and read after that. Raises BookingChanged."""
    was_absent = booking.status == Status.NO_SHOW
    _move(booking, to=Status.CHECKED_IN, by=by, now=now, reason=reason)
    if by is not None and was_absent:  # a kiosk checks nobody in whose absence is recorded
        lift_for_arrival(booking=booking, by=by, now=now)


def undo_check_in_locked(booking: Booking, *, by: User, now: dt.datetime) -> None:
    """Take a check-in back: a booking that the caller has locked is booked again. Raises BookingChanged."""
    _move(booking, to=Status.BOOKED, by=by, now=now)


def move_at_office(*, booking_id: UUID, slot_id: int, by: User, now: dt.datetime) -> Booking:
    """Move a booking of a person at the office to another online hour there.

    Free of sanction: neither a no-show nor the applicant's one change. Raises NotFound, NotAllowed,
    BookingChanged unless it is still booked, SameSlot, SlotFull, Busy; on failure it keeps its place.
    """
    slot = Slot.objects.select_related("office", "group", "lane").filter(pk=slot_id).first()
    with busy_on_timeout(), transaction.atomic():
        booking = lock_booking(booking_id)
        check_right(by, Right.BOOK_AT_DESK, office=booking.office, now=now)
        if booking.status != Status.BOOKED:
            raise BookingChanged
        if booking.slot_id == slot_id:
            raise SameSlot
        slot = check_slot(booking, slot)
        if slot.office_id != booking.office_id or slot.ends_at <= now:
            raise NotBookableOnline
        [place] = take_at_office(slot_id=slot.pk, holders=[booking.pk], now=now)
        move_to(booking, slot, place_id=place, via=Booking.Via.AT_OFFICE, by=by, now=now)
        queue_changed_message([booking], by=by, now=now)
        return booking


def mark_served(*, booking_id: UUID, by: User, now: dt.datetime) -> Booking:
    """Record that the visit is finished. Raises NotFound, BookingChanged, Busy."""
    return _step(booking_id, to=Status.SERVED, by=by, now=now)


def serve_booking(booking: Booking, *, by: User, now: dt.datetime) -> Booking:
    """Record that the visit of a booking is finished, which the caller has locked and read after that.

    Raises BookingChanged.
    """
    _move(booking, to=Status.SERVED, by=by, now=now)
    return booking


def mark_no_show(
    *, booking_id: UUID, now: dt.datetime, by: User | None = None, reason: str = ""
) -> Booking:
    """Record that the person never came. They may be restricted by rule.

    Raises NotFound, BookingChanged if they came, AbsenceUnresolved if the office may not have been
    able to serve them, Busy.
    """
    with busy_on_timeout(), transaction.atomic():
        booking = lock_booking(booking_id)
        if booking.status != Status.BOOKED:
            raise BookingChanged
        if not could_have_been_served(booking, now=now):
            raise AbsenceUnresolved
        _move(booking, to=Status.NO_SHOW, by=by, now=now, reason=reason)
        restrict_after_no_show(booking=booking, now=now)
        return booking


def end_unserved(
    *, booking_id: UUID, why: str, now: dt.datetime, by: User | None = None, reason: str = ""
) -> Booking:
    """Record that the person came and the booking ended unserved, free of sanction, with a message.

    `why`: left (before being served), refused (the name does not match), overdue (did not return
    with documents). Raises NotFound, BookingChanged, Busy.
    """
    with busy_on_timeout(), transaction.atomic():
        _lock([booking_id])
        return end_unserved_locked(booking_id=booking_id, why=why, by=by, now=now, reason=reason)


def end_unserved_locked(
    *, booking_id: UUID, why: str, now: dt.datetime, by: User | None = None, reason: str = ""
) -> Booking:
    """Do the same with a booking that the caller has locked. Raises BookingChanged."""
    [booking] = _read([booking_id])
    _move(booking, to=Status.LEFT, by=by, now=now, reason=reason)
    queue_left_message(booking, why=why, now=now)
    return booking


def note_refused(*, booking_id: UUID, reason: str, by: User, now: dt.datetime) -> Booking:
    """Record that someone presented another person's ticket. The booking does not change.

    Raises NotFound, Busy.
    """
    with busy_on_timeout(), transaction.atomic():
        booking = lock_booking(booking_id)
        note_refused_locked(booking, reason=reason, by=by, now=now)
        return booking


def note_refused_locked(booking: Booking, *, reason: str, by: User, now: dt.datetime) -> None:
    """Record the same for a booking that the caller has locked."""
    status.note(
        booking,
        by=by,
        now=now,
        reason=reason,
        kind=BookingEvent.Kind.REFUSED,
        place_from_id=booking.place_id,
        place_to_id=booking.place_id,
    )


def change_service(
    *, booking_id: UUID, data: ApplicationData, by: User, now: dt.datetime
) -> Booking:
    """Give a booking another service of the same group and kind, with the application for it.

    For officers: new passport instead of replacement, or the reverse. The place stays. Raises
    NotFound, NotAllowed, InvalidInput, BookingChanged after the visit, ServiceClosed if a closure
    keeps the slot for other services, Busy.
    """
    with busy_on_timeout(), transaction.atomic():
        booking = lock_booking(booking_id)
        check_right(by, Right.BOOK_AT_DESK, office=booking.office, now=now)
        if not booking.is_live:
            raise BookingChanged
        old, new = booking.service_type, _other_service(booking, data.service_type)
        status.note(
            booking,
            by=by,
            now=now,
            reason=f"{old.code} > {new.code}",
            kind=BookingEvent.Kind.CONVERTED,
            place_from_id=booking.place_id,
            place_to_id=booking.place_id,
        )
        booking.service_type = new
        booking.save(update_fields=["service_type"])
        booking.application = save_application(
            applicant_id=booking.applicant_id, by=by, data=data, now=now
        )
        booking.save(update_fields=["application"])
        return booking


def _other_service(booking: Booking, code: str) -> ServiceType:
    """Return the office's other service of the same group and kind with this code."""
    old = booking.service_type
    rows = booking.office.service_types.filter(
        group_id=old.group_id, makes_passport=old.makes_passport
    )
    new = rows.select_related("group").filter(code=code).exclude(pk=old.pk).first()
    if new is None:
        text = _("Layanan ini tidak dapat menggantikan layanan pemohon. Pilih dari daftar.")
        raise InvalidInput(fields={"service_type": [text]})
    if not booking.slot.is_for(new.pk):
        raise ServiceClosed
    return new


def expire_hold(*, booking_id: UUID, now: dt.datetime) -> Booking:
    """Free the place of an expired hold. Raises NotFound, BookingChanged, Busy."""
    with busy_on_timeout(), transaction.atomic():
        booking = lock_booking(booking_id)
        if booking.expires_at is None or booking.expires_at > now:
            raise BookingChanged
        leave_place(booking, to=Status.EXPIRED, by=None, now=now)
        return booking


def keep_hold(*, booking_id: UUID, by: User, now: dt.datetime) -> Booking:
    """Turn a hold into a booking. Raises NotFound, BookingChanged, Busy."""
    with busy_on_timeout(), transaction.atomic():
        booking = _step(booking_id, to=Status.BOOKED, by=by, now=now)
        open_prepaid_bill(payable_of(booking), now=now)
        return booking


def expire_unpaid(booking: Booking, *, now: dt.datetime) -> None:
    """End a locked booking whose fee was not paid in time, free of sanction. Raises BookingChanged."""
    leave_place(booking, to=Status.EXPIRED, by=None, now=now)


def restore_unpaid(booking: Booking, *, place_id: int, by: User | None, now: dt.datetime) -> None:
    """Give a locked booking that was not paid in time a place of its slot again.

    Raises BookingChanged, and AlreadyBooked when its transaction ends if the person has another live booking.
    """
    _move(booking, to=Status.BOOKED, by=by, now=now, place_id=place_id)


def _step(
    booking_id: UUID, *, to: Status, by: User | None, now: dt.datetime, reason: str = ""
) -> Booking:
    # A corrected no-show becomes live again, but the person may have another live booking by now.
    with busy_on_timeout(), constraints_as_errors(ONE_LIVE), transaction.atomic():
        booking = lock_booking(booking_id)
        _move(booking, to=to, by=by, now=now, reason=reason)
        return booking


def lock_booking(booking_id: UUID) -> Booking:
    """Lock the booking, then read it with its slot. Raises NotFound."""
    [booking] = lock_party([booking_id])
    return booking


def lock_party(booking_ids: Collection[UUID]) -> list[Booking]:
    """Lock bookings of one party in the order of their ids, then read them with their slots, by place.

    Raises NotFound.

    Two statements: a single joined statement that waits for the lock would combine the new booking row
    with the old slot row, find that they do not match, and return nothing.
    """
    _lock(booking_ids)
    return _read(booking_ids)


def _lock(booking_ids: Collection[UUID]) -> None:
    locked = Booking.objects.select_for_update(no_key=True).filter(pk__in=booking_ids)
    parties = list(locked.order_by("pk").values_list("party_id", flat=True))
    if not parties or len(parties) < len(set(booking_ids)) or len(set(parties)) > 1:
        raise NotFound


def _read(booking_ids: Collection[UUID]) -> list[Booking]:
    rows = Booking.objects.select_related(
        "applicant__account", "bill", "office", "slot__office", "service_type__group", "party"
    )
    return list(rows.filter(pk__in=booking_ids).order_by("place_id", "pk"))


def _move(
    booking: Booking,
    *,
    to: Status,
    by: User | None,
    now: dt.datetime,
    reason: str = "",
    place_id: int | None = None,
    **changes: Any,
) -> None:
    """Change the status of a locked booking, and the fields in `changes`.

    `place_id` is set for a booking that had no place.
    """
    place_to = (place_id or booking.place_id) if to in WITH_PLACE else None
    places = {"place_from_id": booking.place_id, "place_to_id": place_to}
    status.move(
        booking,
        to=to,
        by=by,
        now=now,
        reason=reason,
        line={"kind": BookingEvent.Kind.MOVED, **places},
        place_id=place_to,
        **changes,
    )


def leave_place(
    booking: Booking,
    *,
    to: Status,
    by: User | None,
    now: dt.datetime,
    reason: str = "",
    **changes: Any,
) -> None:
    """Change the status of a locked booking, and the fields in `changes`; free its place."""
    place_id = booking.place_id
    _move(booking, to=to, by=by, now=now, reason=reason, **changes)
    if place_id is not None:
        free_place(place_id=place_id, holder=booking.pk, now=now)
    if to != Status.DISPLACED and hasattr(booking, "bill"):
        void_bill(booking_id=booking.pk, now=now)


def _change_places(
    bookings: Sequence[Booking],
    slots: Mapping[UUID, Slot],
    *,
    by: User,
    now: dt.datetime,
    free: Collection[UUID],
) -> None:
    """Move locked bookings to other slots. The new places are taken first, so a failure keeps the old ones.

    `free` holds those for whom this does not count as the applicant's one change.
    """
    if any(row.place_id is None and row.status != Status.DISPLACED for row in bookings):
        raise BookingChanged
    places = take_for(bookings, slots, now=now)
    for booking in bookings:
        move_to(
            booking,
            slots[booking.pk],
            place_id=places[booking.pk],
            via=Booking.Via.MOVED_BY_APPLICANT,
            by=by,
            now=now,
            changes=0 if booking.pk in free else 1,
        )


def take_for(
    bookings: Sequence[Booking], slots: Mapping[UUID, Slot], *, now: dt.datetime
) -> dict[UUID, int]:
    """Take a place of its slot for each booking, all or none, slot by slot in the order of their ids.

    Raises SlotFull, NotYetOpen, WindowClosed, Busy.
    """
    holders: dict[int, list[UUID]] = defaultdict(list)
    for booking in bookings:
        holders[slots[booking.pk].pk].append(booking.pk)
    places: dict[UUID, int] = {}
    for slot_id, ids in sorted(holders.items()):
        taken = take_places(slot_id=slot_id, holders=ids, now=now, lanes_booked_at="online")
        places |= zip(ids, taken, strict=True)
    return places


def move_to(
    booking: Booking,
    slot: Slot,
    *,
    place_id: int,
    via: Booking.Via,
    by: User,
    now: dt.datetime,
    changes: int = 0,
) -> None:
    """Bind a locked booking to a place that was just taken for it, and free its previous place."""
    old = booking.place_id
    if old is None:
        _move(booking, to=Status.BOOKED, by=by, now=now, place_id=place_id)
    else:
        status.note(
            booking,
            by=by,
            now=now,
            kind=BookingEvent.Kind.RESCHEDULED,
            place_from_id=old,
            place_to_id=place_id,
        )
    booking.place_id = place_id
    booking.slot = slot
    booking.office = slot.office
    booking.via = via
    booking.placed_at = now
    booking.changes_used += changes
    booking.reminded_at = None
    booking.save(
        update_fields=["place", "slot", "office", "via", "placed_at", "changes_used", "reminded_at"]
    )
    if old is not None:
        free_place(place_id=old, holder=booking.pk, now=now)
    if hasattr(booking, "bill"):
        follow_booking(payable_of(booking), now=now)


def erase_device_keys(*, party_ids: Iterable[int]) -> None:
    """Erase the hash of the browser from which bookings were made."""
    Party.objects.filter(pk__in=party_ids).update(device_key="")


def slot_for(booking: Booking, slot: Slot | None) -> Slot:
    """Return the slot in which this booking comes together with those of `slot`. Raises what `check_slot` raises."""
    if slot is not None and slot.group_id != booking.service_type.group_id:
        slot = slot_at_same_hour(slot.pk, booking.service_type_id) or slot
    return check_slot(booking, slot)


def needs_of(bookings: Iterable[Booking]) -> list[Need]:
    """Return how many places these bookings need, by service."""
    count = Counter(booking.service_type for booking in bookings)
    return [Need(service.group, service.pk, number) for service, number in count.items()]


def check_slot(booking: Booking, slot: Slot | None) -> Slot:
    """Return the slot if this booking's service is available there."""
    if slot is None or slot.lane.booked_at != Lane.BookedAt.ONLINE:
        raise NotBookableOnline
    if slot.group_id != booking.service_type.group_id:
        raise GroupNotServed
    # An office serves the bookings that it has, even if it no longer offers their service.
    offers = slot.office.service_types.filter(pk=booking.service_type_id)
    if slot.office_id != booking.office_id and not offers.exists():
        text = _("Kantor ini tidak melayani layanan Anda. Pilih jam di kantor lain.")
        raise InvalidInput(fields={"slot": [text]})
    if not slot.is_for(booking.service_type_id):
        raise ServiceClosed
    if booking.application_id is not None:
        check_products(office=slot.office, day=slot.day, application_ids=[booking.application_id])
    return slot


def _check_right(booking: Booking, *, by: User, now: dt.datetime) -> None:
    if booking.account_id != by.pk:
        check_right(by, Right.BOOK_AT_DESK, office=booking.office, now=now)
