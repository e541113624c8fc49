"""The one clock. Every rule reads the time here, never from the database or the standard library."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings


def now() -> datetime:
    """Return the current moment, aware, in UTC; the demo may have moved it (DEMO_CLOCK)."""
    offset: float = getattr(settings, "DEMO_CLOCK_OFFSET", 0)
    return datetime.now(UTC) + timedelta(seconds=offset)


def offset_to(moment: datetime) -> float:
    """Return by how many seconds the machine's clock has to be moved to show a moment."""
    return (moment - datetime.now(UTC)).total_seconds()


def local_day(moment: datetime, time_zone: str) -> date:
    """Return the civil date of a moment at a place."""
    return moment.astimezone(ZoneInfo(time_zone)).date()
