"""Choosing another office, day and slot for an existing booking."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from booking.bookings.changes import needs_of
from booking.bookings.hours import alternatives_to, hour_rows
from booking.bookings.models import Booking
from core.errors import InvalidInput, NotFound
from offices import labels
from offices.directory import selectors as directory_selectors
from offices.directory.models import Office
from quotas.calendar.weeks import WEEKS, calendar_weeks


def slot_id_of(text: str) -> int:
    """Return the slot id from a form. Raises InvalidInput."""
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise InvalidInput(fields={"slot": [_("Pilih salah satu jam yang masih ada tempatnya.")]})
    return int(text)


def office_for(code: str, bookings: Sequence[Booking]) -> Office:
    """Return the requested office, by default the bookings'. Raises NotFound if it lacks one of their services."""
    if not code or code == bookings[0].office.code:
        return bookings[0].office
    office = directory_selectors.get_office(code)
    services = {booking.service_type_id for booking in bookings}
    if office.service_types.filter(pk__in=services).count() < len(services):
        raise NotFound
    return office


def choices_for(
    bookings: Sequence[Booking],
    office: Office,
    day: dt.date | None,
    address: str,
    now: dt.datetime,
    *,
    who: Sequence[str] = (),
) -> dict[str, Any]:
    """Return the template context for choosing an office, a day and an hour for bookings of one party.

    `who` is kept in the links: the codes of those who move, if not everybody does.
    """
    service = bookings[0].service_type
    services = {booking.service_type_id for booking in bookings}

    def url(**query: str) -> str:
        return f"{address}?{urlencode({'who': list(who), **query}, doseq=True)}"

    links = [
        {"name": row.name, "url": url(office=row.code), "is_chosen": row == office}
        for row in directory_selectors.list_offices()
        if row.service_types.filter(pk__in=services).count() == len(services)
    ]
    if day is not None:
        return {"offices": links, **_hours_of(bookings, office, day, url, now)}

    def day_url(day: dt.date) -> str:
        return url(office=office.code, day=day.isoformat())

    today = office.local_day(now)
    weeks = calendar_weeks(
        office, service=service, first=today, now=now, day_url=day_url, weeks=WEEKS
    )
    return {"offices": links, "weeks": weeks}


def _hours_of(
    bookings: Sequence[Booking],
    office: Office,
    day: dt.date,
    url: Callable[..., str],
    now: dt.datetime,
) -> dict[str, Any]:
    first, needs = bookings[0], needs_of(bookings)
    rows = [_mine(row, bookings) for row in hour_rows(office, day=day, needs=needs, now=now)]
    has_open = any(row["state"] == "open" for row in rows)
    near = [
        {
            "text": labels.slot_text(
                dt.datetime.fromisoformat(row["starts_at"]),
                dt.datetime.fromisoformat(row["ends_at"]),
                office,
            ),
            "left": row["left"],
            "url": url(office=office.code, day=row["starts_at"][:10]),
        }
        for row in alternatives_to(
            office, needs, near=max(now, first.slot.starts_at), now=now, but_not=first.slot_id
        )
    ]
    return {"slots": rows, "has_open": has_open, "near": near}


def _mine(row: dict[str, Any], bookings: Sequence[Booking]) -> dict[str, Any]:
    """Mark the current slot of the bookings."""
    if any(row["id"] == booking.slot_id for booking in bookings):
        return {**row, "state": "closed", "reason": _("Ini jadwal Anda sekarang.")}
    return row
