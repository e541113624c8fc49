"""Reasons in force, and the one that an officer chose."""

from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core.errors import InvalidInput
from offices.reasons.models import Reason


def reasons_on(use: Reason.Use, day: date) -> QuerySet[Reason]:
    """Return the reasons for a use that are in force on a day."""
    return Reason.objects.in_force(day).filter(use=use).order_by("needs_note", "id")


def chosen_reason(use: Reason.Use, code: str, *, note: str, day: date) -> Reason:
    """Return the reason in force with this code.

    Raises InvalidInput on the field `reason` without one, on `note` if the reason needs a note.
    """
    row = next((row for row in reasons_on(use, day) if row.code == code), None)
    if row is None:
        text = (
            _("Alasan ini tidak berlaku lagi. Pilih alasan lain dari daftar.")
            if code
            else _("Pilih alasannya lebih dulu; alasan ikut tercatat.")
        )
        raise InvalidInput(text, fields={"reason": [text]})
    if row.needs_note and not note:
        text = _("Alasan ini memerlukan catatan. Tulis catatannya dengan singkat.")
        raise InvalidInput(text, fields={"note": [text]})
    return row
