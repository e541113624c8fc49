"""The figures of the press reports, at any date of the clock."""

import datetime as dt
from statistics import mean

import pytest

from devtools.years.seasons import PROFILES, Wanted, first_day, lebaran_days, season, wanted

TODAYS = [dt.date(2026, 11, 30), dt.date(2027, 7, 1), dt.date(2028, 2, 29)]


def online(rows: dict[dt.date, Wanted], first: dt.date, last: dt.date) -> float:
    return mean(
        row.online for day, row in rows.items() if first <= day <= last and day.weekday() < 5
    )


def test_the_years_are_like_the_reports() -> None:
    rows = wanted(PROFILES["palembang"], today=TODAYS[0])
    first = first_day(TODAYS[0])
    assert 10 <= online(rows, first, first + dt.timedelta(days=270)) <= 20
    assert 80 <= online(rows, dt.date(2025, 6, 1), dt.date(2025, 6, 30)) <= 90
    assert 190 <= online(rows, dt.date(2025, 12, 4), dt.date(2025, 12, 23)) <= 225


@pytest.mark.parametrize("today", TODAYS)
def test_the_same_day_has_the_same_figures_and_ends_yesterday(today: dt.date) -> None:
    rows = wanted(PROFILES["balikpapan"], today=today)
    assert rows == wanted(PROFILES["balikpapan"], today=today)
    assert max(rows) == today - dt.timedelta(days=1)
    assert len(rows) == 4 * 365


def test_one_office_has_no_season_and_one_is_a_random_walk() -> None:
    rows = wanted(PROFILES["ambon"], today=TODAYS[0])
    months = [
        online(rows, dt.date(2025, month, 1), dt.date(2025, month, 28)) for month in range(1, 13)
    ]
    assert max(months) < 1.2 * min(months)
    assert not PROFILES["ambon"].is_seasonal
    assert not PROFILES["kupang"].is_seasonal


def test_the_islamic_calendar_moves_through_the_year() -> None:
    [this, following] = [day for day in lebaran_days() if day.year in (2025, 2026)]
    assert 350 <= (following - this).days <= 356
    assert season(this) < season(this + dt.timedelta(days=20))
