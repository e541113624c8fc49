"""The nearest slots that can be booked."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse

from core.db import shared_read
from offices import labels
from offices.directory.distances import nearest_first
from offices.directory.models import Office, ServiceType
from offices.directory.selectors import offices_with
from quotas.calendar import selectors
from quotas.places.tallies import EarliestSlot, earliest_slots

ONLINE: Final = "online"


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
            "opens_at": row.opens_at,
        }
        for row in slots
    ]


@dataclass(frozen=True)
class OfferedElsewhere:
    """Another office with the service: its first hour with room, and how far away it is."""

    office: Office
    distance: str
    text: str
    left: int
    url: str


def earliest_hours(
    offices: Sequence[Office], service: ServiceType, *, people: int, now: dt.datetime
) -> dict[int, EarliestSlot]:
    """Return the first hour of each office with room for so many people, by the office's id."""
    taking = tuple(sorted(row.pk for row in offices if not row.booking_stopped_reason))
    wanted: dict[str, Any] = {"service": service.pk, "people": people, "now": now}
    return _earliest(taking, service.group_id, **wanted) if taking else {}


@shared_read(has_text=False)
def _earliest(
    offices: tuple[int, ...], group_id: int, *, service: int, people: int, now: dt.datetime
) -> dict[int, EarliestSlot]:
    return earliest_slots(offices, ONLINE, group_id, service=service, people=people, now=now)


def day_url(office: Office, day: dt.date, service: ServiceType, people: int = 1) -> str:
    """Return the address of a day's hours for a service and a number of people."""
    query = {"service_type": service.code} | ({"people": people} if people > 1 else {})
    return f"{reverse('booking:day', args=[office.code, day])}?{urlencode(query)}"


def elsewhere(
    place: Office, service: ServiceType, now: dt.datetime, *, people: int = 1, limit: int = 3
) -> list[OfferedElsewhere]:
    """Return other offices with room for this service, the nearest first, each with its first hour."""
    offices = [office for office in offices_with(service.pk) if office.pk != place.pk]
    earliest = earliest_hours(offices, service, people=people, now=now)
    rows = []
    for office, distance in nearest_first(offices, place):
        slot = earliest.get(office.pk)
        if slot is None:
            continue
        rows.append(
            OfferedElsewhere(
                office,
                labels.distance_text(distance),
                labels.slot_text(slot.starts_at, slot.ends_at, office),
                slot.left,
                day_url(office, slot.day, service, people),
            )
        )
    return rows[:limit]


def serving_offices(place: Office, service: ServiceType) -> list[dict[str, Any]]:
    """Return the offices that offer a service, the nearest to `place` first, as links."""
    query = urlencode({"service_type": service.code})
    return [
        {
            "name": office.name,
            "distance": labels.distance_text(distance),
            "url": f"{reverse('booking:office', args=[office.code])}?{query}",
        }
        for office, distance in nearest_first(offices_with(service.pk), place)
    ]


def lotteries(place: Office, now: dt.datetime) -> list[dict[str, Any]]:
    """Return the lotteries of an office that can still be entered, the earliest closing first."""
    closings = selectors.undrawn(place.pk, ONLINE, now=now)
    coming = sorted((closes_at, pk) for pk, closes_at in closings.items() if closes_at > now)
    return [
        {"closes_at": closes_at, "url": reverse("booking:draw", args=[pk])}
        for closes_at, pk in coming
    ]


def without_place(
    place: Office, service: ServiceType, now: dt.datetime, *, people: int = 1
) -> dict[str, Any]:
    """Return what a person without a place is offered: other offices and open lotteries."""
    return {
        "elsewhere": elsewhere(place, service, now, people=people),
        "lotteries": lotteries(place, now),
    }
