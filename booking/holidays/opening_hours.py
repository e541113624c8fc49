"""A change of an office's opening hours: preview, and closures of the hours that no longer exist."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from booking.closures.services import ClosureData, Preview, preview_closure, write_closure
from core.db import busy_on_timeout
from core.errors import InvalidInput, NotFound
from offices.directory.models import Office
from offices.hours.models import OpeningHours
from offices.hours.selectors import opening_hours_on
from offices.in_force import put_in_force
from offices.permissions import Right, check_right
from quotas.places.models import Slot

REASON: Final = _("Jam buka berubah")
LONGEST_AHEAD: Final = dt.timedelta(days=800)


@dataclass(frozen=True)
class HoursData:
    """The opening hours of some weekdays (1 Monday to 7 Sunday) from a day on."""

    weekdays: tuple[int, ...]
    opens: dt.time
    closes: dt.time
    valid_from: dt.date
    instrument: str
    valid_until: dt.date | None = None


def preview_hours(
    *, office: Office, data: HoursData, now: dt.datetime
) -> list[tuple[dt.date, Preview]]:
    """Return the effect on each day with places outside the new hours. Writes nothing. Raises InvalidInput."""
    _check(office, data, now=now)
    return [
        (closure.first_day, preview_closure(office=office, data=closure, now=now))
        for closure in _lost_hours(office, data)
    ]


def change_hours(
    *, office_id: int, data: HoursData, by: User, now: dt.datetime
) -> list[OpeningHours]:
    """Put the hours in force, with the breaks of today's rows that still fit, and close the lost hours.

    The people of the lost hours are moved and notified as after any closure. Places after the old closing time
    (evening places) stay. Doing it twice changes nothing. Raises NotFound, NotAllowed, InvalidInput, Busy.
    """
    office = Office.objects.filter(pk=office_id).first()
    if office is None:
        raise NotFound
    check_right(by, Right.CLOSE_OFFICE, office=office, now=now)
    _check(office, data, now=now)
    with busy_on_timeout(), transaction.atomic():
        Office.objects.select_for_update(no_key=True).get(pk=office.pk)
        closures = _lost_hours(office, data)
        rows = [_put(office, weekday, data) for weekday in data.weekdays]
        for closure in closures:
            write_closure(office=office, data=closure, by=by, now=now)
        return rows


def _put(office: Office, weekday: int, data: HoursData) -> OpeningHours:
    first = data.valid_from + dt.timedelta(days=(weekday - data.valid_from.isoweekday()) % 7)
    old = opening_hours_on(office, first)
    breaks = [
        row
        for row in (old.breaks if old else [])
        if data.opens < dt.time.fromisoformat(row[0])
        and dt.time.fromisoformat(row[1]) < data.closes
    ]
    values = {
        "opens": data.opens,
        "closes": data.closes,
        "breaks": breaks,
        "valid_from": data.valid_from,
        "valid_until": data.valid_until,
        "instrument": data.instrument,
    }
    key = {"office": office, "weekday": weekday}
    return put_in_force(OpeningHours, key=key, values=values)[0]


def _lost_hours(office: Office, data: HoursData) -> Sequence[ClosureData]:
    """Return a closure for each day and each end of the day that is lost."""
    rows = Slot.objects.filter(office=office, day__gte=data.valid_from)
    if data.valid_until is not None:
        rows = rows.filter(day__lte=data.valid_until)
    closures = []
    for day in sorted(set(rows.values_list("day", flat=True))):
        old = opening_hours_on(office, day)
        if old is None or day.isoweekday() not in data.weekdays:
            continue
        spans = (
            (old.opens, min(data.opens, old.closes)),
            (max(data.closes, old.opens), old.closes),
        )
        closures += [
            ClosureData(
                first_day=day,
                last_day=day,
                from_time=begins,
                until_time=ends,
                reason=_in("id"),
                reason_en=_in("en"),
                instrument=data.instrument,
            )
            for begins, ends in spans
            if begins < ends
        ]
    return closures


def _in(language: str) -> str:
    with translation.override(language):
        return str(REASON)


def _check(office: Office, data: HoursData, *, now: dt.datetime) -> None:
    mistakes: dict[str, list[Any]] = {}
    today = office.local_day(now)
    if not data.weekdays or not all(1 <= weekday <= 7 for weekday in data.weekdays):
        mistakes["weekdays"] = [_("Pilih sedikitnya satu hari.")]
    if data.opens >= data.closes:
        mistakes["closes"] = [_("Jam tutup harus sesudah jam buka.")]
    if data.valid_from <= today:
        mistakes["valid_from"] = [_("Pilih hari sesudah hari ini.")]
    elif data.valid_from > today + LONGEST_AHEAD:
        mistakes["valid_from"] = [_("Hari itu terlalu jauh. Pilih hari dalam dua tahun ke depan.")]
    if data.valid_until is not None and data.valid_until < data.valid_from:
        mistakes["valid_until"] = [_("Hari terakhir harus sama dengan atau sesudah hari pertama.")]
    if not data.instrument.strip():
        mistakes["instrument"] = [_("Tulis dasar hukumnya.")]
    if mistakes:
        raise InvalidInput(fields=mistakes)
