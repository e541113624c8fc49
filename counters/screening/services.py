"""Recording checks at the gate and the task force's decisions; nobody enters without one."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

import pgtrigger
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.models import User
from booking.bookings.models import Booking, Displacement
from booking.bookings.selectors import find_for_check_in
from booking.closures.moves import move_to_later_day
from core.db import busy_on_timeout
from core.errors import InvalidInput, NotFound
from core.formats import hour_zone
from core.languages import localized
from counters.screening.errors import (
    AlreadyScreened,
    NoScreening,
    ScreeningNeeded,
    WaitsForTaskForce,
)
from counters.screening.messages import queue_referred_message
from counters.screening.models import APPEND_ONLY, CHECKED, DECIDED, Outcome, Screening
from counters.screening.selectors import gate_check, latest_of, screening_protocol
from counters.screening.temperature import check_range
from offices.directory.models import Office
from offices.in_force import end_on, put_in_force
from offices.limits.models import Protocol
from offices.permissions import Right, check_right
from quotas.rules.services import record_protocol

# The columns of a protocol that the supervisor enters as they are.
PROTOCOL_FIELDS: Final = (
    "name",
    "name_en",
    "temperature_limit",
    "task_force_email",
    "valid_from",
    "valid_until",
    "instrument",
)


def require_passed(booking: Booking, *, day: date) -> None:
    """Raise ScreeningNeeded if a protocol is in force and the person may not be checked in on this day."""
    check = gate_check(booking, day)
    if check.waits:
        raise WaitsForTaskForce
    if check.is_needed:
        raise ScreeningNeeded


def record_screening(
    *,
    booking_id: UUID,
    temperature: int | None,
    ticked: Collection[str],
    by: User,
    now: datetime,
) -> Screening:
    """Record the check of a person who is expected at the office today.

    `temperature` is in tenths of a degree. Over the protocol's limit the person is referred to the task
    force, who is informed; otherwise every item must be ticked. The same officer's repeated request
    returns the first line. Raises NotFound, NotAllowed, BookingEnded, WrongDay, NoScreening,
    InvalidInput with its fields, AlreadyScreened, Busy.
    """
    with busy_on_timeout(), transaction.atomic():
        booking = _locked(booking_id)
        office = booking.office
        check_right(by, Right.SCREEN_PEOPLE, office=office, now=now)
        find_for_check_in(office, booking.code, now)
        day = office.local_day(now)
        protocol = screening_protocol(office, day)
        if protocol is None:
            raise NoScreening
        _check_input(protocol, temperature, ticked)
        outcome = _outcome(protocol, temperature)
        last = latest_of(booking, day)
        if last is not None:
            codes = _in_order(protocol, ticked)
            is_same = (last.outcome, last.temperature, last.ticked) == (outcome, temperature, codes)
            if is_same and last.by_id == by.pk and last.outcome in CHECKED:
                return last
            raise _already(last)
        _require_ticks(protocol, outcome, ticked)
        screening = Screening.objects.create(
            booking=booking,
            office=office,
            protocol=protocol,
            day=day,
            outcome=outcome,
            temperature=temperature,
            ticked=_in_order(protocol, ticked),
            by=by,
            at=now,
        )
        if outcome == Outcome.REFERRED:
            queue_referred_message(screening, now=now)
        return screening


def record_decision(*, screening_id: int, outcome: str, by: User, now: datetime) -> Screening:
    """Record what the task force decided about a referred person: cleared or sent home.

    Sent home moves the booking to the first place of a later day, free of sanction and with a message.
    The same officer's repeated decision returns the first line. Raises NotFound, NotAllowed,
    InvalidInput, AlreadyScreened, BookingChanged, Busy.
    """
    if outcome not in DECIDED:
        raise InvalidInput(fields={"outcome": [_("Pilih: diizinkan atau dipulangkan.")]})
    with busy_on_timeout(), transaction.atomic():
        rows = Screening.objects.select_related("office", "protocol")
        referred = rows.filter(pk=screening_id, outcome=Outcome.REFERRED).first()
        if referred is None or referred.booking_id is None:
            raise NotFound
        booking = _locked(referred.booking_id)
        check_right(by, Right.SCREEN_PEOPLE, office=referred.office, now=now)
        last = latest_of(booking, referred.day)
        assert last is not None  # at least the referral
        if last.outcome in DECIDED:
            if (last.outcome, last.by_id) == (outcome, by.pk):
                return last
            raise _already(last)
        decision = Screening.objects.create(
            booking=booking,
            office=referred.office,
            protocol=referred.protocol,
            day=referred.day,
            outcome=outcome,
            by=by,
            # A clock that was set back does not put the decision before the check.
            at=max(now, referred.at),
        )
        if outcome == Outcome.SENT_HOME:
            cause = Displacement.Cause.SCREENING
            move_to_later_day(booking_id=booking.pk, cause=cause, by=by, now=now)
        return decision


@dataclass(frozen=True)
class ProtocolData:
    """A protocol as the supervisor enters it: `items` are pairs of names, Indonesian and English."""

    name: str
    name_en: str
    items: Sequence[tuple[str, str]]
    temperature_limit: int | None
    task_force_email: str
    valid_from: date
    valid_until: date | None
    instrument: str


def switch_on(*, office_id: int, data: ProtocolData, by: User, now: datetime) -> Protocol:
    """Put a protocol in force at an office from a day on; the one before ends the day before.

    The history of the office's rules records it. Raises NotAllowed, InvalidInput with its fields, Busy.
    """
    with busy_on_timeout(), transaction.atomic():
        office = _locked_office(office_id, by=by, now=now)
        _check_protocol(data, today=office.local_day(now))
        values = {
            **{name: getattr(data, name) for name in PROTOCOL_FIELDS},
            "items": _with_codes(data.items),
        }
        key = {"office": office, "region": None}
        row, before = put_in_force(Protocol, key=key, values=values)
        record_protocol(
            office=office,
            before=before,
            after=row,
            starts_on=row.valid_from,
            instrument=row.instrument,
            by=by,
            now=now,
        )
        return row


def switch_off(*, office_id: int, by: User, now: datetime) -> Protocol:
    """End the office's own protocol: at once, or tonight if somebody was checked by it since it began today.

    Raises NotFound without one, NotAllowed, Busy.
    """
    with busy_on_timeout(), transaction.atomic():
        office = _locked_office(office_id, by=by, now=now)
        today = office.local_day(now)
        row = Protocol.objects.in_force(today).filter(office=office).first()
        if row is None:
            raise NotFound
        has_screenings = row.valid_from == today and row.screenings.exists()
        record_protocol(
            office=office,
            before=row,
            after=None,
            starts_on=today + timedelta(days=1) if has_screenings else today,
            instrument=row.instrument,
            by=by,
            now=now,
        )
        if row.valid_from < today:
            end_on(row, today - timedelta(days=1))
        elif has_screenings:
            end_on(row, today)
        else:
            row.delete()
        return row


def _locked_office(office_id: int, *, by: User, now: datetime) -> Office:
    office = Office.objects.select_for_update(no_key=True).filter(pk=office_id).first()
    if office is None:
        raise NotFound
    check_right(by, Right.CHANGE_PROTOCOL, office=office, now=now)
    return office


def _check_protocol(data: ProtocolData, *, today: date) -> None:
    fields: dict[str, list[str]] = {}
    if data.valid_from < today:
        fields["valid_from"] = [_("Mulai hari ini atau sesudahnya.")]
    if data.valid_until is not None and data.valid_until < data.valid_from:
        fields["valid_until"] = [_("Hari terakhir tidak boleh sebelum hari pertama.")]
    if not data.items and data.temperature_limit is None:
        fields["items"] = [_("Isi yang diperiksa, atau batas suhu.")]
    if data.temperature_limit is not None:
        try:
            check_range(data.temperature_limit)
        except ValueError as error:
            fields["temperature_limit"] = [str(error)]
    if fields:
        raise InvalidInput(fields=fields)


def _with_codes(items: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    """Return the items with codes made from their names; equal names get a number."""
    rows: list[dict[str, str]] = []
    for number, (name, name_en) in enumerate(items, start=1):
        code = slugify(name_en or name)[:16] or "item"
        if any(row["code"] == code for row in rows):
            code = f"{code}-{number}"
        rows.append({"code": code, "name": name, "name_en": name_en or name})
    return rows


@transaction.atomic
def erase_screenings(*, screening_ids: Iterable[int], now: datetime) -> None:
    """Erase who was checked, the temperature and the items; day and outcome stay for the daily load."""
    with pgtrigger.ignore(f"counters.Screening:{APPEND_ONLY}"):
        Screening.objects.filter(pk__in=screening_ids).update(
            booking=None, temperature=None, ticked=[], erased_at=now
        )


def _locked(booking_id: UUID) -> Booking:
    """Lock the booking, so that two officers record one after the other. Raises NotFound."""
    locked = Booking.objects.select_for_update(no_key=True).filter(pk=booking_id)
    if not locked.values_list("pk", flat=True):
        raise NotFound
    return Booking.objects.select_related("office", "applicant", "slot").get(pk=booking_id)


def _outcome(protocol: Protocol, temperature: int | None) -> Outcome:
    limit = protocol.temperature_limit
    is_over = limit is not None and temperature is not None and temperature > limit
    return Outcome.REFERRED if is_over else Outcome.PASSED


def _check_input(protocol: Protocol, temperature: int | None, ticked: Collection[str]) -> None:
    fields: dict[str, list[str]] = {}
    if protocol.measures and temperature is None:
        fields["temperature"] = [_("Isi suhu badan, misalnya 36,5.")]
    elif not protocol.measures and temperature is not None:
        fields["temperature"] = [_("Protokol hari ini tidak mengukur suhu. Kosongkan.")]
    elif temperature is not None:
        try:
            check_range(temperature)
        except ValueError as error:
            fields["temperature"] = [str(error)]
    if not set(ticked) <= {item["code"] for item in protocol.items}:
        fields["items"] = [_("Pilih dari daftar protokol hari ini.")]
    if fields:
        raise InvalidInput(fields=fields)


def _require_ticks(protocol: Protocol, outcome: Outcome, ticked: Collection[str]) -> None:
    """Raise InvalidInput unless a person who passes has every item. A referred person sits down first."""
    if outcome != Outcome.PASSED:
        return
    missing = [localized(item) for item in protocol.items if item["code"] not in ticked]
    if missing:
        text = _("Belum dicentang: %(items)s. Centang bila sudah terpenuhi.")
        raise InvalidInput(fields={"items": [text % {"items": ", ".join(missing)}]})


def _in_order(protocol: Protocol, ticked: Collection[str]) -> list[str]:
    return [item["code"] for item in protocol.items if item["code"] in ticked]


def _already(last: Screening) -> AlreadyScreened:
    return AlreadyScreened(
        officer=str(last.by),
        time=hour_zone(last.at, last.office),
        outcome=str(last.get_outcome_display()),
    )
