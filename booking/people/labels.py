"""Display of identity numbers."""

from django.utils.translation import gettext_lazy as _

from booking.people.models import Applicant

Kind = Applicant.IdentityKind


def masked(person: Applicant) -> str:
    """Mask an identity number so that only its owner recognises it."""
    number = person.identity_number
    if not number:
        return str(_("nomor dihapus"))
    if person.identity_kind == Kind.NIK:
        return f"{number[:4]} •••• •••• {number[-4:]}"
    return f"{number[:2]}••••{number[-2:]} ({person.nationality})"
