"""Reminders: made when they fall due, so that none tells of an hour that has changed."""

import datetime as dt
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.services import may_remind
from booking.models import Booking, Status
from booking.services.messages import tell_reminder
from offices.models import Office

REMINDS_AT: Final = dt.time(9)
# Nobody's telephone rings by night: outside of these hours a late reminder waits for the morning.
CIVIL_FROM: Final = dt.time(7)
CIVIL_UNTIL: Final = dt.time(20)
LOOK_AHEAD: Final = dt.timedelta(days=2)


def queue_reminders(*, now: dt.datetime) -> int:
    """Queue a reminder for each booking of tomorrow, once; return how many. Run it as often as you like.

    Due at 09:00 of the day before by the office's civil time. Who booked after that has a fresh
    confirmation and gets none. Only accounts that agreed, with a verified address.
    """
    queued = 0
    agreed: dict[int, bool] = {}
    for booking in _candidates(now):
        account_id = booking.account_id
        if account_id is None or not is_due(booking, now=now):
            continue
        if account_id not in agreed:
            agreed[account_id] = may_remind(account_id)
        if agreed[account_id]:
            queued += _remind(booking.pk, now=now)
    return queued


def is_due(booking: Booking, *, now: dt.datetime) -> bool:
    """Tell whether a booking's reminder is to go out at this moment."""
    office = booking.office
    due = due_at(office, booking.slot.day)
    local = now.astimezone(office.zone)
    is_civil = CIVIL_FROM <= local.time() < CIVIL_UNTIL
    return is_civil and booking.placed_at < due <= now < booking.slot.starts_at


def due_at(office: Office, day: dt.date) -> dt.datetime:
    """Return when people of a day are reminded."""
    return office.at(day - dt.timedelta(days=1), REMINDS_AT)


def _candidates(now: dt.datetime) -> list[Booking]:
    return list(
        Booking.objects.select_related("slot", "office").filter(
            status=Status.BOOKED,
            reminded_at__isnull=True,
            account__isnull=False,
            slot__starts_at__gt=now,
            slot__starts_at__lt=now + LOOK_AHEAD,
        )
    )


@transaction.atomic
def _remind(booking_id: UUID, *, now: dt.datetime) -> bool:
    """Look again under the lock: it may have been cancelled, moved or reminded of meanwhile."""
    booking = (
        Booking.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
        .select_related("applicant__account", "office", "slot", "service_type")
        .filter(pk=booking_id, status=Status.BOOKED, reminded_at__isnull=True)
        .first()
    )
    if booking is None or not is_due(booking, now=now):
        return False
    booking.reminded_at = now
    booking.save(update_fields=["reminded_at"])
    tell_reminder(booking, now=now)
    return True
