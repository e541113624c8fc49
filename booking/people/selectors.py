"""Reads of an account's people."""

from collections.abc import Iterable
from typing import Final

from django.db.models import Exists, OuterRef, QuerySet

from booking.people.models import Applicant
from booking.statuses import LIVE
from core.errors import NotFound
from offices.directory.models import ServiceType

PERSON_FIELDS: Final = (
    "id",
    "account_id",
    "full_name",
    "identity_kind",
    "identity_number",
    "nationality",
    "nik_differs",
)
FOREIGNERS: Final = "foreigners"


# --- People --------------------------------------------------------------------------------------
def people_of(account_id: int) -> QuerySet[Applicant]:
    """Return an account's people, oldest first, each with `has_live_booking`."""
    live = Applicant.objects.filter(pk=OuterRef("pk"), bookings__status__in=LIVE)
    return (
        Applicant.objects.filter(account_id=account_id, removed_at__isnull=True)
        .annotate(has_live_booking=Exists(live))
        .order_by("created_at", "pk")
    )


def person_of(account_id: int, applicant_id: int) -> Applicant:
    """Return one of the account's people. Raises NotFound, also for another account's person."""
    person = people_of(account_id).filter(pk=applicant_id).first()
    if person is None:
        raise NotFound
    return person


def confirmed_keys(account_id: int, person_keys: Iterable[str]) -> set[str]:
    """Return those of the numbers whose identity card an officer has seen for this account."""
    rows = Applicant.objects.filter(account_id=account_id, person_key__in=list(person_keys))
    rows = rows.filter(removed_at__isnull=True, number_confirmed_at__isnull=False)
    return set(rows.values_list("person_key", flat=True))


def fits(person: Applicant, service: ServiceType) -> bool:
    """True if the service is for this kind of identity: passport for foreigners, NIK for citizens."""
    is_foreigner = person.identity_kind == Applicant.IdentityKind.PASSPORT
    return is_foreigner == (service.group.code == FOREIGNERS)
