"""The models and their choice, on series whose rule is known and on the invented years."""

import datetime as dt

import numpy as np
import pytest

from reports.forecast.backtest import bounds, choose, origins
from reports.forecast.seasons import from_lebaran, islamic_to_date
from reports.forecast.smoothing import CANDIDATES, Model, Series, last_week, last_year
from tests.reports.forecast.series import series_of, working_days

# The first of Syawal as it was announced.
LEBARAN = [dt.date(2019, 6, 5), dt.date(2022, 5, 2), dt.date(2023, 4, 22), dt.date(2025, 3, 31)]
FIRST, LAST = dt.date(2023, 1, 2), dt.date(2025, 12, 31)
WEEKDAYS = np.array([1.2, 1.0, 1.0, 0.9, 0.8])


def made(level: float = 100.0, *, growth: float = 0.0) -> Series:
    days = tuple(working_days(FIRST, LAST))
    values = [level * (1 + growth * nth) * WEEKDAYS[day.weekday()] for nth, day in enumerate(days)]
    return Series(days, np.array(values))


@pytest.mark.parametrize("day", LEBARAN)
def test_the_tabular_calendar_is_within_two_days_of_the_announced_one(day: dt.date) -> None:
    assert abs(from_lebaran(day)) <= 2


def test_the_epoch_of_the_islamic_calendar() -> None:
    assert islamic_to_date(1445, 1, 1) == dt.date(2023, 7, 19)


def test_the_two_naives_repeat_the_last_week_and_year() -> None:
    series = made()
    coming = working_days(LAST + dt.timedelta(days=1), LAST + dt.timedelta(days=30))
    expected = [100 * WEEKDAYS[day.weekday()] for day in coming]
    assert last_week(series, coming) == pytest.approx(expected)
    assert last_year(series, coming) == pytest.approx(expected)


@pytest.mark.parametrize("model", CANDIDATES, ids=lambda model: model.name)
def test_every_model_continues_a_series_without_noise(model: Model) -> None:
    series = made()
    coming = working_days(LAST + dt.timedelta(days=1), LAST + dt.timedelta(days=50))
    expected = [100 * WEEKDAYS[day.weekday()] for day in coming]
    assert model.forecast(series, coming) == pytest.approx(expected, rel=0.06)


def test_a_trend_is_continued_and_damped() -> None:
    series = made(growth=0.004)
    coming = working_days(LAST + dt.timedelta(days=1), LAST + dt.timedelta(days=50))
    [level] = [model for model in CANDIDATES if model.name == "level_20"]
    [trend] = [model for model in CANDIDATES if model.name == "level_trend_20"]
    assert trend.forecast(series, coming).mean() > level.forecast(series, coming).mean()


def test_short_and_empty_series_have_a_forecast() -> None:
    coming = working_days(LAST, LAST + dt.timedelta(days=20))
    for series in (Series((), np.array([])), Series((FIRST,), np.array([12.0]))):
        choice = choose(series)
        assert (choice.is_naive, choice.folds, choice.error) == (True, 0, None)
        assert len(choice.model.forecast(series, coming)) == len(coming)


def test_folds_see_only_what_was_known() -> None:
    series = series_of("palembang")
    assert len(origins(series)) == 12
    known = series.until(origins(series)[0])
    assert known.days[-1] <= origins(series)[0] <= series.days[-1] - dt.timedelta(days=56)
    assert (
        series.between(known.days[-1], series.days[-1]).days[1:] == series.days[len(known.days) :]
    )


def test_the_interval_contains_its_forecast_and_whole_people() -> None:
    low, high = bounds(np.array([10.4]), np.array([3.0]), (0.9,) * 3, (1.1,) * 3)
    assert low[0] <= 10.4 <= high[0]
    assert low[0] == int(low[0])


@pytest.mark.parametrize("code", ["palembang", "jaksel"])
def test_seasonal_offices_are_at_least_five_percent_better_than_the_naive(code: str) -> None:
    choice = choose(series_of(code))
    assert choice.ratio < 0.95
    assert not choice.is_naive
    assert 0.7 <= choice.coverage <= 0.92


@pytest.mark.parametrize("code", ["ambon", "kupang"])
def test_the_other_offices_are_no_worse_than_the_naive(code: str) -> None:
    choice = choose(series_of(code))
    assert choice.is_naive or choice.ratio <= 1.0
    assert choice.ratio <= 1.02


def test_the_naive_is_shown_where_nothing_is_better() -> None:
    """A week that repeats exactly: nothing can be better than repeating it."""
    days = made().days
    pattern = [80.0, 3.0, 150.0, 20.0, 60.0]
    same = Series(days, np.array([pattern[day.weekday()] for day in days]))
    choice = choose(same)
    assert choice.is_naive
    assert choice.model.name in ("last_week", "last_year")
