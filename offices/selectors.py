"""Reads: offices, who works there, and which rules of the day hold."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import User
from core.db import shared_read
from core.errors import NotFound
from offices.models import (
    AdmissionRule,
    Attendance,
    BookingLimit,
    Fee,
    Holiday,
    NoShowRule,
    Office,
    OpeningHours,
    ProductRule,
    Protocol,
    Role,
    StaffRole,
)

DAYS_TO_SEARCH = 60
FULL_ATTENDANCE = Decimal(100)


def get_office(code: str) -> Office:
    """Return the office with this code. Raises NotFound."""
    office = Office.objects.select_related("region").filter(code=code).first()
    if office is None:
        raise NotFound
    return office


def list_offices() -> list[Office]:
    """Return every office by name."""
    return list(Office.objects.select_related("region").order_by("name"))


def list_offices_for_cards() -> list[Office]:
    """Return every office by name with what its card shows: who is admitted, and its services."""
    rows = Office.objects.select_related("region").order_by("name")
    return list(rows.prefetch_related("admission_rules", "service_types__group"))


def list_offices_in_full() -> list[Office]:
    """Return every office by name with all that the public is told of it, in few queries."""
    return list(_in_full().order_by("name"))


def _in_full() -> QuerySet[Office]:
    return Office.objects.select_related("region").prefetch_related(
        "opening_hours", "admission_rules", "attendance", "service_types__group", "halls__lanes"
    )


# --- Who works where ----------------------------------------------------------------------------


def _in_force(day: date) -> Q:
    return Q(valid_from__lte=day) & (Q(valid_until=None) | Q(valid_until__gte=day))


def roles_of(user: User, *, day: date) -> list[StaffRole]:
    """Return the roles a user has on a day; none for an account that is switched off."""
    if not user.is_authenticated or not user.is_active:
        return []
    rows = StaffRole.objects.filter(_in_force(day), user=user)
    return list(rows.select_related("office", "region").order_by("pk"))


def staff_of(office: Office, *, role: Role, day: date) -> list[User]:
    """Return the active users who have a role at an office on a day."""
    rows = StaffRole.objects.filter(_in_force(day), office=office, role=role, user__is_active=True)
    return [row.user for row in rows.select_related("user").order_by("user_id")]


@dataclass(frozen=True)
class OfficerRow:
    """An officer in the list of an office, with their roles there that are not over."""

    user: User
    roles: list[StaffRole]
    works_elsewhere: bool
    has_password: bool


def officers_of(office: Office, *, now: datetime) -> list[OfficerRow]:
    """Return the office's officers by name: those of today, and those who are to begin."""
    today = office.local_day(now)
    current = StaffRole.objects.exclude(valid_until__lt=today)
    here = current.filter(office=office).values("user")
    roles = current.filter(user__in=here, user__is_staff=True).select_related("user", "office")
    by_user: dict[User, list[StaffRole]] = {}
    for row in roles.order_by("user__full_name", "user_id", "valid_from", "pk"):
        by_user.setdefault(row.user, []).append(row)
    return [
        OfficerRow(
            user=user,
            roles=[row for row in rows if row.office_id == office.pk],
            works_elsewhere=any(row.office_id != office.pk for row in rows),
            has_password=user.has_usable_password(),
        )
        for user, rows in by_user.items()
    ]


# --- The rules of a day -------------------------------------------------------------------------


def opening_hours_on(office: Office, day: date) -> OpeningHours | None:
    """Return the hours of that weekday in force on the day; a holiday does not change them."""
    rows = OpeningHours.objects.in_force(day).filter(office=office, weekday=day.isoweekday())
    return rows.first()


def holiday_on(office: Office, day: date) -> Holiday | None:
    """Return the day off, the nation's before the office's own."""
    rows = Holiday.objects.filter(Q(office=None) | Q(office=office), day=day)
    return min(rows, key=lambda row: row.office_id is not None, default=None)


def admission_on(office: Office, day: date) -> AdmissionRule | None:
    """Return who is let in that day besides applicants with a booking, or None when nothing is ordered."""
    rows = office.admission_rules.all()  # a list of offices has them already
    return next((row for row in rows if row.is_in_force(day)), None)


def attendance_on(office: Office, day: date) -> Decimal:
    """Return the percent of staff in the office; everyone when nothing else is ordered."""
    row = Attendance.objects.in_force(day).filter(office=office).first()
    return FULL_ATTENDANCE if row is None else row.percent


@shared_read(times=10, has_words=False)
def fee_on(product: str, day: date) -> int | None:
    """Return what a product costs on a day, in rupiah; None when it is not sold."""
    return (
        Fee.objects.in_force(day).filter(product=product).values_list("amount", flat=True).first()
    )


@shared_read(times=10, has_words=False)
def limits_on(office: Office, day: date) -> list[BookingLimit]:
    """Return the limits of online booking in force: for each subject and span the nearest one."""
    nearest: dict[tuple[str, int | None], BookingLimit] = {}
    for row in _from_far_to_near(BookingLimit, office, day):
        nearest[row.subject, row.within_days] = row
    return list(nearest.values())


def no_show_rule_on(office: Office, day: date) -> NoShowRule | None:
    """Return what a missed hour of that day means, or None when it means nothing."""
    return next(reversed(_from_far_to_near(NoShowRule, office, day)), None)


@shared_read(times=10, has_words=False)
def products_on(office: Office, day: date) -> ProductRule | None:
    """Return which products the office makes on a day, or None when it makes all."""
    return next(reversed(_from_far_to_near(ProductRule, office, day)), None)


@shared_read(times=10)
def protocol_on(office: Office, day: date) -> Protocol | None:
    """Return the protocol that everyone passes at the gate on a day, or None."""
    return next(reversed(_from_far_to_near(Protocol, office, day)), None)


def _from_far_to_near(model: Any, office: Office, day: date) -> list[Any]:
    """Return the rules in force for an office: the nation's, the region's, its own."""
    scope = Q(office=office) | Q(region=office.region_id) | Q(office=None, region=None)
    rows = model.objects.in_force(day).filter(scope)
    return sorted(rows, key=lambda row: (row.office_id is not None, row.region_id is not None))


def add_working_days(office: Office, start: date, days: int) -> date:
    """Return the day that lies `days` working days after `start`.

    A working day has opening hours and is no holiday and no cuti bersama.
    """
    last = start + timedelta(days=days * 7 + DAYS_TO_SEARCH)
    off = set(
        Holiday.objects.filter(
            Q(office=None) | Q(office=office), day__range=(start, last)
        ).values_list("day", flat=True)
    )
    hours = list(OpeningHours.objects.filter(office=office))
    day, left = start, days
    while left > 0 and day < last:
        day += timedelta(days=1)
        works = any(row.weekday == day.isoweekday() and row.is_in_force(day) for row in hours)
        if works and day not in off:
            left -= 1
    return day
