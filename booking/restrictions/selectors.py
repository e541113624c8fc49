"""Reads of restrictions."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from booking.people.models import Applicant
from booking.people.selectors import people_of
from booking.restrictions.models import Restriction
from core.errors import NotFound
from offices.directory.models import Office
from quotas.plan.decrees import Decree

OVER_SHOWN = dt.timedelta(days=90)


@dataclass(frozen=True)
class OwnRestriction:
    """A restriction as an account reads it.

    `applicant` is the account's own person. Without `is_mine` the missed booking was made by another
    account, of which nothing is shown. `has_evidence` is about a file of this account;
    `is_overdue`: the appeal should have been answered by now.
    """

    row: Restriction
    applicant: Applicant
    is_mine: bool
    is_in_force: bool
    has_evidence: bool
    is_overdue: bool

    @property
    def may_appeal(self) -> bool:
        return self.is_in_force and self.row.appealed_at is None


def is_in_force(restriction: Restriction, *, now: dt.datetime) -> bool:
    """True if a restriction is still in force."""
    return restriction.lifted_at is None and restriction.until_at > now


def readable_restrictions(account_id: int) -> QuerySet[Restriction]:
    """Return the restrictions of the account's people that the account may read.

    Those are the restrictions after its own bookings, and those of numbers whose identity card an
    officer has seen for this account: anybody can put a stranger's number on their list.
    """
    mine = Applicant.objects.filter(
        account_id=account_id, person_key=OuterRef("person_key"), removed_at__isnull=True
    )
    confirmed = mine.filter(number_confirmed_at__isnull=False)
    return Restriction.objects.filter(
        Q(Exists(mine), booking__account_id=account_id) | Q(Exists(confirmed))
    )


def restrictions_of(account_id: int, *, now: dt.datetime) -> QuerySet[Restriction]:
    """Return current and recently ended restrictions that the account may read, latest first."""
    rows = readable_restrictions(account_id).filter(until_at__gt=now - OVER_SHOWN)
    rows = rows.select_related("office", "booking__slot", "applicant", "evidence")
    return rows.defer("evidence__data").order_by("-made_at", "-pk")


def own_restriction(account_id: int, restriction_id: int, *, now: dt.datetime) -> Restriction:
    """Return a restriction that the account may read. Raises NotFound, also for another account's."""
    row = restrictions_of(account_id, now=now).filter(pk=restriction_id).first()
    if row is None:
        raise NotFound
    return row


def as_read_by(
    account_id: int, rows: Iterable[Restriction], *, now: dt.datetime
) -> list[OwnRestriction]:
    """Return restrictions that the account may read, as it reads them."""
    people = {person.person_key: person for person in people_of(account_id)}
    return [
        OwnRestriction(
            row=row,
            applicant=people[row.person_key],
            is_mine=row.applicant.account_id == account_id,
            is_in_force=is_in_force(row, now=now),
            has_evidence=row.evidence is not None
            and row.evidence.account_id == account_id
            and row.evidence.erased_at is None,
            is_overdue=row.answer_by is not None and not row.answer and now > row.answer_by,
        )
        for row in rows
    ]


def restrictions_at(office: Office, *, now: dt.datetime) -> QuerySet[Restriction]:
    """Return restrictions from bookings missed at an office, unanswered appeals first."""
    rows = Restriction.objects.filter(office=office, until_at__gt=now)
    return rows.select_related("office", "booking__slot", "applicant", "lifted_by").order_by(
        "lifted_at", "kept_at", "appealed_at", "-made_at"
    )


def unanswered_appeals(office: Office, *, now: dt.datetime) -> QuerySet[Restriction]:
    """Return the restrictions in force at an office whose appeal nobody has answered."""
    rows = Restriction.objects.filter(office=office, until_at__gt=now, lifted_at__isnull=True)
    return rows.filter(appealed_at__isnull=False, kept_at__isnull=True)


def restricted_people(
    office: Office, _before: Decree | None, _decree: Decree, now: dt.datetime
) -> Iterator[str]:
    """Yield a sentence about the people whom a new no-show rule leaves as they are."""
    rows = Restriction.objects.filter(office=office, until_at__gt=now, lifted_at__isnull=True)
    yield _("%(n)d orang sedang dibatasi di kantor ini; pembatasannya tidak berubah.") % {
        "n": rows.count()
    }
