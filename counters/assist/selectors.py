"""Days and hours that an officer can book for a person at the desk, and how often officers did."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from booking.bookings.hours import Need, hour_rows
from booking.bookings.models import Booking
from offices.directory.models import Office, ServiceType
from offices.exceptions import ExceptionKind, counted_by_month, register
from quotas.calendar.selectors import OPEN, CalendarDay, calendar
from quotas.calendar.weeks import weeks_from

ONE_DAY = dt.timedelta(days=1)


def days_to_book(office: Office, service: ServiceType, *, now: dt.datetime) -> list[CalendarDay]:
    """Return the later days with places that everybody can book now, in the weeks of the public calendar."""
    today = office.local_day(now)
    _monday, last = weeks_from(today)
    rows = calendar(
        office,
        first=today + ONE_DAY,
        last=last,
        group=service.group,
        service=service.pk,
        now=now,
    )
    return [row for row in rows if row.status == OPEN]


def hours_to_book(
    office: Office, service: ServiceType, day: dt.date, *, now: dt.datetime
) -> list[dict[str, Any]]:
    """Return the hours of a later day as the public sees them; nothing for today and earlier."""
    if day <= office.local_day(now):
        return []
    return hour_rows(office, day=day, needs=[Need(service.group, service.pk)], now=now)


def assisted(offices: Sequence[Office], first: dt.date, last: dt.date) -> list[QuerySet[Any, Any]]:
    """Count the online places that officers gave to people without an account, by month of the service day.

    Counted by what they are, not by the way of booking, which a later move replaces.
    """
    rows = Booking.objects.filter(
        account__isnull=True,
        admission__isnull=True,
        office__in=offices,
        slot__day__range=(first, last),
    ).exclude(via=Booking.Via.DESK)
    return [counted_by_month(rows, "assisted", office="office", day="slot__day")]


register(ExceptionKind("assisted", _("jadwal daring dipesankan petugas"), assisted))
