"""Consent of a child's parent or guardian: who needs it, giving and withdrawing it.

Lock order: the person, then the consent.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from booking.people.errors import GuardianConsentMissing
from booking.people.models import ADULT_YEARS, Applicant, GuardianConsent
from core.clock import local_day
from core.errors import NotFound

# Version -> sentence; the last one is shown now. A changed sentence gets a new version.
WORDINGS: Final = {
    "2026-1": _(
        "Untuk anak di bawah 18 tahun: saya orang tua atau walinya, dan saya setuju datanya dipakai untuk membuat paspornya."
    )
}
Way = GuardianConsent.Way


def current_wording() -> tuple[str, Any]:
    """Return version and sentence shown now."""
    return list(WORDINGS.items())[-1]


def is_minor(birth_date: dt.date, *, now: dt.datetime) -> bool:
    """True until the 18th birthday; a child of 29 February turns 18 on 1 March."""
    today = local_day(now, settings.TIME_ZONE)
    born = (birth_date.year + ADULT_YEARS, birth_date.month, birth_date.day)
    return born > (today.year, today.month, today.day)


def has_guardian_consent(applicant_id: int) -> bool:
    """True if a consent for this person is active."""
    return _live([applicant_id]).exists()


def refuse_without_guardian(*, people: Iterable[Any], now: dt.datetime) -> None:
    """Raise GuardianConsentMissing for a child without consent. Reads `pk`, `birth_date` and `short_name`."""
    minors = [person for person in people if is_minor(person.birth_date, now=now)]
    if not minors:
        return
    given = set(_live([person.pk for person in minors]).values_list("applicant_id", flat=True))
    for person in minors:
        if person.pk not in given:
            raise GuardianConsentMissing(name=person.short_name)


@transaction.atomic
def give_guardian_consent(
    *, applicant_id: int, account_id: int, way: str, now: dt.datetime
) -> None:
    """Record the consent of the account's holder; does nothing if one is active. Raises NotFound."""
    _lock(applicant_id, account_id)
    if not has_guardian_consent(applicant_id):
        GuardianConsent.objects.create(
            applicant_id=applicant_id,
            account_id=account_id,
            wording=current_wording()[0],
            way=way,
            given_at=now,
        )


@transaction.atomic
def withdraw_guardian_consent(*, applicant_id: int, account_id: int, now: dt.datetime) -> None:
    """Record the withdrawal; the row stays as evidence. Bookings already made stay valid. Raises NotFound."""
    _lock(applicant_id, account_id)
    _live([applicant_id]).update(withdrawn_at=now)


def _live(applicant_ids: Iterable[int]) -> Any:
    return GuardianConsent.objects.filter(
        applicant_id__in=list(applicant_ids), withdrawn_at__isnull=True
    )


def _lock(applicant_id: int, account_id: int) -> None:
    people = Applicant.objects.select_for_update(no_key=True).filter(
        pk=applicant_id, account_id=account_id, removed_at__isnull=True
    )
    if not people.values_list("pk", flat=True):
        raise NotFound
