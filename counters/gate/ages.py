"""Ages, and the priority reasons that follow from a birth date. Pure: no database, no clock."""

import datetime as dt
from typing import Final

UNDER_5: Final = "under_5"
AGED_60: Final = "aged_60"
BY_AGE: Final = (UNDER_5, AGED_60)
CHILD_YEARS: Final = 5
OLD_YEARS: Final = 60


def full_years(born: dt.date, today: dt.date) -> int:
    """Return the age in completed years. A person born on 29 February ages on 1 March."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def proposed_reason(born: dt.date, today: dt.date) -> str:
    """Return the code of the priority reason that the birth date proves, or ""."""
    years = full_years(born, today)
    if years < CHILD_YEARS:
        return UNDER_5
    return AGED_60 if years >= OLD_YEARS else ""


def birth_date_of(day: int, month: int, year: int, today: dt.date) -> dt.date | None:
    """Return the latest date before tomorrow with this two-digit year, or None if there is none.

    A number does not say the century: somebody over a hundred is corrected by hand.
    """
    for century in (2000, 1900):
        try:
            born = dt.date(century + year, month, day)
        except ValueError:  # 29 February exists in the other century only
            continue
        if born <= today:
            return born
    return None
