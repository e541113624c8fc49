"""Choosing another office, day and slot for an existing booking."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from booking.bookings.models import Booking
from core.errors import InvalidInput, NotFound
from offices import labels
from offices.directory import selectors as directory_selectors
from offices.directory.models import Office
from quotas.calendar import selectors as calendar_selectors
from quotas.calendar.nearest import slot_rows
from quotas.calendar.weeks import WEEKS, calendar_weeks


def slot_id_of(text: str) -> int:
    """Return the slot id from a form. Raises InvalidInput."""
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise InvalidInput(fields={"slot": [_("Pilih salah satu jam yang masih ada tempatnya.")]})
    return int(text)


def office_for(code: str, booking: Booking) -> Office:
    """Return the requested office, by default the booking's. Raises NotFound without the service."""
    if not code or code == booking.office.code:
        return booking.office
    office = directory_selectors.get_office(code)
    if not office.service_types.filter(pk=booking.service_type_id).exists():
        raise NotFound
    return office


def choices_for(
    booking: Booking, office: Office, day: dt.date | None, address: str, now: dt.datetime
) -> dict[str, Any]:
    """Return the template context for choosing an office, a day and a slot for a booking."""
    service = booking.service_type
    links = [
        {
            "name": row.name,
            "url": f"{address}?{urlencode({'office': row.code})}",
            "is_chosen": row == office,
        }
        for row in directory_selectors.list_offices()
        if row.service_types.filter(pk=booking.service_type_id).exists()
    ]
    if day is not None:
        return {"offices": links, **_hours_of(booking, office, day, address, now)}

    def day_url(day: dt.date) -> str:
        return f"{address}?{urlencode({'office': office.code, 'day': day.isoformat()})}"

    today = office.local_day(now)
    weeks = calendar_weeks(
        office, service=service, first=today, now=now, day_url=day_url, weeks=WEEKS
    )
    return {"offices": links, "weeks": weeks}


def _hours_of(
    booking: Booking, office: Office, day: dt.date, address: str, now: dt.datetime
) -> dict[str, Any]:
    service = booking.service_type
    wanted: dict[str, Any] = {"group": service.group, "service": service.pk, "now": now}
    slots = calendar_selectors.day_slots(office, day=day, **wanted)
    rows = [_mine(row, booking) for row in slot_rows(slots)]
    has_open = any(row["state"] == "open" for row in rows)
    after = max(now, booking.slot.starts_at)
    around = calendar_selectors.nearest_open_slots(office, after=after, limit=4, **wanted)
    near = [
        {
            "text": labels.slot_text(row.starts_at, row.ends_at, office),
            "left": row.left,
            "url": f"{address}?{urlencode({'office': office.code, 'day': row.day.isoformat()})}",
        }
        for row in around
        if row.id != booking.slot_id
    ][:3]
    return {"slots": rows, "has_open": has_open, "near": near}


def _mine(row: dict[str, Any], booking: Booking) -> dict[str, Any]:
    """Mark the booking's current slot."""
    if row["id"] == booking.slot_id:
        return {**row, "state": "closed", "reason": _("Ini jadwal Anda sekarang.")}
    return row
