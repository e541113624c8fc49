"""Data for the gate: expected bookings, arrivals and remaining walk-in places."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from booking.bookings.models import Booking
from booking.bookings.selectors import day_list, find_for_check_in
from booking.people.models import Applicant
from booking.statuses import LIVE, Status
from core.text import compact_code
from counters.visits.models import Visit
from offices.directory.models import Office, ServiceType
from offices.hours.selectors import opening_hours_on
from quotas.calendar.selectors import all_slots

LATEST = 6
NIK = re.compile(r"\d{16}")


def find_at_gate(office: Office, text: str, *, now: datetime) -> Booking:
    """Return the booking with this code or, if `text` is a NIK, the live booking of that person.

    Raises NotFound, BookingEnded, WrongOffice, WrongDay.
    """
    digits = compact_code(text)
    if NIK.fullmatch(digits):
        person = Applicant.key_for(kind=Applicant.IdentityKind.NIK, nationality="ID", number=digits)
        live = Booking.objects.filter(person_key=person, status__in=LIVE)
        text = live.values_list("code", flat=True).first() or text
    return find_for_check_in(office, text, now)


def expected(office: Office, *, now: datetime) -> QuerySet[Booking]:
    """Return today's bookings that have not checked in, by slot."""
    return day_list(office, office.local_day(now)).filter(status=Status.BOOKED)


def arrivals(office: Office, *, now: datetime) -> QuerySet[Visit]:
    """Return today's visits, latest first."""
    return (
        Visit.objects.filter(office=office, day=office.local_day(now))
        .select_related("ticket", "lane", "booking__applicant", "booking__slot")
        .order_by("-arrived_at", "-pk")
    )


@dataclass(frozen=True)
class WalkInsLeft:
    """Walk-in places left today. `limited` of them are for `services` only."""

    places: int
    limited: int = 0
    services: tuple[ServiceType, ...] = ()


def walk_ins_left(office: Office, *, now: datetime) -> WalkInsLeft:
    """Return the walk-in places left today, over all service groups."""
    day, offered = office.local_day(now), list(office.service_types.select_related("group"))
    rows = [
        slot
        for group in {service.group for service in offered}
        for slot in all_slots(office, day=day, group=group, now=now, lane="walk_in")
        if slot.ends_at > now
        and slot.left
        and any(slot.is_for(service.pk) for service in offered if service.group_id == group.pk)
    ]
    limited = [slot for slot in rows if slot.only_services]
    return WalkInsLeft(
        places=sum(slot.left for slot in rows),
        limited=sum(slot.left for slot in limited),
        services=tuple(
            service
            for service in offered
            if any(service.pk in slot.only_services for slot in limited)
        ),
    )


def missed_booking_ids(office: Office, *, now: datetime) -> list[UUID]:
    """Return ids of bookings without a check-in on days that have closed; today only after closing."""
    today = office.local_day(now)
    hours = opening_hours_on(office, today)
    is_closed = hours is not None and now >= office.at(today, hours.closes)
    rows = Booking.objects.filter(
        office=office,
        status=Status.BOOKED,
        slot__day__lt=today + timedelta(days=1) if is_closed else today,
        slot__ends_at__lte=now,
    )
    return list(rows.order_by("slot__starts_at").values_list("pk", flat=True))
