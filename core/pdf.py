"""Text in PDFs: the standard fonts, and one embedded font for what they lack.

The embedded font (core/fonts) covers extended Latin, Vietnamese, Greek, Cyrillic, Armenian and
Georgian. Other signs are spelled out, because a wrong or missing name is worse than an ugly one:
scripts that run from right to left by the names of their letters (the PDF library does not join
them), Chinese and other signs by their code points.
"""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape

from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph

FONT: Final = "DejaVuSans"
FONT_FILE: Final = Path(__file__).parent / "fonts" / "DejaVuSans.ttf"
RIGHT_TO_LEFT: Final = frozenset({"R", "AL", "AN"})


def paragraph(text: Any, style: ParagraphStyle) -> Paragraph:
    """Return a text as a paragraph; its signs are never read as markup."""
    return Paragraph("".join(_runs(_prepared(text))), style)


def printable(text: str) -> str:
    """Return a text in signs of the standard PDF fonts; others become similar ones or are spelled out."""
    return _spelled(_prepared(text), _is_standard)


def _prepared(text: Any) -> str:
    return unicodedata.normalize("NFC", str(text)).replace("\u202f", " ")


def _runs(text: str) -> Iterator[str]:
    """Return a text as markup that names the embedded font where it is needed."""
    known = _spelled(text, _is_known)
    for is_standard, signs in groupby(known, key=_is_standard):
        run = escape("".join(signs))
        yield run if is_standard else f'<font name="{_font().fontName}">{run}</font>'


def _spelled(text: str, is_known: Any) -> str:
    parts = []
    for known, signs in groupby(text, key=is_known):
        if known:
            parts.append("".join(signs))
        else:
            parts.append("-".join(filter(None, (_spelling(sign) for sign in signs))))
    return "".join(parts)


def _is_standard(sign: str) -> bool:
    try:
        sign.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def _is_known(sign: str) -> bool:
    if _is_standard(sign):
        return True
    is_left_to_right = unicodedata.bidirectional(sign) not in RIGHT_TO_LEFT
    return is_left_to_right and ord(sign) in _font().face.charToGlyph


def _spelling(sign: str) -> str:
    """Return a sign in ASCII: its base letter, the name of its letter, or its code point."""
    plain = unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode()
    if plain or unicodedata.category(sign).startswith("M"):
        return plain
    kind, is_letter, name = unicodedata.name(sign, "").partition(" LETTER ")
    if not is_letter:
        return f"U+{ord(sign):04X}"
    letter = name.partition(" WITH ")[0]
    return letter if " CAPITAL" in kind else letter.lower()


@lru_cache(maxsize=1)
def _font() -> Any:
    font = TTFont(FONT, str(FONT_FILE))
    pdfmetrics.registerFont(font)
    return font
