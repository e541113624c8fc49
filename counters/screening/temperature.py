"""Reading a temperature as officers type it: 36,5 or 36.5 or 365. Pure: no database, no clock."""

import re
import unicodedata
from typing import Final

from django.utils.translation import gettext as _

from core import formats
from core.text import normalise
from offices.limits.models import HIGHEST_TEMPERATURE, LOWEST_TEMPERATURE

# Two digits of whole degrees, then at most one of tenths. Gloved officers leave the comma out.
TYPED: Final = re.compile(r"([0-9]{2})(?:[.,]?([0-9]))?")


def read_temperature(text: str) -> int:
    """Return the temperature in tenths of a degree Celsius. Raises ValueError with a message."""
    typed = TYPED.fullmatch(unicodedata.normalize("NFKC", normalise(text).text).strip())
    if typed is None:
        raise ValueError(_("Isi suhu dengan satu angka di belakang koma, misalnya 36,5 atau 365."))
    tenths = int(typed[1]) * 10 + int(typed[2] or 0)
    check_range(tenths)
    return tenths


def check_range(tenths: int) -> None:
    """Raise ValueError with a message unless a living person can have this temperature."""
    if not LOWEST_TEMPERATURE <= tenths <= HIGHEST_TEMPERATURE:
        raise ValueError(
            _("Suhu harus antara %(low)s dan %(high)s. Ukur lagi bila alat menunjukkan angka lain.")
            % {
                "low": formats.temperature(LOWEST_TEMPERATURE),
                "high": formats.temperature(HIGHEST_TEMPERATURE),
            }
        )
