"""The one normaliser for typed text. Pure: no request, no database.

Text copied from messages, PDF files and web pages carries characters that nobody sees: direction
marks, zero-width spaces, control characters. They make two equal numbers or names unequal. Forms,
API fields and admin lists use this module through `core.fields` and `core.serializer_fields`.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

# Letters of scripts from here on may need joiners between them (Arabic, Devanagari, Thai and others).
FIRST_JOINING_SCRIPT: Final = "\u0600"
JOINERS: Final = "\u200c\u200d"
# Drawn as nothing, although Unicode does not count them as format characters.
BLANKS: Final = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
)
# Control, format, surrogate and private-use characters, and code points without a character.
INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
FOLDED: Final = {
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-"),
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u02bb\u02bc\u2032\u00b4\uff07", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\uff02", '"'),
}
# The usual case: nothing to do.
PLAIN: Final = re.compile(r"[\x20-\x7e]*")
UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
LINE_ENDS: Final = re.compile(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


@dataclass(frozen=True)
class Normalised:
    """A text in its stored form, and the number of invisible characters that it lost."""

    text: str
    removed: int = 0


def normalise(text: str, *, has_lines: bool = False) -> Normalised:
    """Return the text in its stored form.

    NFC; without invisible and direction characters; every space is an ordinary one; typographic
    dashes and quotes are those of the keyboard. Combining marks, and joiners inside the scripts
    that need them, stay. Line ends stay only if the text `has_lines`.
    """
    if PLAIN.fullmatch(text):
        return Normalised(text)
    lines = unicodedata.normalize("NFC", LINE_ENDS.sub("\n", text))
    kept: list[str] = []
    removed = 0
    for number, char in enumerate(lines):
        if char in JOINERS:
            is_needed = _joins(kept[-1:], lines[number + 1 : number + 2])
            kept += [char] if is_needed else []
            removed += not is_needed
        elif char == "\n":
            kept.append("\n" if has_lines else " ")
        elif char == "\t" or unicodedata.category(char) == "Zs":
            kept.append(" ")
        elif char in BLANKS or unicodedata.category(char) in INVISIBLE:
            removed += 1
        else:
            kept.append(FOLDED.get(char, char))
    # Removing a character can bring a letter and its mark together.
    return Normalised(unicodedata.normalize("NFC", "".join(kept)), removed)


def _joins(before: list[str], after: str) -> bool:
    """True for a joiner between two letters or marks of a script that uses joiners."""
    return all(
        char >= FIRST_JOINING_SCRIPT and unicodedata.category(char)[0] in "LMS"
        for char in (*before, *(after or " "))
    ) and bool(before)


def clean_text(text: str, *, has_lines: bool = False) -> str:
    """Return the text in its stored form, without spaces at its ends."""
    return normalise(text, has_lines=has_lines).text.strip()


def one_space(text: str) -> str:
    """Return the text in its stored form, with single spaces."""
    return " ".join(normalise(text).text.split())


def compact_code(text: str) -> str:
    """Return a number or code without spaces, dots and hyphens; full-width characters are folded."""
    folded = unicodedata.normalize("NFKC", normalise(text).text)
    return re.sub(r"[\s.\-]+", "", folded)


def is_storable(text: str) -> bool:
    """False for a text with NUL or half of a surrogate pair, which PostgreSQL cannot store."""
    return UNSTORABLE.search(text) is None
