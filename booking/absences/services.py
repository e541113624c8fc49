"""Days on which the office may not have served its bookings: a supervisor decides."""

import datetime as dt
from collections.abc import Callable
from contextlib import suppress
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from booking.bookings.changes import mark_no_show
from booking.bookings.errors import BookingChanged
from booking.bookings.models import Booking
from booking.restrictions.attendance import obstacles_to, open_review
from booking.restrictions.models import AbsenceReview
from booking.statuses import Status
from core.db import busy_on_timeout
from core.errors import InvalidInput, MoveNotAllowed, NotFound
from offices.closures.models import Closure
from offices.directory.models import Office
from offices.permissions import Right, check_right
from quotas.places.models import Place

Decision = AbsenceReview.Decision
REASON_LENGTH: Final = 160
SHOWN: Final = 50
# Conditions on bookings, from apps above: people who came, though nobody has checked them in.
PRESENT: list[Callable[[], Exists]] = []


def register_present(condition: Callable[[], Exists]) -> None:
    """Add a condition under which a person is present, and so never a no-show."""
    if condition not in PRESENT:
        PRESENT.append(condition)


def without_present(rows: QuerySet[Booking]) -> QuerySet[Booking]:
    """Return the bookings without those of people who came in another way than by a check-in."""
    for condition in PRESENT:
        rows = rows.filter(~condition())
    return rows


def review_absence(*, booking_id: UUID, now: dt.datetime) -> AbsenceReview:
    """Open the review of a booking's day, with what may have kept the office from serving it. Idempotent."""
    booking = Booking.objects.select_related("office", "slot").get(pk=booking_id)
    obstacles = obstacles_to(booking, now=now)
    return open_review(office=booking.office, day=booking.slot.day, obstacles=obstacles, now=now)


def absent_bookings(office: Office, day: dt.date, *, now: dt.datetime) -> QuerySet[Booking]:
    """Return the day's bookings that are over and were never checked in, in the order of service."""
    rows = Booking.objects.filter(
        office=office, slot__day=day, slot__ends_at__lte=now, status=Status.BOOKED
    )
    return without_present(rows).order_by("slot__starts_at", "code")


def reviews_of(office: Office, *, now: dt.datetime) -> list[tuple[AbsenceReview, int]]:
    """Return the office's latest reviews, undecided ones first, each with the number of people concerned."""
    rows = AbsenceReview.objects.filter(office=office).select_related("decided_by")
    latest = rows.order_by(F("decided_at").desc(nulls_first=True), "day")[:SHOWN]
    return [(row, absent_bookings(office, row.day, now=now).count()) for row in latest]


def decide_review(
    *, review_id: int, decision: str, reason: str, by: User, now: dt.datetime
) -> AbsenceReview:
    """Decide about a day, once.

    ABSENT: its bookings become no-shows by the usual rules. NOT_SERVED: they move, free of sanction, to the
    first later places, with a message and a way to choose another time; a closure of the past day with the
    reason does that. Raises NotFound, NotAllowed, InvalidInput, MoveNotAllowed if it was decided, Busy.
    """
    text = " ".join(reason.split())
    if decision not in Decision.values:
        raise InvalidInput(fields={"decision": [_("Pilih salah satu.")]})
    if not text or len(text) > REASON_LENGTH:
        raise InvalidInput(fields={"reason": [_("Tulis alasannya, paling panjang 160 karakter.")]})
    with busy_on_timeout(), transaction.atomic():
        review = AbsenceReview.objects.select_for_update(no_key=True).filter(pk=review_id).first()
        if review is None:
            raise NotFound
        check_right(by, Right.DECIDE_ABSENCE, office=review.office, now=now)
        if review.decision:
            raise MoveNotAllowed
        review.decision, review.reason = decision, text
        review.decided_at, review.decided_by = now, by
        review.save(update_fields=["decision", "reason", "decided_at", "decided_by"])
        if decision == Decision.NOT_SERVED:
            _close_past_day(review, by=by, now=now)
    if decision == Decision.ABSENT:
        for booking in absent_bookings(review.office, review.day, now=now):
            with suppress(BookingChanged):
                mark_no_show(booking_id=booking.pk, by=by, now=now)
    return review


def _close_past_day(review: AbsenceReview, *, by: User, now: dt.datetime) -> None:
    """Write the closure that moves the day's people. The places of the past day are of no further use."""
    Office.objects.select_for_update(no_key=True).get(pk=review.office_id)
    closure = Closure.objects.create(
        office=review.office,
        first_day=review.day,
        last_day=review.day,
        reason=review.reason,
        made_at=now,
        made_by=by,
    )
    bookings = absent_bookings(review.office, review.day, now=now)
    held = Place.objects.filter(pk__in=bookings.values("place_id")).order_by("pk")
    ids = list(held.select_for_update(no_key=True).values_list("pk", flat=True))
    Place.objects.filter(pk__in=ids).update(withdrawn_at=now, closure=closure)
