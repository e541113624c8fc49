"""Text in PDFs with the standard fonts."""

import unicodedata
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Paragraph


def paragraph(text: Any, style: ParagraphStyle) -> Paragraph:
    """Return a text as a paragraph; its signs are never read as markup."""
    return Paragraph(escape(printable(str(text))), style)


def printable(text: str) -> str:
    """Replace characters that the standard PDF fonts lack with similar ones."""
    return "".join(
        sign if _is_known(sign) else _plain(sign) for sign in text.replace("\u202f", " ")
    )


def _is_known(sign: str) -> bool:
    try:
        sign.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def _plain(sign: str) -> str:
    return unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode() or "?"
