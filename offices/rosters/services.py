"""Weekly rosters, absences and overtime."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from core.db import busy_on_timeout, constraints_as_errors
from core.errors import DomainError, InvalidInput, NotFound
from core.formats import date_short, hour
from offices.directory.models import Counter, Office
from offices.hours.models import OpeningHours
from offices.hours.selectors import working_hours
from offices.labels import retired_text
from offices.permissions import Right, check_right
from offices.rosters.errors import (
    CounterOutOfUse,
    CounterRosteredTwice,
    OfficerElsewhere,
    RosterChanged,
)
from offices.rosters.models import RosterShift
from offices.rosters.selectors import A_WEEK, ShiftData, data_of, editable_shifts, fingerprint
from offices.staff.models import Role
from offices.staff.selectors import staff_of

ONE_DAY: Final = dt.timedelta(days=1)
REASON_LENGTH: Final = 200
CLASHES: Final[dict[str, Callable[[], DomainError]]] = {
    "roster_shift_officer_in_one_place": OfficerElsewhere,
    "roster_shift_one_officer_a_counter": CounterRosteredTwice,
    "roster_shift_counter_in_use": CounterOutOfUse,
}


def save_week(
    *,
    office_id: int,
    monday: dt.date,
    shifts: Sequence[ShiftData],
    shown_fingerprint: str,
    by: User,
    now: dt.datetime,
) -> int:
    """Replace the week's shifts from today on; return their number.

    Raises NotFound, NotAllowed, RosterChanged, InvalidInput with the wrong cells,
    OfficerElsewhere, CounterRosteredTwice, Busy.
    """
    office = _office(office_id, by=by, now=now)
    today = office.local_day(now)
    with busy_on_timeout(), constraints_as_errors(CLASHES), transaction.atomic():
        Office.objects.select_for_update(no_key=True).get(pk=office.pk)
        stored = editable_shifts(office, monday, today=today)
        if fingerprint(stored) != shown_fingerprint:
            raise RosterChanged
        wanted = [row for row in shifts if row.day >= today]
        _check_week(office, monday, wanted)
        known = {data_of(row, office): row.pk for row in stored}
        gone = [pk for row, pk in known.items() if row not in wanted]
        RosterShift.objects.filter(pk__in=gone).delete()
        _write(office, [row for row in wanted if row not in known])
        return len(set(wanted))


def fill_week(
    *, office_id: int, monday: dt.date, like_last_week: bool, by: User, now: dt.datetime
) -> int:
    """Fill the empty cells of a week, from the week before or with every counter officer all day.

    Skips officers rostered elsewhere at that time. Returns the number of added shifts. Raises
    NotFound, NotAllowed, OfficerElsewhere, CounterRosteredTwice, Busy.
    """
    office = _office(office_id, by=by, now=now)
    today = office.local_day(now)
    with busy_on_timeout(), constraints_as_errors(CLASHES), transaction.atomic():
        Office.objects.select_for_update(no_key=True).get(pk=office.pk)
        span = (max(monday, today), monday + A_WEEK)
        there = RosterShift.objects.filter(office=office, day__gte=span[0], day__lt=span[1])
        taken = set(there.values_list("officer_id", "day"))
        source = _last_week(office, monday) if like_last_week else _everyone(office, monday)
        wanted = [
            row for row in source if row.day >= today and (row.officer_id, row.day) not in taken
        ]
        clashes = _elsewhere(office, wanted)
        fitting = [row for row in wanted if row not in clashes]
        _write(office, fitting)
        return len(fitting)


def mark_absent(*, shift_id: int, reason: str, by: User, now: dt.datetime) -> RosterShift:
    """Mark a rostered officer as absent. Raises NotFound, NotAllowed, InvalidInput."""
    reason = " ".join(reason.split())
    if not reason or len(reason) > REASON_LENGTH:
        text = _("Tulis alasannya, paling panjang 200 karakter.")
        raise InvalidInput(text, fields={"reason": [text]})
    with busy_on_timeout(), transaction.atomic():
        shift = _locked(shift_id, by=by, now=now)
        if shift.absent_at is None:
            shift.absent_at, shift.absent_by, shift.absent_reason = now, by, reason
            shift.save(update_fields=["absent_at", "absent_by", "absent_reason"])
        return shift


def mark_present(*, shift_id: int, by: User, now: dt.datetime) -> RosterShift:
    """Remove an absence. Raises NotFound, NotAllowed, OfficerElsewhere."""
    with busy_on_timeout(), constraints_as_errors(CLASHES), transaction.atomic():
        shift = _locked(shift_id, by=by, now=now)
        shift.absent_at, shift.absent_by, shift.absent_reason = None, None, ""
        shift.save(update_fields=["absent_at", "absent_by", "absent_reason"])
        return shift


def add_overtime(
    *,
    office_id: int,
    officer_ids: Sequence[int],
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    reason: str,
    by: User,
    now: dt.datetime,
) -> int:
    """Roster officers after closing, with a reason; return the number of shifts. Raises NotFound, NotAllowed, OfficerElsewhere."""
    office = _office(office_id, by=by, now=now)
    with busy_on_timeout(), constraints_as_errors(CLASHES), transaction.atomic():
        rows = RosterShift.objects.bulk_create(
            RosterShift(
                officer_id=officer_id,
                office=office,
                day=office.local_day(starts_at),
                starts_at=starts_at,
                ends_at=ends_at,
                overtime_reason=reason[:REASON_LENGTH],
            )
            for officer_id in dict.fromkeys(officer_ids)
        )
        return len(rows)


def _office(office_id: int, *, by: User, now: dt.datetime) -> Office:
    office = Office.objects.filter(pk=office_id).first()
    if office is None:
        raise NotFound
    check_right(by, Right.CHANGE_ROSTER, office=office, now=now)
    return office


def _locked(shift_id: int, *, by: User, now: dt.datetime) -> RosterShift:
    rows = RosterShift.objects.select_for_update(no_key=True, of=("self",))
    shift = rows.select_related("office").filter(pk=shift_id).first()
    if shift is None:
        raise NotFound
    check_right(by, Right.CHANGE_ROSTER, office=shift.office, now=now)
    return shift


def _check_week(office: Office, monday: dt.date, wanted: Sequence[ShiftData]) -> None:
    """Raise InvalidInput with all wrong cells of a week."""
    mistakes: dict[str, list[Any]] = defaultdict(list)
    days = sorted({row.day for row in wanted})
    hours = {day: working_hours(office, day) for day in days}
    staff = {
        day: {user.pk for user in staff_of(office, role=Role.COUNTER, day=day)} for day in days
    }
    counters = Counter.objects.filter(hall__office=office).in_bulk()
    for row in wanted:
        text = _wrong(row, monday, hours[row.day], staff[row.day], counters)
        if text:
            mistakes[row.cell].append(text)
    for row, text in _elsewhere(office, wanted).items():
        mistakes[row.cell].append(text)
    for row in _twice(wanted):
        mistakes[row.cell].append(gettext_lazy("Jam dua giliran jaga ini tumpang-tindih."))
    for row in _same_counter(wanted):
        mistakes[row.cell].append(CounterRosteredTwice.message)
    if mistakes:
        raise InvalidInput(fields=mistakes)


def _wrong(
    row: ShiftData,
    monday: dt.date,
    hours: OpeningHours | None,
    staff: set[int],
    counters: Mapping[int, Counter],
) -> str:
    if not monday <= row.day < monday + A_WEEK or row.officer_id not in staff:
        return _("Orang ini bukan petugas loket kantor ini pada hari itu.")
    if row.counter_id is not None and row.counter_id not in counters:
        return _("Loket ini ada di kantor lain.")
    if row.counter_id is not None and not counters[row.counter_id].is_in_use_on(row.day):
        return retired_text(counters[row.counter_id])
    if hours is None:
        return _("Kantor tidak buka pada hari itu.")
    if row.starts >= row.ends:
        return _("Selesai harus sesudah mulai.")
    if row.starts < hours.opens or row.ends > hours.closes:
        return _(
            "Di luar jam buka, %(opens)s sampai %(closes)s. Lembur ditambahkan di Kapasitas."
        ) % {
            "opens": hour(hours.opens),
            "closes": hour(hours.closes),
        }
    return ""


def _elsewhere(office: Office, wanted: Sequence[ShiftData]) -> dict[ShiftData, str]:
    """Return the shifts of officers rostered at another office at that time, with an error text."""
    clashes: dict[ShiftData, str] = {}
    if not wanted:
        return clashes
    days = [row.day for row in wanted]
    others = RosterShift.objects.exclude(office=office).filter(
        officer_id__in={row.officer_id for row in wanted},
        # One moment can have two dates in two time zones.
        day__range=(min(days) - ONE_DAY, max(days) + ONE_DAY),
        absent_at__isnull=True,
    )
    by_officer: dict[int, list[RosterShift]] = defaultdict(list)
    for other in others.select_related("office"):
        by_officer[other.officer_id].append(other)
    for row in wanted:
        starts_at, ends_at = office.at(row.day, row.starts), office.at(row.day, row.ends)
        for other in by_officer[row.officer_id]:
            if starts_at < other.ends_at and other.starts_at < ends_at:
                clashes[row] = _("Sudah dijadwalkan di %(office)s, %(day)s %(from)s–%(until)s.") % {
                    "office": other.office.name,
                    "day": date_short(other.day),
                    "from": hour(other.starts_at, other.office),
                    "until": hour(other.ends_at, other.office),
                }
    return clashes


def _twice(wanted: Sequence[ShiftData]) -> list[ShiftData]:
    return _clashing(wanted, lambda row: (row.officer_id, row.day))


def _same_counter(wanted: Sequence[ShiftData]) -> list[ShiftData]:
    seated = [row for row in wanted if row.counter_id is not None]
    return _clashing(seated, lambda row: (row.counter_id, row.day))


def _clashing(rows: Sequence[ShiftData], key: Callable[[ShiftData], Any]) -> list[ShiftData]:
    """Return shifts that begin before the previous one with the same key has ended."""
    groups: dict[Any, list[ShiftData]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    clashing = []
    for group in groups.values():
        busy_until = dt.time.min
        for row in sorted(group, key=lambda one: (one.starts, one.ends)):
            if row.starts < busy_until:
                clashing.append(row)
            busy_until = max(busy_until, row.ends)
    return clashing


def _write(office: Office, rows: Sequence[ShiftData]) -> None:
    RosterShift.objects.bulk_create(
        RosterShift(
            officer_id=row.officer_id,
            office=office,
            counter_id=row.counter_id,
            day=row.day,
            starts_at=office.at(row.day, row.starts),
            ends_at=office.at(row.day, row.ends),
        )
        for row in sorted(set(rows), key=lambda one: (one.day, one.officer_id, one.starts))
    )


def _everyone(office: Office, monday: dt.date) -> list[ShiftData]:
    rows = []
    for day in (monday + ONE_DAY * step for step in range(A_WEEK.days)):
        hours = working_hours(office, day)
        if hours is not None:
            rows += [
                ShiftData(user.pk, day, hours.opens, hours.closes)
                for user in staff_of(office, role=Role.COUNTER, day=day)
            ]
    return rows


def _last_week(office: Office, monday: dt.date) -> list[ShiftData]:
    """Return last week's shifts moved by a week, where the office is open and the officer still works there.

    A shift at a counter that is out of use by then is at any free counter.
    """
    rows = []
    counters = Counter.objects.filter(hall__office=office).in_bulk()
    old = RosterShift.objects.filter(
        office=office, day__gte=monday - A_WEEK, day__lt=monday, overtime_reason=""
    )
    for shift in old.order_by("starts_at", "pk"):
        day = shift.day + A_WEEK
        data, hours = data_of(shift, office), working_hours(office, day)
        if hours is None or shift.officer_id not in {
            user.pk for user in staff_of(office, role=Role.COUNTER, day=day)
        }:
            continue
        starts, ends = max(data.starts, hours.opens), min(data.ends, hours.closes)
        if starts < ends:
            counter = counters.get(shift.counter_id or 0)
            stays = counter is not None and counter.is_in_use_on(day)
            at = shift.counter_id if stays else None
            rows.append(ShiftData(shift.officer_id, day, starts, ends, at))
    return rows
