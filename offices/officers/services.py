"""Inviting, suspending and resetting officers of an office; giving and ending roles nationally."""

import datetime as dt
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import services
from accounts.models import User
from core.clock import local_day
from core.db import busy_on_timeout, constraints_as_errors
from core.errors import InvalidInput, NotAllowed, NotFound
from notices import links
from notices.services import queue_message
from offices.directory.models import Office
from offices.officers.errors import OfficerOfOthers
from offices.officers.models import OfficerEvent
from offices.permissions import Right, check_national_right, check_right
from offices.staff.models import Role, StaffRole

PAST_DAY: Final = _("Hari itu sudah lewat. Pilih hari ini atau sesudahnya.")
OFFICE_ROLES: Final = [role for role in Role if role.is_of_an_office]
Kind = OfficerEvent.Kind


def invite_officer(
    *,
    office_id: int,
    email: str,
    full_name: str,
    role: str,
    starts_on: dt.date,
    by: User,
    now: dt.datetime,
) -> User:
    """Give a person a role at the office and send a link to set the password.

    Creates an account without a usable password if the address has none. An existing account is only
    accepted if it is a suspended former officer of this office. Raises NotFound, NotAllowed, InvalidInput, Busy.
    """
    email = email.strip().lower()
    with busy_on_timeout(), transaction.atomic():
        office = _locked_office(office_id, by=by, now=now)
        _check_invitation(office, role, starts_on, now=now)
        user = _returning(office, email, now=now)
        if user is None:
            user = services.create_without_password(email=email, full_name=full_name)
        services.set_staff_access(user_id=user.pk, is_staff=True)
        _start_role(user, office, role, starts_on)
        _record(office, user, Kind.INVITED, by=by, now=now, role=role)
        _send_link(office, user, "officer_invited", now=now, role=role, starts_on=starts_on)
        return user


def suspend_officer(*, office_id: int, officer_id: int, by: User, now: dt.datetime) -> User:
    """End the officer's roles at the office today, their staff access, sessions and tokens at once.

    Raises NotFound, NotAllowed, OfficerOfOthers, Busy.
    """
    with busy_on_timeout(), transaction.atomic():
        office = _locked_office(office_id, by=by, now=now)
        user = _own_officer(office, officer_id, by=by, now=now)
        today = office.local_day(now)
        rows = StaffRole.objects.filter(user=user, office=office)
        rows.filter(valid_from__gt=today).delete()
        rows.exclude(valid_until__lt=today).update(valid_until=today)
        services.set_staff_access(user_id=user.pk, is_staff=False)
        services.end_sessions(user_id=user.pk)
        _record(office, user, Kind.SUSPENDED, by=by, now=now)
        return user


def reset_officer(*, office_id: int, officer_id: int, by: User, now: dt.datetime) -> User:
    """Remove the officer's password and second factor, end their sessions and send a new link.

    Raises NotFound, NotAllowed, OfficerOfOthers, Busy.
    """
    with busy_on_timeout(), transaction.atomic():
        office = _locked_office(office_id, by=by, now=now)
        user = _own_officer(office, officer_id, by=by, now=now)
        user = services.remove_sign_in(user_id=user.pk)
        _record(office, user, Kind.RESET, by=by, now=now)
        _send_link(office, user, "officer_reset", now=now)
        return user


def give_role(*, role: StaffRole, by: User, now: dt.datetime) -> StaffRole:
    """Save a new role and give its holder access to officers' screens. For national officers.

    Raises NotAllowed, and InvalidInput if the holder already has the role in that period.
    """
    with constraints_as_errors({"staff_role_never_overlaps": _already_there}), transaction.atomic():
        check_national_right(by, Right.CHANGE_LISTS, now=now)
        role.save(force_insert=True)
        if not role.user.is_staff:
            services.set_staff_access(user_id=role.user_id, is_staff=True)
        _record(role.office, role.user, Kind.ROLE_GIVEN, by=by, now=now, role=role.role)
        return role


def end_role(*, role_id: int, last_day: dt.date | None, by: User, now: dt.datetime) -> StaffRole:
    """Set a role's last day, today at the earliest; None makes it open-ended. For national officers.

    Raises NotAllowed, NotFound, InvalidInput.
    """
    with constraints_as_errors({"staff_role_never_overlaps": _already_there}), transaction.atomic():
        row = _locked_role(role_id, by=by, now=now)
        today = local_day(now, settings.TIME_ZONE)
        if last_day is not None and last_day < max(row.valid_from, today):
            raise InvalidInput(fields={"valid_until": [PAST_DAY]})
        row.valid_until = last_day
        row.save(update_fields=["valid_until"])
        _record(row.office, row.user, Kind.ROLE_ENDED, by=by, now=now, role=row.role)
        return row


