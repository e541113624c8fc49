"""Reads: offices, who works there, and which rules of the day hold."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import User
from core.db import shared_read
from core.errors import NotAllowed, NotFound
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
OFFICE_ROLES = frozenset({Role.GATE, Role.COUNTER, Role.PICKUP, Role.SUPERVISOR})


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


def offices_for(user: User, *, roles: Collection[Role], now: datetime) -> QuerySet[Office]:
    """Return the offices where the user has one of the roles today, by each office's own calendar.

    Regional and national staff have theirs only where `roles` names them; superusers have all.
    """
    if user.is_authenticated and user.is_active and user.is_superuser:
        return Office.objects.all()
    found = []
    for day, offices in _offices_by_day(now).items():
        mine = roles_of(user, day=day)
        found += [
            office.pk for office in offices if any(_covers(row, office, roles) for row in mine)
        ]
    return Office.objects.filter(pk__in=found)


def _offices_by_day(now: datetime) -> dict[date, list[Office]]:
    """Indonesia has three zones, so that it may be two days at once."""
    days: dict[date, list[Office]] = {}
    for office in Office.objects.all():
        days.setdefault(office.local_day(now), []).append(office)
    return days


def _covers(row: StaffRole, office: Office, roles: Collection[Role]) -> bool:
    if row.role not in roles:
        return False
    if row.role == Role.NATIONAL:
        return True
    if row.role == Role.REGIONAL:
        return row.region_id == office.region_id
    return row.office_id == office.pk


def can(user: User, *, office: Office, roles: Collection[Role], now: datetime) -> bool:
    """Tell whether the user has one of the roles at this office today."""
    if not user.is_authenticated or not user.is_active:
        return False
    if user.is_superuser:
        return True
    mine = roles_of(user, day=office.local_day(now))
    return any(_covers(row, office, roles) for row in mine)


def require(user: User, *, office: Office, roles: Collection[Role], now: datetime) -> None:
    """Raise NotAllowed unless the user has one of the roles at this office today."""
    if not can(user, office=office, roles=roles, now=now):
        raise NotAllowed


def current_office(user: User, roles: Collection[Role], now: datetime) -> Office | None:
    """Return the office where the user works today in one of the roles, the newest posting first."""
    wanted = set(roles) & OFFICE_ROLES
    rows = StaffRole.objects.filter(user_id=user.pk, role__in=wanted, user__is_active=True)
    for row in rows.select_related("office__region").order_by("-valid_from", "-pk"):
        office = row.office
        if office is not None and _is_in_force(row, office.local_day(now)):
            return office
    return None


def _is_in_force(row: StaffRole | AdmissionRule, day: date) -> bool:
    return row.valid_from <= day and (row.valid_until is None or day <= row.valid_until)


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
    return next((row for row in rows if _is_in_force(row, day)), None)


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
