"""The nearest slots that can be booked."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from offices import labels
from offices.directory.models import Office, ServiceType
from quotas.calendar import selectors


def nearest(
    place: Office, service: ServiceType, after: dt.datetime, now: dt.datetime
) -> list[dict[str, Any]]:
    """Return the nearest slots of this office with a free place, as links."""
    wanted: dict[str, Any] = {"group": service.group, "service": service.pk, "now": now, "limit": 3}
    rows = selectors.nearest_open_slots(place, after=after, **wanted)
    if not rows:
        rows = selectors.nearest_open_slots(place, after=now, **wanted)
    return [
        {
            "id": row.id,
            "text": labels.slot_text(row.starts_at, row.ends_at, place),
            "left": row.left,
            "url": f"{reverse('booking:book', args=[row.id])}?{urlencode({'service_type': service.code})}",
        }
        for row in rows
    ]


def slot_rows(slots: list[Any]) -> list[dict[str, Any]]:
    """Return the slots in the shape that the slot picker renders."""
    return [
        {
            "id": row.id,
            "starts_at": row.starts_at,
            "ends_at": row.ends_at,
            "left": row.left,
            "places": row.places,
            "state": row.status,
            "reason": row.reason,
        }
        for row in slots
    ]
