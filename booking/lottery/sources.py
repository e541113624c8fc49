"""The sources of a lottery's public value, each with the one form in which its value is written.

The key of a lottery is a hash of the value as text. If "16234", "16.234" and "16234,00" were all
accepted, two officers who agree could choose between as many results.
"""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quotas.policies.models import ReleaseRule


@dataclass(frozen=True)
class PublicSource:
    """A source: what is published about it, and the pattern and range of its values.

    Officers type the value of a source, or a round of the beacon proves it (`is_beacon`).
    """

    code: str
    text: Any
    pattern: str
    mistake: Any
    is_beacon: bool = False
    minimum: int = 0
    maximum: int = 0

    def is_value(self, text: str) -> bool:
        """True if this is a value of the source, in its one form."""
        # ASCII only: `int` would also read the digits of other scripts.
        if re.fullmatch(self.pattern, text, re.ASCII) is None:
            return False
        return self.is_beacon or self.minimum <= int(text) <= self.maximum


JISDOR: Final = PublicSource(
    code=ReleaseRule.LotterySource.JISDOR,
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
DRAND: Final = PublicSource(
    code=ReleaseRule.LotterySource.DRAND,
    text=_(
        "Nilai putaran %(round)s angka acak publik drand (jaringan quicknet), yang terbit setelah pendaftaran ditutup"
    ),
    pattern="[0-9a-f]{64}",
    mistake=_(
        "Ini bukan putaran drand. Tempel putaran seperti yang diterbitkan (JSON dengan round dan signature), atau tanda tangannya: 96 karakter heksadesimal."
    ),
    is_beacon=True,
)
# The list is sealed within seconds of its close. The delay keeps the value unknown also when the
# worker that seals it is late by a few minutes.
BEACON_DELAY: Final = dt.timedelta(minutes=10)
SOURCES: Final = {source.code: source for source in (JISDOR, DRAND)}


def has_form_of_source() -> Q:
    """Return the condition that a stored public value is empty or has the form of its source."""
    condition = Q(public_value="")
    for source in SOURCES.values():
        condition |= Q(source=source.code, public_value__regex=f"^{source.pattern}$")
    return condition
