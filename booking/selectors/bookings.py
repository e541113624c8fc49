"""Reads of people and bookings, and what may still be done with a booking."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from booking.errors import (
    BookingChanged,
    BookingEnded,
    NoChangeLeft,
    TooLate,
    WrongDay,
    WrongOffice,
)
from booking.models import (
    LIVE,
    Applicant,
    Booking,
    BookingEvent,
    DisplacedBooking,
    Party,
    PassportApplication,
    Status,
)
from booking.selectors.hours import hour_of
from core.crypto import decrypt
from core.db import shared_read
from core.errors import DomainError, NotFound
from core.templatetags.formats import day_and_hours
from offices.models import Office, ServiceGroup
from quotas.models import Slot
from quotas.selectors import nearest_open_slots

MAX_CHANGES: Final = 1
ALTERNATIVES: Final = 3
SEPARATORS = re.compile(r"[^A-Z0-9]+")

PERSON_FIELDS: Final = (
    "id",
    "account_id",
    "full_name",
    "identity_kind",
    "identity_number",
    "nationality",
    "nik_differs",
)
APPLICATION_FIELDS: Final = (
    "id",
    "applicant_id",
    "service_type_id",
    "reason",
    "product",
    "changed_at",
)
# As SQL, because a crowd reloads the page of an hour: two ORM queries took four times as long.
HOUSEHOLD: Final = f"""
SELECT (SELECT true FROM booking_booking live
                WHERE live.applicant_id = person.id AND live.status IN ({", ".join(f"'{status}'" for status in LIVE)}) LIMIT 1) IS NOT NULL,
       {", ".join(f"person.{name}" for name in PERSON_FIELDS)},
       {", ".join(f"application.{name}" for name in APPLICATION_FIELDS)}
  FROM booking_applicant person LEFT JOIN booking_passportapplication application ON application.applicant_id = person.id
 WHERE person.account_id = %s AND person.removed_at IS NULL ORDER BY person.created_at, person.id
"""  # noqa: S608 - our own names
CODES: Final = "SELECT code FROM booking_booking WHERE party_id = %s ORDER BY place_id, code"


# --- People --------------------------------------------------------------------------------------
def people_of(account_id: int) -> QuerySet[Applicant]:
    """Return an account's people in the order in which they were added, each with `has_live_booking`."""
    live = Applicant.objects.filter(pk=OuterRef("pk"), bookings__status__in=LIVE)
    return (
        Applicant.objects.filter(account_id=account_id, removed_at__isnull=True)
        .annotate(has_live_booking=Exists(live))
        .order_by("created_at", "pk")
    )


@dataclass(frozen=True)
class Household:
    """An account's people, each with `has_live_booking`, and all that is prepared for them."""

    people: list[Applicant]
    applications: list[PassportApplication]

    def prepared_for(self, service_type_id: int) -> dict[int, PassportApplication]:
        """Return the applications for a service by the person they are for."""
        rows = self.applications
        return {row.applicant_id: row for row in rows if row.service_type_id == service_type_id}


def household_of(account_id: int) -> Household:
    """Return what `people_of` does and their applications, latest first, for the page of an hour."""
    people: dict[int, Applicant] = {}
    applications = []
    with connection.cursor() as cursor:
        cursor.execute(HOUSEHOLD, [account_id])
        rows = cursor.fetchall()
    for is_booked, *row in rows:
        person_row, application_row = row[: len(PERSON_FIELDS)], row[len(PERSON_FIELDS) :]
        if person_row[0] not in people:
            person_row[4] = decrypt(person_row[4])
            person = Applicant.from_db(connection.alias, PERSON_FIELDS, person_row)
            person.has_live_booking = is_booked  # type: ignore[attr-defined]
            people[person.pk] = person
        if application_row[0] is not None:
            applications.append(
                PassportApplication.from_db(connection.alias, APPLICATION_FIELDS, application_row)
            )
    applications.sort(key=lambda application: application.changed_at, reverse=True)
    return Household(list(people.values()), applications)


