"""Display of identity numbers."""

from django.utils.translation import gettext_lazy as _

from booking.people.models import Applicant

Kind = Applicant.IdentityKind


def masked(person: Applicant) -> str:
    """Mask an identity number so that only its owner recognises it."""
    number = masked_number(person.identity_kind, person.identity_number)
    is_passport = bool(person.identity_number) and person.identity_kind != Kind.NIK
    return f"{number} ({person.nationality})" if is_passport else number


def masked_number(kind: str, number: str) -> str:
    """Mask a number of identity of this kind; the first and last characters stay."""
    if not number:
        return str(_("nomor dihapus"))
    if kind == Kind.NIK:
        return f"{number[:4]} •••• •••• {number[-4:]}"
    return f"{number[:2]}••••{number[-2:]}"
