"""Small helpers for dates."""

import datetime as dt

from django.conf import settings

from core import clock


def monday_of(day: dt.date) -> dt.date:
    """Return the Monday of a day's week."""
    return day - dt.timedelta(days=day.weekday())


def parse_day(text: str) -> dt.date | None:
    """Return the date of an ISO text, or None when it is not one."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def today() -> dt.date:
    """Return the civil date for computing ages."""
    return clock.local_day(clock.now(), settings.TIME_ZONE)
