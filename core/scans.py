"""Codes from scanners and keyboards: what was typed, and what it was on a keyboard of another layout.

A scanner sends key presses. Where the computer is set to another layout than the scanner (US), every key
gives another character, always the same one: the text can be read back. A code that is compared with
stored ones may be read in each of these ways: a wrong reading matches nothing.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from core.text import compact_code, normalise

LONGEST: Final = 120


@dataclass(frozen=True)
class Layout:
    """A keyboard layout other than US: the characters it gives, and the keys they are on a US keyboard."""

    name: Any
    keys: Mapping[int, int | str]


def _both_cases(wrong: str, right: str) -> dict[int, str]:
    """Return the table of letters; a character that has one case only means the capital letter."""
    lower = {
        small: key.lower()
        for char, key in zip(wrong, right, strict=True)
        if (small := char.lower()) != char
    }
    return str.maketrans({**lower, **dict(zip(wrong, right, strict=True))})


# Digits are the unshifted upper row, also with Caps Lock.
FRENCH: Final = Layout(
    "AZERTY",
    str.maketrans(
        "aqzwmAQZWM&é\"'(-è_çàÉÈÇÀ,?;:!",
        "qawz;QAWZ:12345678902790mM,./",
    ),
)
# Y and Z change places; the hyphen is elsewhere.
GERMAN: Final = Layout("QWERTZ", str.maketrans("yzYZß", "zyZY-"))
DVORAK: Final = Layout(
    "Dvorak",
    _both_cases("\"'<,>.PYFGCRLAOEUIDHTNQJKXBM", "QQWWEERTYUIOPASDFGHJKLXCVBNM"),
)
CYRILLIC: Final = Layout(
    _("Kiril"), _both_cases("ЙЦУКЕНГШЩЗФЫВАПРОЛДЯЧСМИТЬ", "QWERTYUIOPASDFGHJKLZXCVBNM")
)
# Digits sent with the shift key, as with Caps Lock on a US keyboard.
SHIFTED: Final = Layout("Caps Lock", str.maketrans("!@#$%^&*()", "1234567890"))
LAYOUTS: Final = (FRENCH, GERMAN, DVORAK, CYRILLIC, SHIFTED)


def readings(text: str) -> list[str]:
    """Return the codes that a typed or scanned text can stand for, the literal one first.

    Upper case, without spaces, dots and hyphens. Empty for an empty or overlong text.
    """
    if len(text) > LONGEST:
        return []
    typed = unicodedata.normalize("NFC", text)
    visible = "".join(char for char in typed if normalise(char).text)
    texts = [text, *(visible.translate(layout.keys) for layout in LAYOUTS)]
    codes = [compact_code(one).upper() for one in texts]
    return list(dict.fromkeys(code for code in codes if code))
