"""An office's officers."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from offices.directory.models import Office
from offices.staff.models import StaffRole


@dataclass(frozen=True)
class OfficerRow:
    """An officer with their current and future roles at an office."""

    user: User
    roles: list[StaffRole]
    works_elsewhere: bool
    has_password: bool


def officers_of(office: Office, *, now: datetime) -> list[OfficerRow]:
    """Return the office's current and future officers, by name."""
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
