"""Choosing a model by rolling-origin back-test, and what its errors say about the next forecast. Pure.

The test repeats the forecast of eight weeks at several earlier days ("folds"), each with what was known then.
A figure that is published is never measured on the fold that chose the model or set the interval: for every
fold, both come from the other folds.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from reports.forecast.seasons import Floats
from reports.forecast.smoothing import CANDIDATES, NAIVE, Model, Series

AHEAD: Final = dt.timedelta(days=56)
FOLDS: Final = 12
APART: Final = dt.timedelta(days=28)
LEAST_BEFORE: Final = 120  # working days that a fold needs
LOW, HIGH = 0.1, 0.9  # of an interval that is to contain four of five days
GROUPS: Final = (14, 28, 56)  # days ahead: an interval widens from one group to the next


@dataclass(frozen=True)
class Fold:
    """What one model forecast at an origin, and what came."""

    ahead: Floats  # days from the origin
    forecast: Floats
    actual: Floats

    @property
    def error(self) -> float:
        return float(np.abs(self.forecast - self.actual).sum())


@dataclass(frozen=True)
class Choice:
    """The model for an office and what the folds say about it.

    error: mean absolute error of a day; naive_error: the same of the better seasonal naive forecast; coverage: share of
    days within the interval, 0 to 1. None without folds. `is_naive`: the naive forecast is shown.
    """

    model: Model
    is_naive: bool
    naive: Model
    folds: int
    error: float | None = None
    naive_error: float | None = None
    coverage: float | None = None
    low: tuple[float, ...] = (0.5,) * len(GROUPS)
    high: tuple[float, ...] = (1.6,) * len(GROUPS)

    @property
    def ratio(self) -> float | None:
        """The error relative to the naive forecast; below 1 is better."""
        if self.error is None or not self.naive_error:
            return None
        return self.error / self.naive_error


def origins(series: Series) -> list[dt.date]:
    """Return the last known day of each fold, oldest first."""
    if not series.days:
        return []
    last = series.days[-1] - AHEAD
    moments = [last - APART * step for step in range(FOLDS)]
    return [
        day
        for day in reversed(moments)
        if sum(known <= day for known in series.days) >= LEAST_BEFORE
    ]


def choose(series: Series) -> Choice:
    """Return the model with the smallest error on the folds, or the naive forecast if none is better."""
    # By origin: candidates of one origin share the estimate of their effects.
    folds: dict[str, list[Fold]] = {model.name: [] for model in (*NAIVE, *CANDIDATES)}
    for day in origins(series):
        for model in (*NAIVE, *CANDIDATES):
            folds[model.name].append(_fold(model, series, day))
    by_name = {model.name: model for model in (*NAIVE, *CANDIDATES)}
    count = len(folds[NAIVE[0].name])
    if not count:
        return Choice(NAIVE[0], True, NAIVE[0], 0)
    naive = by_name[_best(folds, [model.name for model in NAIVE])]
    names = [model.name for model in CANDIDATES]
    days = sum(len(fold.actual) for fold in folds[naive.name])
    error = sum(folds[_best(folds, names, without=nth)][nth].error for nth in range(count)) / max(
        days, 1
    )
    naive_error = sum(fold.error for fold in folds[naive.name]) / max(days, 1)
    is_naive = error >= naive_error
    model = naive if is_naive else by_name[_best(folds, names)]
    low, high = _interval(folds[model.name])
    return Choice(
        model, is_naive, naive, count, error, naive_error, _coverage(folds[model.name]), low, high
    )


def _fold(model: Model, series: Series, origin: dt.date) -> Fold:
    known = series.until(origin)
    came = series.between(origin + dt.timedelta(days=1), origin + AHEAD)
    ahead = np.array([(day - origin).days for day in came.days], dtype=float)
    return Fold(ahead, model.forecast(known, came.days), came.values)


def _best(folds: dict[str, list[Fold]], names: Sequence[str], *, without: int | None = None) -> str:
    """Return the name with the smallest error over all folds, or over all but one."""

    def total(name: str) -> float:
        return sum(fold.error for nth, fold in enumerate(folds[name]) if nth != without)

    return min(names, key=total)


def _interval(folds: Sequence[Fold]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return the factors on a forecast between which four of five days lay, by days ahead."""
    low, high = [], []
    first = 0.0
    for last in GROUPS:
        ratios = np.concatenate(
            [
                (fold.actual[here] + 0.5) / (fold.forecast[here] + 0.5)
                for fold in folds
                for here in [(fold.ahead > first) & (fold.ahead <= last)]
            ]
        )
        low.append(float(np.quantile(ratios, LOW)) if len(ratios) else 0.5)
        high.append(float(np.quantile(ratios, HIGH)) if len(ratios) else 1.6)
        first = float(last)
    return tuple(low), tuple(high)


def _coverage(folds: Sequence[Fold]) -> float | None:
    """Return the share of days within the interval that the other folds give; None with one fold."""
    if len(folds) < 2:
        return None
    within = days = 0
    for nth, fold in enumerate(folds):
        low, high = _interval([other for at, other in enumerate(folds) if at != nth])
        lower, upper = bounds(fold.forecast, fold.ahead, low, high)
        within += int(((fold.actual >= lower) & (fold.actual <= upper)).sum())
        days += len(fold.actual)
    return within / days if days else None


def bounds(
    forecast: Floats, ahead: Floats, low: Sequence[float], high: Sequence[float]
) -> tuple[Floats, Floats]:
    """Return the lower and upper end of the interval of each day, rounded outwards to whole people."""
    group = np.minimum(np.searchsorted(np.array(GROUPS), ahead), len(GROUPS) - 1)
    lower = np.floor((forecast + 0.5) * np.array(low)[group] - 0.5)
    upper = np.ceil((forecast + 0.5) * np.array(high)[group] - 0.5)
    return np.maximum(lower, 0.0), np.maximum(upper, 0.0)
