"""The one definition of a report's table: page, CSV, XLSX and PDF show the same words and digits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum
from typing import Any, Final

from core.formats import number

NOTHING: Final = "–"
PERCENT: Final = 100


class Kind(Enum):
    """The kind of a value: decides its digits.

    `SHARE` values are from 0 to 1 and are shown in percent; `MINUTES` may have decimals and are
    shown whole.
    """

    COUNT = "count"
    MINUTES = "minutes"
    SHARE = "share"
    TEXT = "text"


DIGITS: Final = {Kind.COUNT: 0, Kind.MINUTES: 0, Kind.SHARE: 1}


@dataclass(frozen=True)
class TableColumn:
    """One column. `unit` stands under the label on the page and behind it in files."""

    name: str
    label: Any
    kind: Kind = Kind.TEXT
    unit: Any = ""

    @property
    def heading(self) -> str:
        """Label and unit in one line."""
        return f"{self.label} ({self.unit})" if self.unit else str(self.label)

    def shown(self, value: Any) -> Decimal | str:
        """Return the value as it is shown: a rounded number, a text, or a dash."""
        if value is None or value == "":
            return NOTHING
        if self.kind is Kind.TEXT:
            return str(value)
        exact = Decimal(str(value)) * (PERCENT if self.kind is Kind.SHARE else 1)
        return exact.quantize(Decimal(1).scaleb(-DIGITS[self.kind]), ROUND_HALF_UP)

    def text(self, value: Any) -> str:
        """Return the value in the digits of the reader's language."""
        shown = self.shown(value)
        return shown if isinstance(shown, str) else number(shown, DIGITS[self.kind])


@dataclass(frozen=True)
class TableRow:
    """One row: its values in the order of the columns. `key` names it in links."""

    values: Sequence[Any]
    key: str = ""


@dataclass(frozen=True)
class Table:
    """A table: its first column names the rows. `notes` stand above it, `totals` below.

    `rows` may be an iterator that is read once, so that a long list needs no memory.
    """

    title: str
    name: str  # of the file, without its ending
    columns: Sequence[TableColumn]
    rows: Iterable[TableRow]
    totals: Sequence[TableRow] = ()
    notes: Sequence[str] = field(default_factory=list)

    def lines(self) -> Iterable[TableRow]:
        """Yield the rows, then the totals."""
        yield from self.rows
        yield from self.totals
