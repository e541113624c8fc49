"""Whose data an account or an API token could have read, and did read, since a time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Q, QuerySet
from knox.models import AuthToken
from knox.settings import CONSTANTS

from accounts.models import User
from booking.people.models import Applicant
from core.clock import local_day
from offices.directory.models import Office
from offices.permissions import ROLES_WITH, Right
from offices.reads.models import PersonRead
from offices.staff.models import StaffRole

# Rights whose screens show people of the office.
SHOWING_PEOPLE: Final = (
    Right.SERVE_GATE,
    Right.SERVE_COUNTER,
    Right.PRODUCE_PASSPORTS,
    Right.HAND_OVER_PASSPORTS,
    Right.READ_CONTESTS,
    Right.READ_TODAY,
    Right.READ_RESTRICTIONS,
    Right.READ_BOOKINGS,
    Right.READ_LISTS,
    Right.READ_MESSAGES,
    Right.READ_DATA_REQUESTS,
)


@dataclass(frozen=True)
class Reach:
    """What a break-in exposes: the people within reach, those whose record was opened, and accounts."""

    could_read: QuerySet[Applicant]
    did_read: QuerySet[Applicant]
    accounts_read: QuerySet[User]
    reads_all_accounts: bool


def account_of_token(key: str) -> User | None:
    """Return the account of a token, by the first characters of the token; expired ones included."""
    token = (
        AuthToken.objects.filter(token_key=key[: CONSTANTS.TOKEN_KEY_LENGTH])
        .select_related("user")
        .first()
    )
    return token.user if token else None


def reach_of_account(account: User, *, since: datetime, now: datetime) -> Reach:
    """Return whose data an account could have read, in its own list and by its roles, and did read."""
    people = Q(account=account)
    offices = _offices(account, since=since, now=now)
    if offices is None:
        people = Q()
    elif offices:
        people |= Q(bookings__office__in=offices)
    rows = PersonRead.objects.filter(by=account, at__gte=since, at__lte=now)
    reads = list(rows.values_list("applicant_ids", "account_ids"))
    return Reach(
        could_read=_stored(people, now=now),
        did_read=_stored(Q(pk__in={pk for ids, _accounts in reads for pk in ids}), now=now),
        accounts_read=User.objects.filter(
            pk__in={pk for _ids, accounts in reads for pk in accounts}
        ),
        reads_all_accounts=_has_role(account, Right.READ_ACCOUNTS, since=since, now=now),
    )


def reach_of_token(account: User, *, now: datetime) -> Reach:
    """Return whose data a token could have read: the API shows an account its own people only."""
    none = Applicant.objects.none()
    return Reach(_stored(Q(account=account), now=now), none, User.objects.none(), False)


def _stored(condition: Q, *, now: datetime) -> QuerySet[Applicant]:
    rows = Applicant.objects.filter(condition, created_at__lte=now, erased_at__isnull=True)
    return rows.select_related("account").order_by("pk").distinct()


def _roles(account: User, *, since: datetime, now: datetime) -> list[StaffRole]:
    """Return the roles in force on any day of the time, by the calendar of the capital and a day around it."""
    first, last = local_day(since, "Asia/Jakarta"), local_day(now, "Asia/Jayapura")
    rows = StaffRole.objects.filter(user=account, valid_from__lte=last)
    return list(rows.filter(Q(valid_until=None) | Q(valid_until__gte=first)))


def _has_role(account: User, right: Right, *, since: datetime, now: datetime) -> bool:
    roles = {role.role for role in _roles(account, since=since, now=now)}
    return account.is_superuser or bool(roles & ROLES_WITH[right])


def _offices(account: User, *, since: datetime, now: datetime) -> set[int] | None:
    """Return the offices whose people the account could read; None for the whole country."""
    if account.is_superuser:
        return None
    showing = frozenset().union(*(ROLES_WITH[right] for right in SHOWING_PEOPLE))
    offices: set[int] = set()
    for role in _roles(account, since=since, now=now):
        if role.role not in showing:
            continue
        if role.office_id is not None:
            offices.add(role.office_id)
        elif role.region_id is not None:
            offices.update(
                Office.objects.filter(region=role.region_id).values_list("pk", flat=True)
            )
        else:
            return None
    return offices
