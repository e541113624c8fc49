"""Names of people: which characters they may have. Pure: no database."""

import unicodedata
from typing import Final

from django.utils.translation import gettext as _

from core.text import one_space

NAME_SIGNS: Final = frozenset(" .,'`/-·")
APOSTROPHES: Final = frozenset("'`")
MOST_MARKS: Final = 4  # on one letter: more is no writing of any language


def clean_name(text: str) -> str:
    """Return a name with single spaces. Raises ValueError.

    Letters of every script with their marks; the first one may follow an apostrophe.
    """
    name = one_space(text)
    if not _is_name(name):
        raise ValueError(
            _(
                "Isi nama seperti di dokumen identitas: huruf, spasi, titik, koma, petik, dan tanda hubung."
            )
        )
    return name


def _is_name(name: str) -> bool:
    kinds = [_kind_of(char) for char in name]
    first = next((number for number, kind in enumerate(kinds) if kind == "L"), None)
    if first is None or "" in kinds or not set(name[:first]) <= APOSTROPHES:
        return False
    return "M" * (MOST_MARKS + 1) not in "".join(kinds)


def _kind_of(char: str) -> str:
    """Return L for a letter, M for a mark or joiner, S for a sign of names, "" for anything else."""
    category = unicodedata.category(char)
    if category[0] in "LM":
        return category[0]
    if category == "Cf":  # the normaliser keeps only joiners between letters
        return "M"
    return "S" if char in NAME_SIGNS else ""
