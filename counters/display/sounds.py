"""The pieces of a call that are spoken into short audio files at build time. Pure: no database.

The board plays the pieces of a spoken call one after the other, the longest known words first. A call
with a word that no file has is left to the voice of the device (`static/js/board.js`).
"""

import re
from collections.abc import Iterable
from string import ascii_uppercase
from typing import Final

from django.utils import translation
from django.utils.translation import gettext as _

from counters.display.spoken import in_words, number_words

# 41 is "empat puluh" and "satu", 117 is "seratus" and "tujuh belas".
NUMBERS: Final = (*range(20), *range(20, 100, 10), *range(100, 1000, 100), 1000)
POWERS: Final = ("ribu",)


def pieces(places: Iterable[str] = ()) -> dict[str, str]:
    """Return the pieces, as words in small letters, by the name of their file without its ending.

    `places` are halls as a board says them, such as "Ruang WNA, lantai 3".
    """
    with translation.override("id"):
        phrases = [_("Nomor antrean"), _("silakan ke loket")]
    numbers = [number_words(number) for number in NUMBERS]
    texts = [*phrases, *ascii_uppercase, *numbers, *POWERS, *_parts(places)]
    return {name_of(text): words_of(text) for text in texts if words_of(text)}


def _parts(places: Iterable[str]) -> list[str]:
    return [in_words(part) for place in places for part in place.split(",")]


def words_of(text: str) -> str:
    """Return a text as the board compares it: small letters, single spaces, no punctuation."""
    return " ".join(re.sub(r"[^\w\s]", " ", text.lower()).split())


def name_of(text: str) -> str:
    """Return the name of the file of a piece: only letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", words_of(text)).strip("-")
