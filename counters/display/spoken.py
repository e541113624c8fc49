"""The words of a call, as an Indonesian voice should read them. Pure: no database, no clock.

A voice reads "A-041" as "A minus empat puluh satu" and "B1" as it likes, so numbers are written out.
"""

import re
from typing import Final

from django.utils import translation
from django.utils.translation import gettext as _

ONES: Final = (
    "nol",
    "satu",
    "dua",
    "tiga",
    "empat",
    "lima",
    "enam",
    "tujuh",
    "delapan",
    "sembilan",
    "sepuluh",
    "sebelas",
)
LARGEST: Final = 999_999
# Where a word for a power of ten is used alone, it has another form: seratus, not satu ratus.
POWERS: Final = ((1_000, "ribu", "seribu"), (100, "ratus", "seratus"))


def number_words(number: int) -> str:
    """Write a number in Indonesian words: 41 is "empat puluh satu". From 0 to 999,999."""
    if not 0 <= number <= LARGEST:
        raise ValueError(number)
    if number < len(ONES):
        return ONES[number]
    if number < 20:
        return f"{ONES[number - 10]} belas"
    for power, name, single in POWERS:
        count, rest = divmod(number, power)
        if count:
            head = single if count == 1 else f"{number_words(count)} {name}"
            return f"{head} {number_words(rest)}" if rest else head
    tens, rest = divmod(number, 10)
    return f"{ONES[tens]} puluh {ONES[rest]}" if rest else f"{ONES[tens]} puluh"


def in_words(text: str) -> str:
    """Write the numbers of a text out, and separate them from letters: "B1" is "B satu"."""
    words = re.sub(r"\d+", lambda hit: f" {number_words(int(hit[0][-6:]))} ", text)
    return " ".join(words.replace("-", " ").split())


def spoken_call(*, letter: str, number: int, counter: int, place: str = "") -> str:
    """Return the sentence of a call, always in Indonesian.

    "Nomor antrean A, empat puluh satu, silakan ke loket tiga". `place` is the hall and floor, for a
    board that calls to more than one hall.
    """
    with translation.override("id"):
        sentence = _("Nomor antrean %(letter)s, %(number)s, silakan ke loket %(counter)s") % {
            "letter": letter,
            "number": number_words(number),
            "counter": number_words(counter),
        }
    return f"{sentence}, {in_words(place)}" if place else sentence
