"""The sections of the evidence report, as tables: the screen and the PDF render the same ones.

An app above reports registers its section in SECTIONS.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from core.formats import number
from offices.directory.models import Office


@dataclass(frozen=True)
class Section:
    """One table. `rows` hold formatted texts, in the reader's language; `note` explains what is counted.

    `texts`: how many columns from the left are texts; the others are numbers.
    """

    code: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""
    texts: int = 1


Make = Callable[[Office, date, date, datetime], Section]
# Sections of other apps, by code, after those of this one.
SECTIONS: Final[dict[str, Make]] = {}


def plain(value: Any) -> str:
    """Return a count or a text; None as a dash."""
    if value is None:
        return "–"
    return number(value) if isinstance(value, int | float) else str(value)
