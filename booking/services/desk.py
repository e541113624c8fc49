"""People who come without a booking: an officer gives them a place of the hour."""

import datetime as dt
import uuid
from contextlib import suppress
from typing import Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from booking.bookings import services as bookings
from booking.bookings.requests import BookingRequest
from booking.bookings.rights import DeskOfficer
from booking.errors import WalkInsNotAdmitted, WrongIdentityKind
from booking.models import Applicant, Booking
from booking.selectors import alternatives_to, bookings_in
from booking.services.people import ApplicantData, checked
from core.db import busy_on_timeout
from core.errors import InvalidInput, NotFound
from offices.models import Office, ServiceType
from offices.permissions import Right, check_right
from offices.selectors import admission_on
from quotas.errors import NotYetOpen, SlotFull, WindowClosed
from quotas.models import Slot

WALK_IN: Final = "walk_in"
HOURS_OFFERED: Final = 2  # the hour that runs, and the next one


def book_at_desk(
    *,
    office_id: int,
    applicant: ApplicantData,
    service_type_id: int,
    lane: str = WALK_IN,
    by: User,
    now: dt.datetime,
) -> Booking:
    """Give a person at the desk a place of the running hour or the next one of a desk lane.

    Raises NotAllowed, InvalidInput with its fields, WalkInsNotAdmitted and SlotFull (both with the
    nearest hours to offer), AlreadyBooked, Busy.
    """
    office = Office.objects.filter(pk=office_id).first()
    if office is None:
        raise NotFound
    check_right(by, Right.BOOK_AT_DESK, office=office, now=now)
    values = checked(applicant, now=now)
    service = _asked_service(office, service_type_id)
    slots = _hours(office, service, lane, now=now)
    _check_admission(office, service, lane, now=now)
    with busy_on_timeout(), transaction.atomic():
        person = Applicant(account=None, created_at=now, **values)
        person.save(force_insert=True)
        for slot in slots:
            with suppress(SlotFull, NotYetOpen, WindowClosed):
                return _book(slot, service, person, by=by, now=now)
        raise SlotFull(
            _(
                "Tempat jalur ini untuk jam berjalan dan jam berikutnya sudah habis. Tawarkan jadwal terdekat."
            ),
            alternatives=alternatives_to(
                office, group=service.group, near=now, now=now, service=service.pk
            ),
        )


def _book(
    slot: Slot, service: ServiceType, person: Applicant, *, by: User, now: dt.datetime
) -> Booking:
    request = BookingRequest(
        account_id=None,
        slot_id=slot.pk,
        applicant_ids=[person.pk],
        service_type=service.code,
        key=uuid.uuid4().hex,
    )
    try:
        [party] = bookings.create_bookings(requests=[request], right=DeskOfficer(), by=by, now=now)
    except WrongIdentityKind:
        text = _(
            "Layanan ini bukan untuk jenis identitas ini. Warga asing memakai paspor, WNI memakai NIK."
        )
        raise InvalidInput(fields={"identity_number": [text]}) from None
    [booking] = bookings_in(party)
    return booking


def _asked_service(office: Office, service_type_id: int) -> ServiceType:
    service = (
        ServiceType.objects.select_related("group")
        .filter(pk=service_type_id, offices=office)
        .first()
    )
    if service is None:
        text = _("Layanan ini tidak ada di kantor ini. Pilih dari daftar.")
        raise InvalidInput(fields={"service_type": [text]})
    return service


def _hours(office: Office, service: ServiceType, lane: str, *, now: dt.datetime) -> list[Slot]:
    """Return the hour that runs and the next one; a closure may have divided each into two rows."""
    rows = (
        Slot.objects.serving(service.pk)
        .select_related("office", "group")
        .filter(
            office=office,
            lane_id=lane,
            lane__booked_at="desk",
            group=service.group,
            day=office.local_day(now),
            ends_at__gt=now,
        )
        .order_by("starts_at", "pk")
    )
    starts = sorted({row.starts_at for row in rows})[:HOURS_OFFERED]
    return [row for row in rows if row.starts_at in starts]


def _check_admission(office: Office, service: ServiceType, lane: str, *, now: dt.datetime) -> None:
    """The frail of the priority lane are let in without a booking whatever the rule for walk-ins."""
    if lane != WALK_IN:
        return
    rule = admission_on(office, office.local_day(now))
    if rule is None or not rule.admits_walk_ins:
        raise WalkInsNotAdmitted(
            alternatives=alternatives_to(
                office, group=service.group, near=now, now=now, service=service.pk
            )
        )
