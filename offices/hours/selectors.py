"""Opening hours, holidays, admission and attendance."""

import datetime as dt
from datetime import date, timedelta
from decimal import Decimal

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Q

from offices.directory.models import Office
from offices.hours.models import AdmissionRule, Attendance, Holiday, OpeningHours

DAYS_TO_SEARCH = 60
FULL_ATTENDANCE = Decimal(100)


# --- The rules of a day -------------------------------------------------------------------------


def opening_hours_on(office: Office, day: date) -> OpeningHours | None:
    """Return the opening hours in force on the day; holidays are not considered."""
    rows = OpeningHours.objects.in_force(day).filter(office=office, weekday=day.isoweekday())
    return rows.first()


def holiday_on(office: Office, day: date) -> Holiday | None:
    """Return the day's holiday, a national one before the office's own."""
    rows = Holiday.objects.filter(Q(office=None) | Q(office=office), day=day)
    return min(rows, key=lambda row: row.office_id is not None, default=None)


def admission_on(office: Office, day: date) -> AdmissionRule | None:
    """Return the admission rule of the day, or None if there is none."""
    rows = office.admission_rules.all()  # already prefetched for lists of offices
    return next((row for row in rows if row.is_in_force(day)), None)


def attendance_on(office: Office, day: date) -> Decimal:
    """Return the percentage of staff in the office; 100 without a rule."""
    row = Attendance.objects.in_force(day).filter(office=office).first()
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
    """Return the day's opening hours; None if the office is closed."""
    return None if holiday_on(office, day) else opening_hours_on(office, day)


def closing_moment(office: Office, day: dt.date) -> dt.datetime:
    """Return when the day's service ends: its closing time, or its start if the office is closed."""
    hours = working_hours(office, day)
    return office.at(day, hours.closes if hours else dt.time())


def has_closed(office: Office, day: dt.date, *, now: dt.datetime) -> bool:
    """True from the closing time of a day on."""
    return now >= closing_moment(office, day)
