"""The sources of a lottery's public value, each with the one form in which its value is written.

The key of a lottery is a hash of the value as text. If "16234", "16.234" and "16234,00" were all
accepted, two officers who agree could choose between as many results.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class PublicSource:
    """A source: what is published about it, and the pattern and range of its values."""

    code: str
    text: Any
    pattern: str
    minimum: int
    maximum: int
    mistake: Any

    def is_value(self, text: str) -> bool:
        """True if this is a value of the source, in its one form."""
        # ASCII only: `int` would also read the digits of other scripts.
        matches = re.fullmatch(self.pattern, text, re.ASCII) is not None
        return matches and self.minimum <= int(text) <= self.maximum


JISDOR: Final = PublicSource(
    code="jisdor",
    text=_(
        "Kurs referensi JISDOR Bank Indonesia (rupiah per dolar AS) pertama yang diumumkan setelah "
        "pendaftaran ditutup, ditulis sebagai angka tanpa titik, misalnya 16234"
    ),
    pattern="[1-9][0-9]{3,4}",
    minimum=5_000,
    maximum=50_000,
    mistake=_(
        "Tulis kursnya sebagai angka saja, tanpa titik, koma, atau spasi, antara 5000 dan 50000; misalnya 16234."
    ),
)
SOURCES: Final = {source.code: source for source in (JISDOR,)}


def has_form_of_source() -> Q:
    """Return the condition that a stored public value is empty or has the form of its source."""
    condition = Q(public_value="")
    for source in SOURCES.values():
        condition |= Q(source=source.code, public_value__regex=f"^{source.pattern}$")
    return condition
