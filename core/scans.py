"""Codes from scanners and keyboards: what was typed, and what it was on a keyboard of another layout.

A scanner sends key presses. Where it is set to another layout than the computer, digits arrive as the
signs of the upper row and some letters change places. A code that is compared with stored ones may be
read in each of these ways: a wrong reading matches nothing.
"""

import unicodedata
from typing import Final

from core.text import compact_code, normalise

# What a French (AZERTY) keyboard makes of the keys of a US keyboard, unshifted and shifted.
FRENCH: Final = str.maketrans(
    "aqzwmAQZWM&é\"'(-è_çà,?;:!",
    "qawz;QAWZ:1234567890mM,./",
)
# A German (QWERTZ) keyboard exchanges Y and Z; its hyphen is elsewhere.
GERMAN: Final = str.maketrans("yzYZß", "zyZY-")
# Digits sent with the shift key, as with Caps Lock on a US keyboard.
SHIFTED: Final = str.maketrans("!@#$%^&*()", "1234567890")
LONGEST: Final = 120


def readings(text: str) -> list[str]:
    """Return the codes that a typed or scanned text can stand for, the literal one first.

    Upper case, without spaces, dots and hyphens. Empty for an empty or overlong text.
    """
    if len(text) > LONGEST:
        return []
    typed = unicodedata.normalize("NFC", text)
    visible = "".join(char for char in typed if normalise(char).text)
    texts = [
        text,
        *(visible.translate(table) for table in (FRENCH, GERMAN, SHIFTED)),
    ]
    codes = [compact_code(one).upper() for one in texts]
    return list(dict.fromkeys(code for code in codes if code))
