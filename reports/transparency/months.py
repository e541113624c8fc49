"""Months of the public figures: `2026-11` in an address."""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Final

from core.dates import is_service_day

TEXT: Final = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
# Older months are published by the archive of the directorate; their personal data are erased by rule.
MOST_MONTHS: Final = 36


@dataclass(frozen=True, order=True)
class Month:
    """One calendar month."""

    year: int
    number: int

    @classmethod
    def of(cls, day: dt.date) -> "Month":
        """Return the month of a day."""
        return cls(day.year, day.month)

    @property
    def first(self) -> dt.date:
        """The first day."""
        return dt.date(self.year, self.number, 1)

    @property
    def last(self) -> dt.date:
        """The last day."""
        return self.shifted(1).first - dt.timedelta(days=1)

    def shifted(self, months: int) -> "Month":
        """Return the month that is so many months later."""
        index = self.year * 12 + self.number - 1 + months
        return Month(index // 12, index % 12 + 1)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"


def parse_month(text: str, *, today: dt.date) -> Month | None:
    """Return the month of a text like 2026-11, or None if it is none of the published months."""
    match = TEXT.fullmatch(text)
    if match is None or not 1 <= int(match[2]) <= 12 or not 1 <= int(match[1]) <= 9999:
        return None
    month = Month(int(match[1]), int(match[2]))
    newest = Month.of(today)
    is_known = is_service_day(month.first) and newest.shifted(-MOST_MONTHS) <= month <= newest
    return month if is_known else None
