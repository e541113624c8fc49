"""How an identity number is shown."""

from booking.people.models import Applicant

Kind = Applicant.IdentityKind


def masked(person: Applicant) -> str:
    """Write an identity number so that its owner knows it and a passer-by does not."""
    number = person.identity_number
    if person.identity_kind == Kind.NIK:
        return f"{number[:4]} •••• •••• {number[-4:]}"
    return f"{number[:2]}••••{number[-2:]} ({person.nationality})"
