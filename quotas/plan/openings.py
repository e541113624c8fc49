"""When the places of a service day open and close, by a release rule."""

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from quotas.plan.decrees import ReleaseDecree

WORK_WEEK = 5
MONTHS = 12
LONGEST_MONTH = (
    30  # months are divided as if they had thirty days; the last part takes the remainder
)
Works = Callable[[date], bool]


@dataclass(frozen=True)
class DayWindow:
    """The window of one service day. Days of one window may close at different times."""

    first_day: date
    last_day: date
    opens_at: datetime
    closes_at: datetime
    tranche: int = 1


@dataclass(frozen=True)
class _Period:
    """The service days that open together, and their opening day."""

    first_day: date
    last_day: date
    opens_on: date


def on_weekdays(day: date) -> bool:
    """True from Monday to Friday. The default where no office is known."""
    return day.isoweekday() <= WORK_WEEK


def window_of(
    release: ReleaseDecree, day: date, time_zone: str, works: Works = on_weekdays
) -> DayWindow | None:
    """Return the window of a service day, the first of its tranches.

    None when the rule does not open the day, or opens it after the day or after its own closing.
    """
    windows = windows_of(release, day, time_zone, works)
    return next((window for window in windows if window is not None), None)


def windows_of(
    release: ReleaseDecree, day: date, time_zone: str, works: Works = on_weekdays
) -> tuple[DayWindow | None, ...]:
    """Return the window of each tranche of a service day; None for one that cannot open in time."""
    periods = (_period(release, day, ahead, works) for _percent, ahead in release.parts)
    return tuple(
        None if period is None else _window(release, day, time_zone, period, number)
        for number, period in enumerate(periods, start=1)
    )


def _window(
    release: ReleaseDecree, day: date, time_zone: str, period: _Period, tranche: int
) -> DayWindow | None:
    if day > period.last_day or period.opens_on > day:
        return None
    zone = ZoneInfo(time_zone)
    opens_at = datetime.combine(period.opens_on, release.opens_time, zone)
    closes_on = _closes_on(release, day, period.opens_on)
    closes_at = datetime.combine(closes_on, release.closes_time, zone)
    if opens_at >= closes_at:
        return None
    first_day = max(period.first_day, release.valid_from)
    last_day = period.last_day
    if release.valid_until is not None:
        last_day = min(last_day, release.valid_until)
    return DayWindow(first_day, last_day, opens_at, closes_at, tranche)


def _closes_on(release: ReleaseDecree, day: date, opens_on: date) -> date:
    if release.closes_after_days is not None:
        return opens_on + timedelta(days=release.closes_after_days)
    return day - timedelta(days=release.closes_before_days or 0)


def _period(release: ReleaseDecree, day: date, ahead: int, works: Works) -> _Period | None:
    if release.kind == "monthly":
        return _part_of_month(release, day, ahead, works)
    if release.kind == "daily":
        return _Period(day, day, day - timedelta(days=ahead))
    monday = day - timedelta(days=day.weekday())
    opens_on = monday + timedelta(days=(release.weekday or 1) - 1 - 7 * ahead)
    return _Period(monday, monday + timedelta(days=release.covers_days - 1), opens_on)


def _part_of_month(release: ReleaseDecree, day: date, ahead: int, works: Works) -> _Period | None:
    """Return the part of the month that contains the day: with two openings, 1-15 and the rest."""
    count = len(release.month_days)
    starts = [1 + LONGEST_MONTH * number // count for number in range(count)]
    part = sum(start <= day.day for start in starts) - 1
    last = starts[part + 1] - 1 if part + 1 < count else monthrange(day.year, day.month)[1]
    opens_on = opening_day(release, _months_before(day, ahead), release.month_days[part], works)
    if opens_on is None:
        return None
    return _Period(day.replace(day=starts[part]), day.replace(day=last), opens_on)


def opening_day(release: ReleaseDecree, month: date, number: int, works: Works) -> date | None:
    """Return the n-th day or working day of a month, from its end when negative; None if there is none."""
    length = monthrange(month.year, month.month)[1]
    days = [month.replace(day=step) for step in range(1, length + 1)]
    if release.counts_working_days:
        days = [day for day in days if works(day)]
    position = number - 1 if number > 0 else number
    return days[position] if -len(days) <= position < len(days) else None


def _months_before(day: date, months: int) -> date:
    count = day.year * MONTHS + day.month - 1 - months
    return date(count // MONTHS, count % MONTHS + 1, 1)
