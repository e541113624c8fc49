"""Holidays announced for an office, a region or the nation: preview, announcement, withdrawal.

A holiday may fall on a day that people have booked. It therefore uses the closure of that day: its preview, its moves
and its messages.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from booking.closures.services import (
    ClosureData,
    Preview,
    preview_closure,
    reopen_locked,
    write_closure,
)
from core.db import busy_on_timeout
from core.errors import InvalidInput, NotAllowed, NotFound
from offices.closures.models import Closure
from offices.directory.models import Office, Region
from offices.hours.models import Holiday
from offices.permissions import Right, has_right
from quotas.places.models import Slot

# How far ahead a holiday can be announced.
LONGEST_AHEAD: Final = dt.timedelta(days=800)


@dataclass(frozen=True)
class HolidayData:
    """A holiday as entered: of one office, of a region, or of the nation when both are empty."""

    day: dt.date
    name: str
    kind: str
    name_en: str = ""
    instrument: str = ""
    office: Office | None = None
    region: Region | None = None

    @property
    def right(self) -> Right:
        """The right that this scope needs, at every office concerned."""
        if self.office is not None:
            return Right.ANNOUNCE_HOLIDAY
        if self.region is not None:
            return Right.ANNOUNCE_REGIONAL_HOLIDAY
        return Right.ANNOUNCE_NATIONAL_HOLIDAY

    def offices(self) -> list[Office]:
        """Return the offices concerned, in the order of their ids, in which they are locked."""
        rows = Office.objects.select_related("region").order_by("pk")
        if self.office is not None:
            rows = rows.filter(pk=self.office.pk)
        elif self.region is not None:
            rows = rows.filter(region=self.region)
        return list(rows)

    def closure(self) -> ClosureData:
        """Return the closure of the day with the holiday's name as its reason."""
        return ClosureData(
            first_day=self.day,
            last_day=self.day,
            reason=self.name,
            reason_en=self.name_en,
            instrument=self.instrument,
        )


def preview_holiday(
    *, data: HolidayData, by: User, now: dt.datetime
) -> list[tuple[Office, Preview]]:
    """Return the effect on each office that has places on the day. Writes nothing.

    Raises NotAllowed, InvalidInput.
    """
    offices = _checked(data, by=by, now=now)
    previews = [
        (office, preview_closure(office=office, data=data.closure(), now=now))
        for office in _with_places(offices, data.day)
    ]
    return sorted(previews, key=lambda row: -row[1].people)


def announce_holiday(*, data: HolidayData, by: User, now: dt.datetime) -> list[Holiday]:
    """Record the holiday; withdraw the day's places; the people are moved afterwards, as after a closure.

    A region's holiday is a row for each of its offices. Announcing it twice changes nothing the second time.
    Raises NotAllowed, InvalidInput, Busy.
    """
    offices = _checked(data, by=by, now=now)
    with busy_on_timeout(), transaction.atomic():
        ids = [office.pk for office in offices]
        list(Office.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))
        subjects: list[Office | None] = list(offices) if data.office or data.region else [None]
        values = {"name": data.name, "name_en": data.name_en, "kind": data.kind}
        rows = [
            Holiday.objects.get_or_create(day=data.day, office=office, defaults=values)[0]
            for office in subjects
        ]
        for office in _with_places(offices, data.day):
            write_closure(office=office, data=data.closure(), by=by, now=now)
        return rows


def withdraw_holiday(*, holiday_id: int, by: User, now: dt.datetime) -> None:
    """Delete a holiday that has not come yet, and reopen its day. People who were moved keep their new time.

    Raises NotFound, NotAllowed, InvalidInput, Busy.
    """
    holiday = Holiday.objects.select_related("office").filter(pk=holiday_id).first()
    if holiday is None:
        raise NotFound
    data = HolidayData(day=holiday.day, name=holiday.name, kind=holiday.kind, office=holiday.office)
    offices = _checked(data, by=by, now=now)
    with busy_on_timeout(), transaction.atomic():
        ids = [office.pk for office in offices]
        list(Office.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))
        holiday.delete()
        closures = Closure.objects.not_lifted().filter(
            office__in=offices, first_day=data.day, last_day=data.day, reason=data.name
        )
        for closure in closures.select_related("office"):
            reopen_locked(closure, on=data.day, by=by, now=now)


def _checked(data: HolidayData, *, by: User, now: dt.datetime) -> list[Office]:
    offices = data.offices()
    if not offices or not all(has_right(by, data.right, office=row, now=now) for row in offices):
        raise NotAllowed
    mistakes: dict[str, list[Any]] = {}
    today = min(office.local_day(now) for office in offices)
    if data.day < today:
        mistakes["day"] = [_("Hari itu sudah lewat. Pilih hari ini atau sesudahnya.")]
    elif data.day > today + LONGEST_AHEAD:
        mistakes["day"] = [_("Hari itu terlalu jauh. Pilih hari dalam dua tahun ke depan.")]
    if not data.name.strip():
        mistakes["name"] = [_("Tulis nama hari liburnya.")]
    if data.kind not in Holiday.Kind.values:
        mistakes["kind"] = [_("Pilih salah satu.")]
    if mistakes:
        raise InvalidInput(fields=mistakes)
    return offices


def _with_places(offices: list[Office], day: dt.date) -> list[Office]:
    rows = Slot.objects.filter(office__in=offices, day=day)
    ids = set(rows.values_list("office_id", flat=True).distinct())
    return [office for office in offices if office.pk in ids]