@transaction.atomic
def withdraw_role(*, role_id: int, by: User, now: dt.datetime) -> None:
    """Delete a role that has not begun. For national officers. Raises NotAllowed, NotFound."""
    row = _locked_role(role_id, by=by, now=now)
    if not row.is_in_future(local_day(now, settings.TIME_ZONE)):
        raise NotAllowed
    _record(row.office, row.user, Kind.WITHDRAWN, by=by, now=now, role=row.role)
    row.delete()


def _locked_role(role_id: int, *, by: User, now: dt.datetime) -> StaffRole:
    check_national_right(by, Right.CHANGE_LISTS, now=now)
    rows = StaffRole.objects.select_for_update(no_key=True, of=("self",))
    row = rows.select_related("user", "office").filter(pk=role_id).first()
    if row is None:
        raise NotFound
    return row


def _already_there() -> InvalidInput:
    text = _("Petugas ini sudah mempunyai peran itu dalam masa tersebut.")
    return InvalidInput(fields={"valid_from": [text]})


def _locked_office(office_id: int, *, by: User, now: dt.datetime) -> Office:
    """Lock the office, so that supervisors' actions on its officers run one after the other."""
    office = Office.objects.select_for_update(no_key=True).filter(pk=office_id).first()
    if office is None:
        raise NotFound
    check_right(by, Right.MANAGE_OFFICERS, office=office, now=now)
    return office


def _check_invitation(office: Office, role: str, starts_on: dt.date, *, now: dt.datetime) -> None:
    fields: dict[str, list[Any]] = {}
    if role not in OFFICE_ROLES:
        fields["role"] = [_("Pilih peran di kantor ini.")]
    if starts_on < office.local_day(now):
        fields["starts_on"] = [PAST_DAY]
    if fields:
        raise InvalidInput(fields=fields)


def _returning(office: Office, email: str, *, now: dt.datetime) -> User | None:
    """Return the suspended officer of this office with this address, or None for a new address."""
    user = User.objects.filter(email=email).first()
    if user is None:
        return None
    rows = list(StaffRole.objects.filter(user=user))
    today = office.local_day(now)
    if user.is_staff and any(row.office_id == office.pk and not row.is_over(today) for row in rows):
        raise InvalidInput(fields={"email": [_("Petugas ini sudah ada di daftar kantor Anda.")]})
    was_here = any(row.office_id == office.pk for row in rows)
    if (
        not was_here
        or user.is_superuser
        or not user.is_active
        or _works_elsewhere(rows, office, today)
    ):
        text = _("Alamat ini sudah dipakai akun lain. Pakai alamat dinas petugas itu.")
        raise InvalidInput(fields={"email": [text]})
    return user


def _own_officer(office: Office, officer_id: int, *, by: User, now: dt.datetime) -> User:
    """Return an officer that the office's supervisor may suspend or reset."""
    today = office.local_day(now)
    rows = list(StaffRole.objects.filter(user=officer_id).select_related("user"))
    if not any(row.office_id == office.pk and not row.is_over(today) for row in rows):
        raise NotFound
    user = rows[0].user
    if user.pk == by.pk or user.is_superuser:
        raise NotAllowed
    if _works_elsewhere(rows, office, today):
        raise OfficerOfOthers
    return user


def _works_elsewhere(rows: list[StaffRole], office: Office, today: dt.date) -> bool:
    return any(row.office_id != office.pk and not row.is_over(today) for row in rows)


def _start_role(user: User, office: Office, role: str, starts_on: dt.date) -> None:
    """Add the role, or extend one that ends on or after that day."""
    rows = StaffRole.objects.filter(user=user, office=office, role=role)
    if rows.filter(valid_until__gte=starts_on).update(valid_until=None) == 0:
        StaffRole.objects.create(user=user, office=office, role=role, valid_from=starts_on)


def _record(
    office: Office | None, user: User, kind: Kind, *, by: User, now: dt.datetime, role: str = ""
) -> None:
    OfficerEvent.objects.create(office=office, officer=user, kind=kind, role=role, by=by, at=now)


def _send_link(office: Office, user: User, kind: str, *, now: dt.datetime, **more: Any) -> None:
    queue_message(
        kind=kind,
        dedupe_key=f"{kind}:{user.pk}:{now.isoformat()}",
        address=user.email,
        language=user.language,
        context={
            "office": {"name": office.name},
            "url": links.sealed(services.password_link(user)),
            **more,
        },
        about_type="user",
        about_id=user.pk,
        office_code=office.code,
        now=now,
    )
