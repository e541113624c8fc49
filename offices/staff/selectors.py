"""Roles and the staff of an office."""

from datetime import date

from django.db.models import Q

from accounts.models import User
from offices.directory.models import Office
from offices.staff.models import Role, StaffRole

# --- Who works where ----------------------------------------------------------------------------


def _in_force(day: date) -> Q:
    return Q(valid_from__lte=day) & (Q(valid_until=None) | Q(valid_until__gte=day))


def roles_of(user: User, *, day: date) -> list[StaffRole]:
    """Return the user's roles on a day; none for an inactive account."""
    if not user.is_authenticated or not user.is_active:
        return []
    rows = StaffRole.objects.filter(_in_force(day), user=user)
    return list(rows.select_related("office", "region").order_by("pk"))


def staff_of(office: Office, *, role: Role, day: date) -> list[User]:
    """Return the active users who have a role at an office on a day."""
    rows = StaffRole.objects.filter(_in_force(day), office=office, role=role, user__is_active=True)
    return [row.user for row in rows.select_related("user").order_by("user_id")]


def national_staff(*, role: Role, day: date) -> list[User]:
    """Return the active users who have a national role on a day."""
    rows = StaffRole.objects.filter(
        _in_force(day), office=None, region=None, role=role, user__is_active=True
    )
    return [row.user for row in rows.select_related("user").order_by("user_id")]
