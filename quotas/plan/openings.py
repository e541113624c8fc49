"""When the places of a service day open and close: the rhythm of a release rule."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from quotas.plan.rows import Release


@dataclass(frozen=True)
class DayWindow:
    """The window one service day belongs to. Days of one window may close at different moments."""

    first_day: date
    last_day: date
    opens_at: datetime
    closes_at: datetime


def window_of(release: Release, day: date, time_zone: str) -> DayWindow | None:
    """Return the window of a service day.

    None when the rule opens no such day, or opens it after the day or after its own closing.
    """
    if release.days_ahead is not None:
        first_day = last_day = day
        opens_on = day - timedelta(days=release.days_ahead)
    else:
        monday = day - timedelta(days=day.weekday())
        first_day, last_day = monday, monday + timedelta(days=release.covers_days - 1)
        opens_on = monday + timedelta(days=(release.weekday or 1) - 1 - 7 * release.weeks_ahead)
    if day > last_day or opens_on > day:
        return None
    zone = ZoneInfo(time_zone)
    opens_at = datetime.combine(opens_on, release.opens_time, zone)
    closes_at = datetime.combine(_closes_on(release, day, opens_on), release.closes_time, zone)
    if opens_at >= closes_at:
        return None
    first_day = max(first_day, release.valid_from)
    last_day = last_day if release.valid_until is None else min(last_day, release.valid_until)
    return DayWindow(first_day, last_day, opens_at, closes_at)


def _closes_on(release: Release, day: date, opens_on: date) -> date:
    if release.closes_after_days is not None:
        return opens_on + timedelta(days=release.closes_after_days)
    return day - timedelta(days=release.closes_before_days or 0)
