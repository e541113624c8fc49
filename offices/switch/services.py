"""Stopping and resuming new bookings at an office."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.errors import InvalidInput, NotFound
from offices.directory.models import Office
from offices.permissions import Right, check_right
from offices.switch.models import BookingSwitch

REASON_LENGTH = 200


def stop_bookings(*, office_id: int, reason: str, by: User, now: datetime) -> Office:
    """Stop new online bookings at an office until further notice; the reason is public.

    Existing bookings stay. A new reason replaces the previous one. Raises InvalidInput, NotFound.
    """
    text = " ".join(reason.split())
    if not text or len(text) > REASON_LENGTH:
        message = _(
            "Tulis alasannya, paling panjang 200 karakter: pemohon akan membacanya di kalender."
        )
        raise InvalidInput(message, fields={"reason": [message]})
    return _turn_switch(office_id, reason=text, by=by, now=now)


def resume_bookings(*, office_id: int, by: User, now: datetime) -> Office:
    """Resume new bookings. Raises NotFound."""
    return _turn_switch(office_id, reason="", by=by, now=now)


@transaction.atomic
def _turn_switch(office_id: int, *, reason: str, by: User, now: datetime) -> Office:
    office = Office.objects.select_for_update(no_key=True).filter(pk=office_id).first()
    if office is None:
        raise NotFound
    check_right(by, Right.STOP_BOOKINGS, office=office, now=now)
    if office.booking_stopped_reason != reason:
        office.booking_stopped_reason = reason
        office.save(update_fields=["booking_stopped_reason"])
        BookingSwitch.objects.create(office=office, reason=reason, by=by, at=now)
    return office
