"""Forecast models of a daily series with weekdays, seasons of two calendars and a damped trend. Pure numpy.

A model works on the logarithm: effects are factors. The effects of weekday and season are estimated by one
penalised regression together with a slowly moving level (knots a quarter apart), in which later days weigh
more. The remainder is smoothed exponentially, level and damped trend (Holt). The
forecast is the last level, its trend, and the effects of the coming days.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from reports.forecast.seasons import Floats, civil_effects, islamic_effects

WEEK: Final = 7
YEAR_OF_WEEKS: Final = 364
KNOT_DAYS: Final = 91
HALF_LIFE: Final = 500.0  # days after which a day weighs half
# Ridge penalties, against residuals of about a tenth.
ON_WEEKDAY, ON_CIVIL, ON_ISLAMIC, ON_LEVEL = 1.0, 6.0, 6.0, 4.0
TREND_SHARE: Final = 0.1  # of the level's weight
DAMPING: Final = 0.97  # a working day
FEWEST_FOR_SEASONS: Final = 400  # working days


@dataclass(frozen=True)
class Series:
    """The working days of an office, in order, and a count for each."""

    days: tuple[dt.date, ...]
    values: Floats

    def until(self, last: dt.date) -> "Series":
        """Return the part up to a day, included."""
        count = sum(day <= last for day in self.days)
        return Series(self.days[:count], self.values[:count])

    def between(self, first: dt.date, last: dt.date) -> "Series":
        """Return the part from one day to another, both included."""
        kept = [nth for nth, day in enumerate(self.days) if first <= day <= last]
        return Series(tuple(self.days[nth] for nth in kept), self.values[kept])


Forecast = Callable[[Series, Sequence[dt.date]], Floats]


@dataclass(frozen=True)
class Model:
    """A named way to forecast."""

    name: str
    forecast: Forecast


def last_week(series: Series, coming: Sequence[dt.date]) -> Floats:
    """Seasonal naive of a week: the latest day with the same weekday."""
    latest = {day.weekday(): value for day, value in zip(series.days, series.values, strict=True)}
    usual = float(np.mean(series.values[-5:])) if len(series.values) else 0.0
    return np.array([latest.get(day.weekday(), usual) for day in coming])


def last_year(series: Series, coming: Sequence[dt.date]) -> Floats:
    """Seasonal naive of a year: the same weekday 52 weeks before, or the nearest one before it."""
    known = dict(zip(series.days, series.values, strict=True))
    result = []
    for day in coming:
        before = (day - dt.timedelta(days=YEAR_OF_WEEKS + WEEK * step) for step in range(8))
        result.append(next((known[one] for one in before if one in known), np.nan))
    return np.where(np.isnan(result), last_week(series, coming), result)


def smoothed(
    series: Series,
    coming: Sequence[dt.date],
    *,
    weight: float,
    has_seasons: bool,
    has_trend: bool,
) -> Floats:
    """Return the forecast for coming working days. `weight`: of the latest day in the level, 0 to 1."""
    if not len(series.values):
        return np.zeros(len(coming))
    logs = np.log(series.values + 0.5)
    is_long = has_seasons and len(series.values) >= FEWEST_FOR_SEASONS
    past, future = _effects(series.days, tuple(series.values), tuple(coming), is_long)
    level, trend = _holt(logs - past, weight, weight * TREND_SHARE if has_trend else 0.0)
    steps = np.arange(1, len(coming) + 1)
    ahead = trend * DAMPING * (1 - DAMPING**steps) / (1 - DAMPING)
    return np.maximum(np.exp(level + ahead + future) - 0.5, 0.0)


@lru_cache(maxsize=4)
def _effects(
    days: tuple[dt.date, ...],
    values: tuple[float, ...],
    coming: tuple[dt.date, ...],
    has_seasons: bool,
) -> tuple[Floats, Floats]:
    """Return the effects of weekday and season on the logarithm, for past and coming days."""
    logs = np.log(np.array(values) + 0.5)
    every = [*days, *coming]
    parts = [_weekdays(every)]
    penalties = [np.full(parts[0].shape[1], ON_WEEKDAY)]
    if has_seasons:
        parts += [civil_effects(every), islamic_effects(every)]
        penalties += [np.full(parts[1].shape[1], ON_CIVIL), np.full(parts[2].shape[1], ON_ISLAMIC)]
    effects = np.hstack(parts)
    levels = _level_basis(days)
    count = len(days)
    design = np.hstack([effects[:count], levels])
    age = np.array([(days[-1] - day).days for day in days], dtype=float)
    weights = 0.5 ** (age / HALF_LIFE) * np.minimum(1.0, np.array(values) / 30 + 0.1)
    penalty = np.zeros((design.shape[1], design.shape[1]))
    ends = effects.shape[1]
    penalty[:ends, :ends] = np.diag(np.concatenate(penalties)) * 0.1
    bend = np.diff(np.eye(levels.shape[1]), n=1, axis=0)
    penalty[ends:, ends:] = ON_LEVEL * bend.T @ bend + 1e-6 * np.eye(levels.shape[1])
    weighted = design * weights[:, None]
    result = np.linalg.solve(weighted.T @ design + penalty, weighted.T @ logs)
    both = effects @ result[:ends]
    return both[:count], both[count:]


def _weekdays(days: Sequence[dt.date]) -> Floats:
    rows = np.zeros((len(days), WEEK))
    rows[np.arange(len(days)), [day.weekday() for day in days]] = 1.0
    return rows


def _level_basis(days: Sequence[dt.date]) -> Floats:
    """Return each day's weights on knots a quarter apart."""
    age = np.array([(day - days[0]).days for day in days], dtype=float)
    knots = np.arange(0, age[-1] + KNOT_DAYS, KNOT_DAYS)
    place = np.minimum(age / KNOT_DAYS, len(knots) - 1.0)
    low = np.minimum(np.floor(place).astype(int), max(len(knots) - 2, 0))
    rows = np.zeros((len(days), len(knots)))
    every = np.arange(len(days))
    rows[every, low] = 1 - (place - low)
    if len(knots) > 1:
        rows[every, low + 1] += place - low
    return rows


def _holt(values: Floats, weight: float, trend_weight: float) -> tuple[float, float]:
    """Return the last level and trend of an exponential smoothing with a damped trend."""
    level, trend = float(np.mean(values[: 2 * WEEK])), 0.0
    for value in values:
        expected = level + DAMPING * trend
        new = expected + weight * (float(value) - expected)
        trend = DAMPING * trend + trend_weight * (new - expected)
        level = new
    return level, trend


def _candidate(weight: float, *, has_seasons: bool, has_trend: bool) -> Model:
    def forecast(series: Series, coming: Sequence[dt.date]) -> Floats:
        return smoothed(series, coming, weight=weight, has_seasons=has_seasons, has_trend=has_trend)

    name = ("season" if has_seasons else "level") + ("_trend" if has_trend else "")
    return Model(f"{name}_{round(weight * 100):02d}", forecast)


NAIVE: Final = (Model("last_week", last_week), Model("last_year", last_year))
CANDIDATES: Final = tuple(
    _candidate(weight, has_seasons=has_seasons, has_trend=has_trend)
    for has_seasons in (True, False)
    for has_trend in (False, True)
    for weight in (0.03, 0.08, 0.2, 0.4)
)
