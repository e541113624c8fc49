"""The clock. Every rule reads the time here, never from the database or the standard library."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings


def now() -> datetime:
    """Return the current time, aware, in UTC. DEMO_CLOCK may have moved it."""
    offset: float = getattr(settings, "DEMO_CLOCK_OFFSET", 0)
    return datetime.now(UTC) + timedelta(seconds=offset)


def offset_to(moment: datetime) -> float:
    """Return the seconds by which the machine's clock has to be moved to show a time."""
    return (moment - datetime.now(UTC)).total_seconds()


def machine_time(moment: datetime) -> datetime:
    """Return a moment by the machine's clock, by which sessions, tokens and sign-ins are dated."""
    offset: float = getattr(settings, "DEMO_CLOCK_OFFSET", 0)
    return moment - timedelta(seconds=offset)


def local_day(moment: datetime, time_zone: str) -> date:
    """Return the civil date of a time in a zone."""
    return moment.astimezone(ZoneInfo(time_zone)).date()
