"""Opening hours, holidays, admission and attendance."""

import datetime as dt
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, Model, Q

from offices.directory.models import Office
from offices.hours.models import (
    AdmissionRule,
    Attendance,
    Holiday,
    HolidayProposal,
    OpeningHours,
)
from offices.ordered import Ordered, from_far_to_near, nearest

DAYS_TO_SEARCH = 60
FULL_ATTENDANCE = Decimal(100)
R = TypeVar("R", bound=Ordered)


# --- The rules of a day -------------------------------------------------------------------------


def opening_hours_on(office: Office, day: date) -> OpeningHours | None:
    """Return the opening hours in force on the day; holidays are not considered."""
    if office.rules_read is not None and OpeningHours in office.rules_read:
        kept: list[OpeningHours] = office.rules_read[OpeningHours]
        of_day = (row for row in kept if row.weekday == day.isoweekday() and row.is_in_force(day))
        return next(of_day, None)
    rows = OpeningHours.objects.in_force(day).filter(office=office, weekday=day.isoweekday())
    return rows.first()


def holiday_on(office: Office, day: date) -> Holiday | None:
    """Return the day's holiday, a national one before the office's own."""
    rows: Iterable[Holiday]
    if office.rules_read is not None and Holiday in office.rules_read:
        rows = [row for row in office.rules_read[Holiday] if row.day == day]
    else:
        rows = Holiday.objects.filter(Q(office=None) | Q(office=office), day=day)
    return min(rows, key=lambda row: row.office_id is not None, default=None)


def with_rules(offices: Iterable[Office], *kinds: type[Ordered]) -> list[Office]:
    """Read the rules of these kinds for all offices, one query each, and keep them with each office."""
    rows = list(offices)
    scope = Q(office__in=rows) | Q(region__in={row.region_id for row in rows})
    read: dict[type[Model], list[Any]] = {
        kind: list(kind.objects.filter(scope | Q(office=None, region=None))) for kind in kinds
    }
    for office in rows:
        office.rules_read = {**(office.rules_read or {}), **read}
    return rows


def with_hours(office: Office) -> Office:
    """Read an office's opening hours and all holidays, and keep them with the office."""
    office.rules_read = {
        **(office.rules_read or {}),
        OpeningHours: list(OpeningHours.objects.filter(office=office)),
        Holiday: list(Holiday.objects.filter(Q(office=None) | Q(office=office))),
    }
    return office


def _in_force(kind: type[R], office: Office, day: date) -> R | None:
    """Return the rule of the day: the office's, or else its region's, or else the nation's."""
    if office.rules_read is not None and kind in office.rules_read:
        return nearest(office.rules_read[kind], office, day)
    rows: list[R] = from_far_to_near(kind, office, day)
    return rows[-1] if rows else None


def admission_on(office: Office, day: date) -> AdmissionRule | None:
    """Return the admission rule of the day, or None if there is none."""
    return _in_force(AdmissionRule, office, day)


def attendance_on(office: Office, day: date) -> Decimal:
    """Return the percentage of staff in the office; 100 without a rule."""
    row = _in_force(Attendance, office, day)
    return FULL_ATTENDANCE if row is None else row.percent


def working_days(office: Office, first: date, last: date) -> list[date]:
    """Return the working days of a span, both ends included.

    A working day has opening hours and is neither a holiday nor a cuti bersama.
    """
    holidays = Holiday.objects.filter(Q(office=None) | Q(office=office), day__range=(first, last))
    closed = ArraySubquery(holidays.order_by().values("day"))  # one query for both
    hours = list(OpeningHours.objects.filter(office=office).annotate(closed=closed))
    off = set(hours[0].closed) if hours else set()
    days = (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))
    return [
        day
        for day in days
        if day not in off
        and any(row.weekday == day.isoweekday() and row.is_in_force(day) for row in hours)
    ]


def add_working_days(office: Office, start: date, days: int) -> date:
    """Return the day that lies `days` working days after `start`."""
    if days <= 0:
        return start
    last = start + timedelta(days=days * 7 + DAYS_TO_SEARCH)
    following = working_days(office, start + timedelta(days=1), last)
    return following[days - 1] if days <= len(following) else last


def working_hours(office: Office, day: dt.date) -> OpeningHours | None:
    """Return the day's opening hours; None if the office is closed. At most one query."""
    if office.rules_read is not None and OpeningHours in office.rules_read:
        return None if holiday_on(office, day) else opening_hours_on(office, day)
    off = Holiday.objects.filter(Q(office=None) | Q(office=office), day=day)
    rows = OpeningHours.objects.in_force(day).filter(office=office, weekday=day.isoweekday())
    return rows.filter(~Exists(off)).first()


def closing_moment(office: Office, day: dt.date) -> dt.datetime:
    """Return when the day's service ends: its closing time, or its start if the office is closed."""
    hours = working_hours(office, day)
    return office.at(day, hours.closes if hours else dt.time())


def has_closed(office: Office, day: dt.date, *, now: dt.datetime) -> bool:
    """True from the closing time of a day on."""
    return now >= closing_moment(office, day)


# --- What is not known yet ----------------------------------------------------------------------


def half_years_without_leave(*, today: date) -> list[date]:
    """Return the first days of the next two half-years that have no cuti bersama yet."""
    starts = [
        day
        for year in (today.year, today.year + 1)
        for day in (date(year, 1, 1), date(year, 7, 1))
        if day > today
    ]
    missing = []
    for first in starts[:2]:
        last = date(first.year, 6, 30) if first.month == 1 else date(first.year, 12, 31)
        rows = Holiday.objects.filter(
            office=None, kind=Holiday.Kind.CUTI_BERSAMA, day__range=(first, last)
        )
        if not rows.exists():
            missing.append(first)
    return missing


def open_proposals(*, today: date) -> list[HolidayProposal]:
    """Return the proposals that wait for a decision, by day."""
    return list(HolidayProposal.objects.filter(is_accepted=None, gone_at=None, day__gte=today))
