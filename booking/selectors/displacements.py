"""Reads of closures and moves: who is bound, where there is room, who waits."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

from django.core import signing
from django.db.models import Count, Min, Q, QuerySet

from booking.models import Booking, DisplacedBooking, Displacement, Status
from core.errors import NotFound
from offices.models import Closure, Office
from quotas.models import RESERVED, Slot

MOVE_SALT: Final = "booking.displacement"


def bound_to(slot_ids: Sequence[int], *, staying: Sequence[int]) -> QuerySet[Booking]:
    """Return who is booked in these hours, in the order in which they are served.

    `staying` are the service types that go on in the closure: who comes for them keeps the hour.
    """
    return (
        Booking.objects.filter(
            slot_id__in=slot_ids, place__isnull=False, status__in=(Status.HELD, Status.BOOKED)
        )
        .exclude(service_type_id__in=staying)
        .order_by("slot__starts_at", "placed_at", "place_id", "pk")
    )


def still_bound(closure: Closure) -> QuerySet[Booking]:
    """Return who still holds a place that a closure withdrew, in the order in which they are served."""
    staying = list(closure.open_services.values_list("pk", flat=True))
    return (
        Booking.objects.filter(place__closure=closure, status__in=(Status.HELD, Status.BOOKED))
        .exclude(service_type_id__in=staying)
        .order_by("slot__starts_at", "placed_at", "place_id", "pk")
    )


def rooms_after(
    office: Office, *, group_id: int, lane: str, since: dt.datetime, now: dt.datetime
) -> Any:
    """Return the hours, from tomorrow on, with `free` places that the office may give, the earliest first."""
    is_free = Q(places__holder__isnull=True, places__withdrawn_at__isnull=True)
    is_drawn = Q(places__cooldown_until__isnull=False, places__cooldown_until__gte=RESERVED)
    free = Count("places", filter=is_free & ~is_drawn)
    rows: Any = Slot.objects.filter(
        office=office,
        lane=lane,
        group_id=group_id,
        starts_at__gte=since,
        day__gt=office.local_day(now),
    ).annotate(free=free)
    return rows.filter(free__gt=0).order_by("starts_at", "pk")


def move_token(displacement: Displacement) -> str:
    """Return what stands in the link of the letter: signed, and without a word about anybody."""
    return signing.dumps(displacement.pk, salt=MOVE_SALT, compress=False)


def displacement_of(token: str) -> Displacement:
    """Return the move that a link is about. Raises NotFound for a link that is not ours."""
    try:
        number = signing.loads(token, salt=MOVE_SALT)
    except signing.BadSignature:
        raise NotFound from None
    rows = Displacement.objects.select_related("closure__office", "party__account")
    found = rows.filter(pk=number).first()
    if found is None:
        raise NotFound
    return found


def members_of(displacement: Displacement) -> list[DisplacedBooking]:
    """Return the people of a move with their old and new hours, in the order of their codes."""
    rows = displacement.members.select_related(
        "booking__slot__office", "booking__slot__lane", "booking__slot__group", "booking__applicant",
        "booking__office", "booking__service_type__group", "place_from__slot__office",
    )  # fmt: skip
    return list(rows.order_by("booking__code"))


def waiting_displacements() -> list[int]:
    """Return the parties that lost their hour and have no other yet, in the old order."""
    rows = (
        Displacement.objects.filter(
            placed_at__isnull=True, members__booking__status=Status.DISPLACED
        )
        .annotate(was_at=Min("members__place_from__slot__starts_at"))
        .order_by("was_at", "pk")
    )
    return list(rows.values_list("pk", flat=True))


def unfinished_closures() -> list[int]:
    """Return the closures whose people are not all moved yet, oldest first."""
    rows = Closure.objects.filter(moved_at__isnull=True)
    return list(rows.order_by("made_at", "pk").values_list("pk", flat=True))
