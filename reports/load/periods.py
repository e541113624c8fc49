"""The periods of a report, and those it is compared with. Pure: no database, no clock."""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from core.dates import monday_of
from reports.load.models import LoadRow

ONE_DAY: Final = timedelta(days=1)
A_WEEK: Final = timedelta(days=7)
A_YEAR_OF_WEEKS: Final = timedelta(weeks=52)
MONTHS: Final = 12


@dataclass(frozen=True)
class Period:
    """A span of days, both ends included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def is_whole_months(self) -> bool:
        return self.first.day == 1 and (self.last + ONE_DAY).day == 1

    def moved(self, by: timedelta) -> "Period":
        return Period(self.first + by, self.last + by)


def previous(period: Period) -> Period:
    """Return the period before: the same number of months, or of days from the same weekday on."""
    if period.is_whole_months:
        return _months_back(period, _months(period))
    weeks = -(-period.days // A_WEEK.days)
    return period.moved(-weeks * A_WEEK)


def year_before(period: Period) -> Period:
    """Return the same season by the common calendar: the same months, or 52 weeks before."""
    if period.is_whole_months:
        return _months_back(period, MONTHS)
    return period.moved(-A_YEAR_OF_WEEKS)


def islamic_year_before(period: Period) -> Period:
    """Return the same season by the Islamic calendar: as many days, from the same date one year before.

    Ramadan, Lebaran and the months of umrah and hajj move by about eleven days a year.
    """
    year, month, day = islamic_date(period.first)
    first = from_islamic(year - 1, month, min(day, islamic_month_days(year - 1, month)))
    return Period(first, first + (period.last - period.first))


def _months(period: Period) -> int:
    first, last = period.first, period.last
    return (last.year - first.year) * MONTHS + last.month - first.month + 1


def _months_back(period: Period, months: int) -> Period:
    first, last = _back(period.first, months), _back(period.last, months)
    return Period(first, last.replace(day=calendar.monthrange(last.year, last.month)[1]))


def _back(day: date, months: int) -> date:
    year, month = divmod(day.year * MONTHS + day.month - 1 - months, MONTHS)
    return date(year, month + 1, 1)


# --- The Islamic calendar -------------------------------------------------------------------------
# The arithmetical calendar (11 leap years in 30; epoch 16 July 622, Julian). It differs from the
# months that the ministry announces by at most a day or two, which does not matter for a season.
_EPOCH: Final = 227_015  # as a proleptic Gregorian ordinal, as in date.toordinal()
_YEARS, _DAYS_OF_30_YEARS = 30, 10_631


def from_islamic(year: int, month: int, day: int) -> date:
    """Return the day of an Islamic date."""
    before = (year - 1) * 354 + (3 + 11 * year) // _YEARS + 29 * (month - 1) + month // 2
    return date.fromordinal(_EPOCH - 1 + before + day)


def islamic_date(day: date) -> tuple[int, int, int]:
    """Return a day as Islamic year, month (1 is Muharram, 9 Ramadan) and day."""
    ordinal = day.toordinal()
    year = (_YEARS * (ordinal - _EPOCH) + 10_646) // _DAYS_OF_30_YEARS
    passed = ordinal - from_islamic(year, 1, 1).toordinal()
    month = (11 * passed + 330) // 325
    return year, month, ordinal - from_islamic(year, month, 1).toordinal() + 1


def islamic_month_days(year: int, month: int) -> int:
    """Return the number of days of an Islamic month."""
    following = (year + 1, 1) if month == MONTHS else (year, month + 1)
    return (from_islamic(*following, 1) - from_islamic(year, month, 1)).days


# --- What is stored for a period ------------------------------------------------------------------
@dataclass(frozen=True)
class Piece:
    """A part of a period that is read from rows of one span."""

    span: str
    first: date
    last: date


def pieces(period: Period, *, today: date, by_day: bool) -> list[Piece]:
    """Return the parts of a period: whole months that are over are read as months, unless `by_day`."""
    if by_day:
        return [Piece(LoadRow.Span.DAY, period.first, period.last)]
    months = [
        first
        for first in _month_starts(period)
        if first >= period.first and _end(first) <= period.last and _end(first) < today
    ]
    if not months:
        return [Piece(LoadRow.Span.DAY, period.first, period.last)]
    first, last = months[0], _end(months[-1])
    parts = [Piece(LoadRow.Span.MONTH, first, last)]
    if period.first < first:
        parts.append(Piece(LoadRow.Span.DAY, period.first, first - ONE_DAY))
    if last < period.last:
        parts.append(Piece(LoadRow.Span.DAY, last + ONE_DAY, period.last))
    return parts


def _month_starts(period: Period) -> Iterator[date]:
    day = period.first.replace(day=1)
    while day <= period.last:
        yield day
        day = _end(day) + ONE_DAY


def _end(first: date) -> date:
    return first.replace(day=calendar.monthrange(first.year, first.month)[1])


def buckets(period: Period, by: str) -> list[date]:
    """Return the first days of the rows of a period: every day, Monday, or first of a month."""
    if by == "week":
        first, step = monday_of(period.first), A_WEEK
    elif by == "month":
        return list(_month_starts(period))
    else:
        first, step = period.first, ONE_DAY
    count = (period.last - first).days // step.days + 1
    return [first + step * n for n in range(count)]
