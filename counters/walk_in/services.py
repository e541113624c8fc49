"""Admitting people without a booking: walk-ins, priority and the accelerated same-day lane."""

import datetime as dt
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from booking.bookings.models import Booking
from booking.bookings.services import book_at_desk, desk_slots
from booking.people.services import ApplicantData
from core.db import busy_on_timeout
from core.errors import DomainError, InvalidInput, NotFound
from core.languages import localized
from counters.gate.models import GateRefusal
from counters.gate.services import check_in, priority_reason, refuse_at_gate
from counters.screening.selectors import gate_check
from counters.visits.models import Visit
from counters.visits.services import short_text
from counters.walk_in.models import DeskAdmission
from counters.walk_in.selectors import DESK_LANES, PRIORITY, WALK_IN
from offices.directory.models import Office, ServiceType
from offices.permissions import Right, check_right
from offices.reasons.models import Reason
from offices.reasons.selectors import chosen_reason
from quotas.places.errors import SlotFull
from quotas.rules.services import add_places

# What the gate records when the desk refuses a person, by the code of the error.
GATE_REASONS: Final = {
    "walk_ins_not_admitted": "walk_in_off",
    "full": "walk_in_full",
    "service_not_offered": "walk_in_service",
    "accelerated_closed": "walk_in_late",
    "already_booked": "walk_in_person",
    "not_bookable": "walk_in_person",
    "restricted": "walk_in_person",
}


@dataclass(frozen=True)
class Admitted:
    """A place given at the desk. Without a visit the person has to be checked at the gate first."""

    booking: Booking
    visit: Visit | None


def admit_at_desk(
    *,
    office_id: int,
    applicant: ApplicantData,
    service_type_id: int,
    lane: str = WALK_IN,
    reason: str = "",
    note: str = "",
    extra_reason: str = "",
    by: User,
    now: dt.datetime,
) -> Admitted:
    """Book a place of a desk lane in the current or next slot and check the person in.

    The priority lane needs a reason of the list; it is open where walk-ins are not admitted. With
    `extra_reason` a supervisor adds a place when the quota is used up. Raises what `book_at_desk` and
    `check_in` raise, NotAllowed, OfficialGuestNeedsSupervisor, and InvalidInput on `lane`, `reason`,
    `note` and `extra_reason`.
    """
    office = Office.objects.filter(pk=office_id).first()
    if office is None:
        raise NotFound
    check_right(by, Right.SERVE_GATE, office=office, now=now)
    if lane not in DESK_LANES:
        raise InvalidInput(fields={"lane": [_("Pilih salah satu jalur dari daftar.")]})
    note = short_text(note, field="note")
    why = None
    if lane == PRIORITY:
        why = priority_reason(office, applicant.birth_date, reason, note, by=by, now=now)
    extra = _extra_reason(office, extra_reason, note, by=by, now=now) if extra_reason else None
    with busy_on_timeout(), transaction.atomic():
        booking, is_added = _book(
            office, applicant, service_type_id, lane, extra, note, by=by, now=now
        )
        DeskAdmission.objects.create(
            booking=booking,
            reason=why,
            note=note if why is not None or is_added else "",
            extra_reason=extra if is_added else None,
            by=by,
            at=now,
        )
        if gate_check(booking, office.local_day(now)).is_needed:
            return Admitted(booking, None)
        visit = check_in(office_id=office.pk, code=booking.code, by=by, now=now)
        return Admitted(booking, visit)


def turned_away_reason(error: DomainError) -> str:
    """Return the gate's reason for turning a person away; "" for wrong input, which turns nobody away."""
    return GATE_REASONS.get(error.code, "")


def record_turned_away(*, office: Office, reason: str, by: User, now: dt.datetime) -> None:
    """Write the gate's refusal record of a person who got no place. Raises NotAllowed.

    Without such a reason in today's list there is only the record of refused bookings.
    """
    kind = GateRefusal.Kind.WALK_IN
    with suppress(InvalidInput):
        refuse_at_gate(office_id=office.pk, kind=kind, reason=reason, by=by, now=now)


def _extra_reason(office: Office, code: str, note: str, *, by: User, now: dt.datetime) -> Reason:
    """Return the reason for a place beyond the quota. Raises NotAllowed, InvalidInput."""
    check_right(by, Right.ADD_PLACES, office=office, now=now)
    try:
        return chosen_reason(Reason.Use.EXTRA_PLACE, code, note=note, day=office.local_day(now))
    except InvalidInput as error:
        texts = error.fields.pop("reason", None)
        fields = {**error.fields, **({"extra_reason": texts} if texts else {})}
        raise InvalidInput(error.message, fields=fields) from None


def _book(
    office: Office,
    applicant: ApplicantData,
    service_type_id: int,
    lane: str,
    extra: Reason | None,
    note: str,
    *,
    by: User,
    now: dt.datetime,
) -> tuple[Booking, bool]:
    """Book at the desk; when the quota is used up and a reason is given, add one place first."""

    def book() -> Booking:
        return book_at_desk(
            office_id=office.pk,
            applicant=applicant,
            service_type_id=service_type_id,
            lane=lane,
            by=by,
            now=now,
        )

    try:
        return book(), False
    except SlotFull:
        service = ServiceType.objects.select_related("group").get(pk=service_type_id)
        slots = desk_slots(office, service, lane, now=now)
        if extra is None or not slots:
            raise
    text = localized(extra)
    add_places(
        office_id=office.pk,
        slot_id=slots[0].pk,
        count=1,
        reason=f"{text}: {note}"[:200] if note else text,
        by=by,
        now=now,
    )
    return book(), True