def person_of(account_id: int, applicant_id: int) -> Applicant:
    """Return one of the account's people. Raises NotFound, also for a stranger's."""
    person = people_of(account_id).filter(pk=applicant_id).first()
    if person is None:
        raise NotFound
    return person


def application_of(applicant_id: int, service_type_id: int) -> PassportApplication | None:
    """Return what the person has prepared for a service."""
    return (
        PassportApplication.objects.select_related("service_type")
        .filter(applicant_id=applicant_id, service_type_id=service_type_id)
        .first()
    )


# --- Bookings ------------------------------------------------------------------------------------
def with_all() -> QuerySet[Booking]:
    """Return bookings with what their tickets show, in one statement."""
    return Booking.objects.select_related(
        "applicant",
        "office",
        "slot__office",
        "slot__lane",
        "slot__group",
        "service_type__group",
        "application",
        "place",
        "party",
    )


def bookings_of(account_id: int) -> QuerySet[Booking]:
    """Return an account's bookings, the latest hour first."""
    return with_all().filter(account_id=account_id).order_by("-slot__starts_at", "pk")


def booking_of(account_id: int, code: str) -> Booking:
    """Return one of the account's bookings. Raises NotFound, also for a stranger's."""
    rows = Booking.objects.select_related("applicant", "application")
    booking = rows.filter(account_id=account_id, code=clean_code(code)).first()
    if booking is None:
        raise NotFound
    _attach_hour(booking)
    return booking


def _attach_hour(booking: Booking) -> None:
    """Take the hour from what a crowd shares: joining its tables for each reader took longer."""
    hour = hour_of(booking.slot_id)
    assert hour is not None  # the foreign key says so
    booking.slot, booking.office = hour.slot, hour.slot.office
    service = next((row for row in hour.services if row.pk == booking.service_type_id), None)
    if service is not None:
        booking.service_type = service


def codes_of(party: Party) -> Sequence[str]:
    """Return the codes of what one request booked, in the order of its places."""
    if party.made_codes:
        return party.made_codes
    with connection.cursor() as cursor:
        cursor.execute(CODES, [party.pk])
        return [code for (code,) in cursor.fetchall()]


def company_of(booking: Booking) -> Sequence[Booking]:
    """Return what the same request booked for others; usually nothing."""
    others = Booking.objects.filter(party_id=booking.party_id).exclude(pk=booking.pk)
    if not others.exists():
        return []
    return [row for row in bookings_in(booking.party) if row.pk != booking.pk]


def bookings_in(party: Party) -> Sequence[Booking]:
    """Return the bookings that one request made, in the order in which its places are numbered."""
    return list(with_all().filter(party=party).order_by("place_id", "code"))


def history_of(booking: Booking) -> QuerySet[BookingEvent]:
    """Return what happened to a booking, oldest first."""
    rows = booking.history.order_by("at", "pk")
    if booking.changes_used:
        rows = rows.select_related("place_from__slot__office", "place_to__slot__office")
    return rows


def day_list(office: Office, day: dt.date) -> QuerySet[Booking]:
    """Return everyone who is expected at an office on a day, by hour and place."""
    return (
        with_all()
        .filter(office=office, slot__day=day, place__isnull=False)
        .order_by("slot__starts_at", "place_id")
    )


def overdue_hold_ids(now: dt.datetime) -> list[UUID]:
    """Return the holds whose time is over; what was drawn passes on by rank instead."""
    held = Booking.objects.filter(status=Status.HELD, expires_at__lte=now)
    held = held.exclude(via=Booking.Via.DRAW)
    return list(held.order_by("expires_at").values_list("pk", flat=True))


def clean_code(text: str) -> str:
    """Return a booking code as it is stored, however it was typed or scanned."""
    return SEPARATORS.sub("", text.upper())


