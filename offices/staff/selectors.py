"""Roles and the staff of an office."""

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet, Subquery

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
    return [row for row in all_roles_of(user) if row.is_in_force(day)]


def all_roles_of(user: User) -> list[StaffRole]:
    """Return the user's roles of all times. An officer's request reads them once."""
    kept = user.kept_in_request
    if kept is not None and "roles" in kept:
        rows: list[StaffRole] = kept["roles"]
        return rows
    query = StaffRole.objects.filter(user_id=user.pk).select_related("office__region", "region")
    owner = None if kept is None else kept.get("owner_query")
    if owner is not None:
        query = query.annotate(owner_office_id=Subquery(owner[:1]))
    rows = list(query.order_by("pk"))
    if kept is not None:
        kept["roles"] = rows
    return rows


def keep_owner(user: User, query: QuerySet[Any]) -> None:
    """Name the query of the office to which a request's object belongs; it is read with the roles."""
    assert user.kept_in_request is not None
    user.kept_in_request["owner_query"] = query.order_by()


def kept_owner(user: User) -> list[int]:
    """Return the id of the office named by `keep_owner`; empty if there is no such object."""
    assert user.kept_in_request is not None
    rows = all_roles_of(user)
    ids = (
        [row.owner_office_id for row in rows[:1]]  # type: ignore[attr-defined]
        if rows
        else list(user.kept_in_request["owner_query"][:1])  # a superuser without a role
    )
    return [one for one in ids if one is not None]


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
