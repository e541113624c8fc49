"""The calendar of a forecast: the seasons of the civil year and those that move with the Islamic one.

Pure. The Islamic calendar is the tabular one (30-year cycle, civil epoch): a day or two off the announced dates, which the width of the seasons absorbs.
"""

import datetime as dt
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
HALF_MONTHS: Final = 24
# Days from the end of Ramadan (1 Syawal) at which an effect is estimated; between them it is interpolated.
LEBARAN_KNOTS: Final = (-100, -75, -50, -34, -29, -18, -9, -5, 2, 8, 13, 27, 38, 50, 64, 78)
ISLAMIC_EPOCH: Final = 1948439.5  # Julian day of 1 Muharram 1
JULIAN_OF_ORDINAL: Final = 1721424.5
MEAN_YEAR: Final = 354.36707
SYAWAL: Final = 10


def islamic_to_date(year: int, month: int, day: int) -> dt.date:
    """Return the civil date of a day of the tabular Islamic calendar."""
    days = day + -(-(29.5 * (month - 1)) // 1) + (year - 1) * 354 + (3 + 11 * year) // 30
    return dt.date.fromordinal(int(days + ISLAMIC_EPOCH - 1 - JULIAN_OF_ORDINAL + 0.5))


def islamic_year(day: dt.date) -> int:
    """Return the year of the Islamic calendar in which a day lies, within some days at its ends."""
    return int((day.toordinal() + JULIAN_OF_ORDINAL - ISLAMIC_EPOCH) / MEAN_YEAR) + 1


@lru_cache(maxsize=10_000)
def from_lebaran(day: dt.date) -> int:
    """Return the days since the nearest first of Syawal that is at most 100 days away ahead, else since the last."""
    year = islamic_year(day)
    feasts = [islamic_to_date(near, SYAWAL, 1) for near in (year - 1, year, year + 1)]
    ahead = [(day - feast).days for feast in feasts]
    return min(ahead, key=lambda days: abs(days - -10))


def civil_effects(days: Sequence[dt.date]) -> Floats:
    """Return for each day its weights on 24 points of the year, 15 days apart; they sum to 1."""
    length = 365.25 / HALF_MONTHS
    place = np.array([(day.timetuple().tm_yday - 1) / length for day in days])
    low = np.floor(place).astype(int)
    share = place - low
    rows = np.zeros((len(days), HALF_MONTHS))
    every = np.arange(len(days))
    rows[every, low % HALF_MONTHS] += 1 - share
    rows[every, (low + 1) % HALF_MONTHS] += share
    return rows


def islamic_effects(days: Sequence[dt.date]) -> Floats:
    """Return for each day its weights on the knots around Lebaran; none outside them."""
    knots = np.array(LEBARAN_KNOTS, dtype=float)
    ahead = np.array([from_lebaran(day) for day in days], dtype=float)
    rows = np.zeros((len(days), len(knots)))
    for nth in range(len(knots)):
        peak = np.zeros(len(knots))
        peak[nth] = 1.0
        rows[:, nth] = np.interp(ahead, knots, peak, left=0.0, right=0.0)
    return rows