def find_for_check_in(office: Office, code: str, now: dt.datetime) -> Booking:
    """Return the booking that a ticket names, when it is for this office and today.

    One that is checked in or served already is returned too: a second scan shows what the first did.
    Raises NotFound, BookingEnded, WrongOffice or WrongDay; the sentence says where and when it is.
    """
    booking = with_all().filter(code=clean_code(code)).first()
    if booking is None:
        raise NotFound(
            _("Kode ini tidak dikenal. Periksa tanda demi tanda, atau cari dengan nama.")
        )
    if booking.status not in {Status.BOOKED, Status.CHECKED_IN, Status.SERVED, Status.NO_SHOW}:
        raise BookingEnded(status=booking.get_status_display())
    if booking.office_id != office.pk:
        raise WrongOffice(office=booking.office.name, when=when(booking.slot, booking.office))
    # Who lacked a document comes back on another day with the same booking.
    if booking.slot.day != office.local_day(now) and booking.status != Status.CHECKED_IN:
        raise WrongDay(when=when(booking.slot, booking.office))
    return booking


@shared_read(times=10)
def when(slot: Slot, office: Office) -> str:
    """Say a slot's day and hours in the reader's language and the office's civil time."""
    return day_and_hours(slot.starts_at, slot.ends_at, office)


# --- What may still be done ------------------------------------------------------------------------
def changes_left(booking: Booking) -> int:
    """Return how often the applicant may still reschedule."""
    return max(0, MAX_CHANGES - booking.changes_used)


def why_not_cancel(booking: Booking, now: dt.datetime) -> DomainError | None:
    """Return what stands against cancelling: it is free until the visit begins or the hour is over."""
    if booking.status == Status.CHECKED_IN:
        return TooLate(_("Kunjungan ini sudah dimulai. Bicaralah dengan petugas di loket."))
    if booking.status not in {Status.HELD, Status.BOOKED, Status.DISPLACED}:
        return BookingChanged()
    if booking.status != Status.DISPLACED and booking.slot.ends_at <= now:
        return TooLate(
            _(
                "Jam kedatangan ini sudah lewat, sehingga tidak dapat dibatalkan lagi. Buatlah jadwal baru."
            )
        )
    return None


def why_not_reschedule(booking: Booking, now: dt.datetime) -> DomainError | None:
    """Return what stands against rescheduling: once, until the day before by the office's date.

    Who lost the hour to a closure may choose another one, and who was moved may once more.
    """
    if booking.status == Status.CHECKED_IN:
        return TooLate(_("Kunjungan ini sudah dimulai. Bicaralah dengan petugas di loket."))
    if booking.status == Status.DISPLACED:
        return None
    if booking.status != Status.BOOKED:
        return BookingChanged()
    if booking.office.local_day(now) >= booking.slot.day:
        return TooLate()
    if not changes_left(booking) and free_move_of(booking) is None:
        return NoChangeLeft()
    return None


def free_move_of(booking: Booking) -> DisplacedBooking | None:
    """Return the office's move of a booking that is not answered yet, or None."""
    if booking.status != Status.DISPLACED and booking.via != Booking.Via.MOVED_BY_OFFICE:
        return None
    rows = booking.displacements.filter(answered_at__isnull=True).select_related("displacement")
    return rows.order_by("-pk").first()


def alternatives_to(
    office: Office,
    *,
    group: ServiceGroup,
    near: dt.datetime,
    now: dt.datetime,
    wanted: int = 1,
    but_not: int | None = None,
    service: int | None = None,
) -> list[dict[str, Any]]:
    """Return the hours of the office nearest to a moment that can be booked now, ready for JSON."""
    found = nearest_open_slots(
        office, group=group, after=near, now=now, limit=2 * ALTERNATIVES, service=service
    )
    fitting = [view for view in found if view.id != but_not and view.left >= wanted]
    return [
        {
            "slot": view.id,
            "office": office.code,
            "starts_at": view.starts_at.astimezone(office.zone).isoformat(),
            "ends_at": view.ends_at.astimezone(office.zone).isoformat(),
            "left": view.left,
        }
        for view in fitting[:ALTERNATIVES]
    ]
