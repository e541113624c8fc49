"""What a scanner or an officer typed: the codes and numbers it may stand for. Pure.

A text is also read through the other keyboard layouts (`core.scans`). A reading counts only if it is a
well-formed code, so garbage is never taken for somebody's booking.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from booking.codes import CODE_ALPHABET, CODE_LENGTH, clean_code
from core.scans import LAYOUTS

LONGEST: Final = 200
CODE: Final = re.compile(f"[{CODE_ALPHABET}]{{{CODE_LENGTH}}}")
NUMBER: Final = re.compile(r"[0-9]+")
PASSPORT: Final = re.compile(r"(?=.*[0-9])[A-Z0-9]{5,20}")
NIK_DIGITS: Final = 16
NAME_SIGNS: Final = frozenset(" .,'`-·/")
# Drawn like Latin letters and digits: from a message that was typed in another script.
LOOK_ALIKES: Final = str.maketrans(
    "АВЕКМНОРСТХУЅІЈԛԜаеорсухԁԝΑΒΕΖΗΚΜΝΟΡΤΥΧ", "ABEKMHOPCTXYSIJQWaeopcyxdwABEZHKMNOPTYX"
)


@dataclass(frozen=True)
class Reading:
    """A code that the text may stand for, and how it was read; `layout` is empty for the text itself."""

    code: str
    layout: Any = ""


def readings(text: str) -> list[Reading]:
    """Return the well-formed codes that a text may stand for, the most direct reading first."""
    by_code: dict[str, Reading] = {}
    for code, layout in _all_readings(text[:LONGEST]):
        by_code.setdefault(code, Reading(code, layout))
    return list(by_code.values())


def _all_readings(text: str) -> Iterator[tuple[str, Any]]:
    yield from ((code, "") for code in _codes_in(text))
    similar = text.translate(LOOK_ALIKES)
    if similar != text:
        yield from ((code, _("huruf yang mirip dari aksara lain")) for code in _codes_in(similar))
    for layout in LAYOUTS:
        yield from ((code, layout.name) for code in _codes_in(text.translate(layout.keys)))


def _codes_in(text: str) -> Iterator[str]:
    """Yield the code that a text is, or the codes in the path of an address."""
    parts = text.split("?", maxsplit=1)[0].split("/") if "/" in text else [text]
    for part in parts:
        code = clean_code(plain_digits(part))
        if CODE.fullmatch(code):
            yield code


def plain_digits(text: str) -> str:
    """Return the text with full-width letters and the digits of every script as ASCII."""
    folded = unicodedata.normalize("NFKC", text)
    return "".join(
        str(unicodedata.digit(char)) if unicodedata.category(char) == "Nd" else char
        for char in folded
    )


def number_in(text: str) -> str:
    """Return the digits if the text is a number, with spaces, dots or hyphens; otherwise nothing."""
    digits = re.sub(r"[\s.\-]+", "", plain_digits(text))
    return digits if NUMBER.fullmatch(digits) else ""


def passport_in(text: str) -> str:
    """Return the number if the text may be one of a foreign passport; otherwise nothing."""
    number = re.sub(r"[\s.\-]+", "", plain_digits(text)).upper()
    return number if PASSPORT.fullmatch(number) and not number.isdigit() else ""


def name_in(text: str) -> str:
    """Return the words of a name: letters of any script, at least two; otherwise nothing."""
    is_name = all(unicodedata.category(char)[0] in "LM" or char in NAME_SIGNS for char in text)
    letters = sum(unicodedata.category(char)[0] == "L" for char in text)
    return text if is_name and letters > 1 else ""


def has_strange_signs(text: str) -> bool:
    """True if the text has characters that are in no code, number or Latin name."""
    return any(char.isascii() is False or char in '"&()_<>?;:=+*%$#@!~^[]{}|\\' for char in text)
