"""The sentences that people agree to. A changed sentence gets a new version; old versions stay here."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from accounts.models import Consent

REMINDERS_1: Final = _("Ya, ingatkan saya lewat surel sehari sebelum jadwal.")
# Purpose -> version -> sentence; the last version is the one shown now.
WORDINGS: Final = {Consent.Purpose.REMINDERS: {"2026-1": REMINDERS_1}}


def current_wording(purpose: str) -> str:
    """Return the version of the sentence shown now."""
    return list(WORDINGS[Consent.Purpose(purpose)])[-1]
