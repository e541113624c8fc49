"""People who come without a booking: an officer gives them a place of the hour."""

import datetime as dt
import uuid
from typing import Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from booking.errors import WalkInsNotAdmitted
from booking.models import Applicant, Booking
from booking.selectors import alternatives_to
from booking.services.applications import fits
from booking.services.claims import ONE_LIVE, Claim, open_party, write_bookings
from booking.services.moves import AT_THE_DESK
from booking.services.people import ApplicantData, checked
from core.db import busy_on_timeout, constraints_as_errors
from core.errors import InvalidInput, NotFound
from offices.models import Office, ServiceType
from offices.selectors import admission_on, require
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
    require(by, office=office, roles=AT_THE_DESK, now=now)
    values = checked(applicant, now=now)
    service = _asked_service(office, service_type_id)
    person = Applicant(account=None, created_at=now, **values)
    if not fits(person, service):
        text = _(
            "Layanan ini bukan untuk jenis identitas ini. Warga asing memakai paspor, WNI memakai NIK."
        )
        raise InvalidInput(fields={"identity_number": [text]})
    slots = _hours(office, service, lane, now=now)
    _check_admission(office, service, lane, now=now)
    for slot in slots:
        claim = Claim(
            account_id=None,
            slot=slot,
            service=service,
            key=uuid.uuid4().hex,
            via=Booking.Via.DESK,
            by_id=by.pk,
            now=now,
        )
        try:
            return _book(claim, Applicant(account=None, created_at=now, **values))
        except (SlotFull, NotYetOpen, WindowClosed):
            continue
    raise SlotFull(
        _(
            "Tempat jalur ini untuk jam berjalan dan jam berikutnya sudah habis. Tawarkan jadwal terdekat."
        ),
        alternatives=alternatives_to(
            office, group=service.group, near=now, now=now, service=service.pk
        ),
    )


def _book(claim: Claim, person: Applicant) -> Booking:
    with busy_on_timeout(), constraints_as_errors(ONE_LIVE), transaction.atomic():
        party = open_party(claim, "")
        if party is None:  # a key of 122 random bits came up twice
            raise InvalidInput
        person.save(force_insert=True)
        [booking] = write_bookings(claim, party, [person], lanes_booked_at="desk")
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
