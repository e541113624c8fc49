"""Reads of closures and displaced bookings."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

from django.db.models import Count, Min, Q, QuerySet
from django.db.models.functions import Coalesce, Least

from booking.bookings.models import Booking, DisplacedBooking, Displacement
from booking.statuses import Status
from core.errors import NotFound
from offices.closures.models import Closure
from offices.directory.models import Office
from offices.hours.selectors import opening_hours_on
from quotas.places.models import Slot, is_free, is_not_reserved

ON_THE_WAY: Final = dt.timedelta(hours=1)  # the least notice for an evening slot on the same day


def in_original_order(rows: QuerySet[Booking]) -> QuerySet[Booking]:
    """Order bookings by the slot that was booked first: who was moved before is not behind for it."""
    was_at = Min("displacements__place_from__slot__starts_at")
    return rows.annotate(was_at=was_at).order_by(
        Least("slot__starts_at", Coalesce("was_at", "slot__starts_at")),
        "placed_at",
        "place_id",
        "pk",
    )


def bookings_to_move(slot_ids: Sequence[int], *, staying: Sequence[int]) -> QuerySet[Booking]:
    """Return the bookings of these slots that a closure would move, in their original order.

    `staying` are the service types that continue during the closure; their bookings stay.
    """
    return in_original_order(
        Booking.objects.filter(
            slot_id__in=slot_ids, place__isnull=False, status__in=(Status.HELD, Status.BOOKED)
        ).exclude(service_type_id__in=staying)
    )


def remaining_bookings(closure: Closure) -> QuerySet[Booking]:
    """Return the bookings that still hold a place withdrawn by a closure, in their original order."""
    staying = list(closure.open_services.values_list("pk", flat=True))
    return in_original_order(
        Booking.objects.filter(
            place__closure=closure, status__in=(Status.HELD, Status.BOOKED)
        ).exclude(service_type_id__in=staying)
    )


def free_slots_after(
    office: Office, *, group_id: int, lane: str, since: dt.datetime, now: dt.datetime
) -> Any:
    """Return slots with `free` places that the office may assign, earliest first.

    Includes days from tomorrow on, and slots after today's closing time, which are added for displaced parties.
    """
    free = Count("places", filter=is_free("places__") & is_not_reserved("places__"))
    rows: Any = (
        Slot.objects.serving(None)
        .filter(
            _is_ahead(office, now),
            office=office,
            lane=lane,
            group_id=group_id,
            starts_at__gte=since,
        )
        .annotate(free=free)
    )
    return rows.filter(free__gt=0).order_by("starts_at", "pk")


def evening_slots(office: Office, *, now: dt.datetime) -> Any:
    """Return today's slots of all lanes after closing time, with `free` places to assign.

    One that has begun counts: the people who get it are in the office.
    """
    today = office.local_day(now)
    hours = opening_hours_on(office, today)
    if hours is None:
        return Slot.objects.none()
    free = Count("places", filter=is_free("places__") & is_not_reserved("places__"))
    rows: Any = (
        Slot.objects.serving(None)
        .filter(
            office=office,
            day=today,
            starts_at__gte=office.at(today, hours.closes),
            ends_at__gt=now,
        )
        .annotate(free=free)
    )
    return rows.filter(free__gt=0).select_related("office", "lane", "group").order_by("starts_at")


def _is_ahead(office: Office, now: dt.datetime) -> Q:
    today = office.local_day(now)
    hours = opening_hours_on(office, today)
    if hours is None:
        return Q(day__gt=today)
    since = max(office.at(today, hours.closes), now + ON_THE_WAY)
    return Q(day__gt=today) | Q(day=today, starts_at__gte=since)


def can_choose_another(
    booking: Booking, *, placed_at: dt.datetime | None, now: dt.datetime
) -> bool:
    """True if a moved booking can still be exchanged: until the day before its slot.

    A slot assigned on its day or the day before can be exchanged until it begins.
    """
    today, day = booking.office.local_day(now), booking.slot.day
    if today < day:
        return True
    if placed_at is None or now >= booking.slot.starts_at:
        return False
    return day - booking.office.local_day(placed_at) <= dt.timedelta(days=1)


def get_displacement(displacement_id: int) -> Displacement:
    """Return a move. Raises NotFound. The caller checks who may see it."""
    rows = Displacement.objects.select_related("closure__office", "office", "party__account")
    displacement = rows.filter(pk=displacement_id).first()
    if displacement is None:
        raise NotFound
    return displacement


def open_moves_of(account_id: int) -> list[Displacement]:
    """Return the moves of an account's parties that nobody has answered and that still have a booking."""
    rows = Displacement.objects.select_related("closure__office", "office", "party").filter(
        party__account_id=account_id,
        members__answered_at__isnull=True,
        members__booking__status__in=(Status.BOOKED, Status.DISPLACED),
    )
    return list(rows.distinct().order_by("-displaced_at", "-pk"))


def members_of(displacement: Displacement) -> list[DisplacedBooking]:
    """Return the bookings of a move with their old and new slots, ordered by code."""
    rows = displacement.members.select_related(
        "booking__slot__office",
        "booking__slot__lane",
        "booking__slot__group",
        "booking__applicant",
        "booking__office",
        "booking__service_type__group",
        "place_from__slot__office",
    )
    return list(rows.order_by("booking__code"))


def waiting_displacements() -> list[int]:
    """Return the ids of moves that still wait for a slot, in the original order."""
    rows = (
        Displacement.objects.filter(
            placed_at__isnull=True, members__booking__status=Status.DISPLACED
        )
        .annotate(
            was_at=Min("members__booking__displacements__place_from__slot__starts_at"),
        )
        .order_by("was_at", "pk")
    )
    return list(rows.values_list("pk", flat=True))


def unfinished_closures() -> list[int]:
    """Return the ids of closures whose bookings are not all moved yet, oldest first."""
    rows = Closure.objects.filter(moved_at__isnull=True)
    return list(rows.order_by("made_at", "pk").values_list("pk", flat=True))
