"""Reads of restrictions."""

import datetime as dt
from collections.abc import Iterator

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from booking.people.models import Applicant
from booking.restrictions.models import Restriction
from offices.directory.models import Office
from quotas.plan.decrees import Decree

OVER_SHOWN = dt.timedelta(days=90)


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
