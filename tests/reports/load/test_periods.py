"""Periods and what they are compared with."""

from datetime import date, timedelta

import pytest

from reports.load.columns import percentile
from reports.load.periods import (
    Period,
    buckets,
    from_islamic,
    islamic_date,
    islamic_year_before,
    pieces,
    previous,
    year_before,
)

NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))
FORTNIGHT = Period(date(2026, 11, 17), date(2026, 11, 30))


def test_whole_months_are_compared_with_months() -> None:
    assert previous(NOVEMBER) == Period(date(2026, 10, 1), date(2026, 10, 31))
    assert year_before(NOVEMBER) == Period(date(2025, 11, 1), date(2025, 11, 30))
    quarter = Period(date(2026, 1, 1), date(2026, 3, 31))
    assert previous(quarter) == Period(date(2025, 10, 1), date(2025, 12, 31))


@pytest.mark.parametrize("days", [1, 5, 14, 17])
def test_other_periods_are_compared_from_the_same_weekday(days: int) -> None:
    period = Period(FORTNIGHT.first, FORTNIGHT.first + timedelta(days=days - 1))
    for other in (previous(period), year_before(period)):
        assert other.first.weekday() == period.first.weekday()
        assert other.days == days
    assert previous(period).last < period.first


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2024, 7, 8), (1446, 1, 1)),
        (date(2025, 3, 31), (1446, 10, 1)),  # Lebaran
        (date(2023, 3, 23), (1444, 9, 1)),  # the first day of Ramadan
    ],
)
def test_known_days_of_the_islamic_calendar(day: date, expected: tuple[int, int, int]) -> None:
    assert islamic_date(day) == expected
    assert from_islamic(*expected) == day


def test_every_day_is_converted_back() -> None:
    day = date(2015, 1, 1)
    while day < date(2035, 1, 1):
        assert from_islamic(*islamic_date(day)) == day
        day += timedelta(days=1)


def test_lebaran_is_compared_with_lebaran() -> None:
    lebaran = Period(date(2026, 3, 20), date(2026, 3, 26))
    assert islamic_year_before(lebaran).first == date(2025, 3, 31)
    assert islamic_year_before(lebaran).days == 7


def test_whole_months_that_are_over_are_read_as_months() -> None:
    period, today = Period(date(2026, 8, 20), date(2026, 11, 10)), date(2026, 11, 5)
    parts = pieces(period, today=today, by_day=False)
    assert [(part.span, part.first, part.last) for part in parts] == [
        ("month", date(2026, 9, 1), date(2026, 10, 31)),
        ("day", date(2026, 8, 20), date(2026, 8, 31)),
        ("day", date(2026, 11, 1), date(2026, 11, 10)),
    ]
    assert len(pieces(period, today=today, by_day=True)) == 1


def test_rows_cover_the_period() -> None:
    assert len(buckets(FORTNIGHT, "day")) == 14
    assert buckets(FORTNIGHT, "week") == [
        date(2026, 11, 16),
        date(2026, 11, 23),
        date(2026, 11, 30),
    ]
    assert buckets(FORTNIGHT, "month") == [date(2026, 11, 1)]


def test_percentiles_are_interpolated() -> None:
    counts = [0] * 31
    for minute in (10, 20, 30):
        counts[minute] = 1
    assert percentile(counts, 0.5) == 20
    assert percentile(counts, 0.95) == pytest.approx(29)
    assert percentile([], 0.5) is None
    assert percentile([0, 1], 0.95) == 1
