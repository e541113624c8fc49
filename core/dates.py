"""Small helpers for dates, and the span of days that input may name."""

import datetime as dt
import re
from typing import Final

from django.conf import settings

from core import clock

# No office day and no rule that the system knows lies outside.
FIRST_DAY: Final = dt.date(2000, 1, 1)
LAST_DAY: Final = dt.date(2099, 12, 31)
ISO_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def monday_of(day: dt.date) -> dt.date:
    """Return the Monday of a day's week."""
    return day - dt.timedelta(days=day.weekday())


def parse_day(text: str) -> dt.date | None:
    """Return the service day of a text like 2026-12-04, or None when it is not one.

    Outside FIRST_DAY to LAST_DAY, weeks and time zones could leave Python's calendar.
    """
    day = parse_any_day(text)
    return day if day is not None and is_service_day(day) else None


def parse_any_day(text: str) -> dt.date | None:
    """Return the date of a text like 2026-12-04, for a caller that compares it with narrower bounds first."""
    try:
        return dt.date.fromisoformat(text) if ISO_DAY.fullmatch(text) else None
    except ValueError:
        return None


def is_service_day(day: dt.date) -> bool:
    """True for a day that an office can have had or can plan."""
    return FIRST_DAY <= day <= LAST_DAY


def today() -> dt.date:
    """Return the civil date for computing ages."""
    return clock.local_day(clock.now(), settings.TIME_ZONE)
