"""Kiosks of an office, and the people who were sent from them to the gate."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef, QuerySet

from booking.absences.services import register_present
from booking.statuses import Status
from core.crypto import seal
from counters.kiosks.errors import KioskNotPaired, KioskRevoked
from counters.kiosks.models import Kiosk, KioskCheckIn
from counters.visits.models import Visit
from offices.directory.models import Office


@dataclass(frozen=True)
class KioskRow:
    """One kiosk on the supervisor's screen, with its state: paired, waiting, expired or revoked."""

    kiosk: Kiosk
    state: str


def kiosk_rows(office: Office, *, now: datetime) -> list[KioskRow]:
    """Return an office's kiosks, newest first."""
    rows = office.kiosks.select_related("issued_by", "revoked_by")
    return [KioskRow(row, _state(row, now)) for row in rows]


def _state(kiosk: Kiosk, now: datetime) -> str:
    if kiosk.revoked_at is not None:
        return "revoked"
    if kiosk.paired_at is not None:
        return "paired"
    return "waiting" if kiosk.code_expires_at > now else "expired"


def kiosk_of(token: str) -> Kiosk:
    """Return the kiosk with this token. Raises KioskNotPaired, KioskRevoked."""
    if not token:
        raise KioskNotPaired
    kiosk = Kiosk.objects.select_related("office").filter(token_hash=seal(token)).first()
    if kiosk is None:
        raise KioskNotPaired
    if kiosk.revoked_at is not None:
        raise KioskRevoked
    return kiosk


def sent_to_gate(office: Office, *, now: datetime) -> QuerySet[KioskCheckIn]:
    """Return today's check-ins at kiosks that the gate has not completed yet, oldest first."""
    day = office.local_day(now)
    came_in = Visit.objects.filter(booking=OuterRef("booking"), arrived_at__gte=OuterRef("at"))
    return (
        KioskCheckIn.objects.filter(
            kiosk__office=office,
            day=day,
            is_complete=False,
            booking__office=F("kiosk__office"),
            booking__status__in=(Status.BOOKED, Status.CHECKED_IN, Status.NO_SHOW),
        )
        .exclude(Exists(came_in))
        .select_related("booking__applicant", "booking__slot", "kiosk")
        .order_by("at", "pk")
    )


def registered_only(office: Office) -> QuerySet[KioskCheckIn]:
    """Return the people who registered at a kiosk but were never checked in at the gate, oldest first."""
    rows = KioskCheckIn.objects.filter(
        kiosk__office=office, is_complete=False, booking__status=Status.BOOKED
    ).filter(booking__slot__day=F("day"))
    return rows.select_related("booking__applicant", "booking__slot").order_by("at", "pk")


def is_registered() -> Exists:
    """Return the condition that a booking's person registered at a kiosk on the day of the booking."""
    return Exists(KioskCheckIn.objects.filter(booking=OuterRef("pk"), day=OuterRef("slot__day")))


register_present(is_registered)
