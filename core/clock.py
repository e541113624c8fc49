"""The clock. Every rule reads the time here, never from the database or the standard library."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from core.shared_clock import read_offset, write_offset


def now() -> datetime:
    """Return the current time, aware, in UTC. The demo may have moved it."""
    return datetime.now(UTC) + timedelta(seconds=offset())


def offset() -> float:
    """Return the seconds by which this clock is ahead of the machine's; 0 in production.

    DEMO_CLOCK moves it for one run, the demo's page (/demo/) until `make reset`. The later one counts.
    """
    fixed: float = getattr(settings, "DEMO_CLOCK_OFFSET", 0)
    file = getattr(settings, "DEMO_CLOCK_FILE", None)
    return fixed if file is None else read_offset(file, at_least=fixed)


def move_to(moment: datetime) -> datetime:
    """Move the demo's clock forward to a moment, in every process; return the time it then shows.

    It never goes back: for a moment that is over it stays. Raises RuntimeError outside the demo.
    """
    file = getattr(settings, "DEMO_CLOCK_FILE", None)
    if not settings.DEMO or file is None:
        raise RuntimeError("Only the demo's clock can be moved.")
    if moment > now():
        write_offset(file, offset_to(moment))
    return now()


def offset_to(moment: datetime) -> float:
    """Return the seconds by which the machine's clock has to be moved to show a time."""
    return (moment - datetime.now(UTC)).total_seconds()


def machine_time(moment: datetime) -> datetime:
    """Return a moment by the machine's clock, by which sessions, tokens and sign-ins are dated."""
    return moment - timedelta(seconds=offset())


def local_day(moment: datetime, time_zone: str) -> date:
    """Return the civil date of a time in a zone."""
    return moment.astimezone(ZoneInfo(time_zone)).date()
