"""Display of identity numbers."""

from booking.people.models import Applicant

Kind = Applicant.IdentityKind


def masked(person: Applicant) -> str:
    """Mask an identity number so that only its owner recognises it."""
    number = person.identity_number
    if person.identity_kind == Kind.NIK:
        return f"{number[:4]} •••• •••• {number[-4:]}"
    return f"{number[:2]}••••{number[-2:]} ({person.nationality})"
