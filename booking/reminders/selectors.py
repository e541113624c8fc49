"""Which wording a booking's reminder has."""

import datetime as dt
from uuid import UUID

from booking.reminders.models import ReminderWording
from core.crypto import keyed_hash


def wording_for(booking_id: UUID, day: dt.date) -> ReminderWording | None:
    """Return the wording of a booking's reminder that is sent on a day; None without any in force.

    By a keyed hash of the booking's number: as good as chance, and the same at each attempt.
    """
    rows = list(ReminderWording.objects.in_force(day).order_by("code"))
    if not rows:
        return None
    number = int(keyed_hash("reminder_wording", str(booking_id))[:12], 16)
    return rows[number % len(rows)]
