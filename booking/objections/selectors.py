"""Reads of objections."""

import datetime as dt

from django.db.models import F, QuerySet

from booking.bookings.models import Booking, DisplacedBooking
from booking.objections.models import Objection
from booking.statuses import Status
from offices.directory.models import Office


def objections_at(office: Office) -> QuerySet[Objection]:
    """Return an office's objections: undecided ones by their deadline, then the latest decided."""
    rows = Objection.objects.filter(office=office).select_related(
        "entry__draw__window", "displaced__booking__slot", "decided_by"
    )
    return rows.order_by(F("decided_at").desc(nulls_first=True), "answer_by", "pk")


def undecided(office: Office) -> QuerySet[Objection]:
    """Return the objections that wait for a decision, by their deadline."""
    return Objection.objects.filter(office=office, decision="").order_by("answer_by", "pk")


def objections_of(account_id: int) -> QuerySet[Objection]:
    """Return an account's objections, latest first."""
    rows = Objection.objects.filter(account_id=account_id).select_related("office")
    return rows.order_by("-made_at", "-pk")


def move_without_place(booking: Booking) -> DisplacedBooking | None:
    """Return the move that left a booking without a place, or None."""
    if booking.status != Status.DISPLACED:
        return None
    rows = booking.displacements.filter(place_to__isnull=True)
    return rows.select_related("booking__office").order_by("-pk").first()


def is_overdue(objection: Objection, *, now: dt.datetime) -> bool:
    """True if nobody decided in time."""
    return not objection.decision and now > objection.answer_by
