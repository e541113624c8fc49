"""Records which officer opened whose record."""

from collections.abc import Iterable
from datetime import datetime

import pgtrigger
from django.db import transaction

from accounts.models import User
from offices.directory.models import Office
from offices.reads.models import PersonRead


def record_read(
    *,
    by: User,
    office: Office | None,
    screen: str,
    applicant_ids: Iterable[int] = (),
    account_ids: Iterable[int] = (),
    now: datetime,
) -> None:
    """Record that an officer's screen showed these people; one insert, none if it showed nobody.

    Without the record the screen is not shown: an error here is an error of the screen.
    """
    people, accounts = sorted(applicant_ids), sorted(account_ids)
    if people or accounts:
        PersonRead.objects.create(
            by=by,
            office=office,
            screen=screen[:80],
            applicant_ids=people,
            account_ids=accounts,
            at=now,
        )


@transaction.atomic
def delete_reads(*, read_ids: Iterable[int]) -> None:
    """Delete records at the end of their time."""
    with pgtrigger.ignore("offices.PersonRead:person_read_append_only"):
        PersonRead.objects.filter(pk__in=read_ids).delete()
