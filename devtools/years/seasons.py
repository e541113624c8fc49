"""How many people want a passport at an office on a day of four invented years. Pure and seeded.

The years end at the day before `today`. Like the press reports the project started from: 10 to 20 people a
day in the first year (the pandemic of 2020), 80 to 90 in June of the third (2022), 200 in December of the
last (2017). The Islamic calendar is taken from the package `holidays`; the forecast does not see this module.
"""

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import holidays
import numpy as np

YEARS: Final = 4
YEAR: Final = 365
WEEKDAYS: Final = (1.16, 1.02, 0.97, 0.95, 0.90, 0.0, 0.0)
# Days from the end of Ramadan (the first of Syawal): first, last, factor.
AROUND_LEBARAN: Final = (
    (-90, -31, 1.18),  # Rajab and Syakban: the umrah season before the fast
    (-30, -8, 0.82),  # Ramadan
    (-7, 9, 0.55),  # the holidays
    (10, 40, 1.22),  # postponed applications
    (41, 62, 1.08),  # before the hajj
)


@dataclass(frozen=True)
class Profile:
    """One office. `levels`: people a day at the ends and the quarters of the four years, in order.

    `season`: 1 is the usual strength, 0 none. `walk` makes the level a random walk with this standard
    deviation a day. `weekdays`: 1 is the usual pattern, 0 none.
    """

    levels: tuple[float, ...]
    seed: int
    season: float = 1.0
    weekdays: float = 1.0
    walk: float = 0.0
    noise: float = 0.05
    no_show: float = 0.09
    walk_ins: float = 0.07
    priority: float = 0.06

    @property
    def is_seasonal(self) -> bool:
        return self.season > 0 and not self.walk


@dataclass(frozen=True)
class Wanted:
    """The demand at an office on one day."""

    online: int
    walk_ins: int
    priority: int


# Each year's level at its beginning, middle; and the end.
PALEMBANG: Final = (13, 14, 42, 56, 64, 68, 120, 108, 114)
PROFILES: Final = {
    "palembang": Profile(PALEMBANG, seed=1),
    "balikpapan": Profile((10, 13, 30, 42, 55, 60, 66, 70, 72), seed=2, season=0.8),
    "jaksel": Profile((18, 20, 60, 85, 104, 110, 118, 124, 128), seed=3, season=0.7, walk_ins=0.0),
    "ambon": Profile((60,) * 9, seed=4, season=0, weekdays=0, noise=0.02),
    "kupang": Profile((40,) * 9, seed=5, season=0, walk=0.025),
    # For the figures only: ten offices are measured.
    "medan": Profile((16, 18, 50, 70, 90, 96, 104, 108, 112), seed=6, season=1.1),
    "makassar": Profile((12, 14, 38, 50, 60, 66, 74, 76, 80), seed=7, season=0.9),
    "denpasar": Profile((8, 9, 40, 70, 90, 95, 98, 104, 104), seed=8, season=0.6, noise=0.08),
    "semarang": Profile((14, 16, 44, 60, 72, 78, 84, 90, 96), seed=9, season=1.2),
    "pontianak": Profile((10, 11, 28, 36, 44, 48, 54, 56, 60), seed=10, season=1.0, noise=0.07),
}


def first_day(today: dt.date) -> dt.date:
    """The first day of the four years that end yesterday."""
    return today - dt.timedelta(days=YEARS * YEAR)


@lru_cache(maxsize=1)
def lebaran_days() -> tuple[dt.date, ...]:
    """The first days of Syawal from 2015 to 2076, in order."""
    rows = holidays.country_holidays("ID", years=range(2015, 2077), language="en_US")
    result = sorted(day for day, name in rows.items() if name.startswith("Eid al-Fitr"))
    return tuple(day for day in result if day - dt.timedelta(days=1) not in result)


def season(day: dt.date) -> float:
    """The factor of a day by the two calendars, 1 for an ordinary day."""
    return _civil(day) * _islamic(day)


def _civil(day: dt.date) -> float:
    month, date = day.month, day.day
    if month == 12:
        return 1.65 if 4 <= date <= 23 else 1.3
    if month == 1:
        return 1.2 if date <= 12 else 1.02
    if month == 6:
        return 1.12 if date <= 12 else 1.25
    if month == 7:
        return 1.18 if date <= 10 else 0.97
    return {11: 1.12, 2: 0.95, 8: 0.92, 9: 0.94, 10: 1.0}.get(month, 1.0)


def _islamic(day: dt.date) -> float:
    near = min(lebaran_days(), key=lambda one: abs((day - one).days - -30))
    ahead = (day - near).days
    return next((factor for first, last, factor in AROUND_LEBARAN if first <= ahead <= last), 1.0)


def wanted(profile: Profile, *, today: dt.date) -> dict[dt.date, Wanted]:
    """Return the demand of each day of the four years; the same for the same profile and day.

    Days on which the office is closed are not left out: the caller knows them.
    """
    chance = np.random.default_rng(profile.seed)
    days = [first_day(today) + dt.timedelta(days=step) for step in range(YEARS * YEAR)]
    levels = _levels(profile, days, chance)
    drift = _drift(len(days), profile.noise, chance)
    means = [
        level * moved * _factor(profile, day)
        for day, level, moved in zip(days, levels, drift, strict=True)
    ]
    return {day: _counts(profile, mean, chance) for day, mean in zip(days, means, strict=True)}


def _levels(profile: Profile, days: list[dt.date], chance: np.random.Generator) -> np.ndarray:
    ends = np.linspace(0, len(days) - 1, len(profile.levels))
    levels = np.interp(np.arange(len(days)), ends, np.array(profile.levels))
    if profile.walk:
        levels = levels * np.exp(np.cumsum(chance.normal(0, profile.walk, len(days))))
        levels = np.clip(levels, 8, 160)
    return levels


def _drift(count: int, noise: float, chance: np.random.Generator) -> np.ndarray:
    """Weeks that are a little better or worse than their season, one after the other alike."""
    steps = chance.normal(0, noise * 0.35, count)
    values = [0.0]
    for step in steps[1:]:
        values.append(0.93 * values[-1] + float(step))
    return np.exp(np.array(values))


def _factor(profile: Profile, day: dt.date) -> float:
    weekday = 1 + profile.weekdays * (WEEKDAYS[day.weekday()] - 1)
    return weekday * float(season(day) ** profile.season)


def _counts(profile: Profile, mean: float, chance: np.random.Generator) -> Wanted:
    spread = mean * float(np.exp(chance.normal(0, profile.noise)))
    online, walk_ins, priority = chance.poisson(
        [spread, spread * profile.walk_ins, spread * profile.priority]
    )
    return Wanted(int(online), int(walk_ins), int(priority))


@lru_cache(maxsize=1)
def national_holidays() -> frozenset[dt.date]:
    """The national holidays of the years, also those that no office has in its table."""
    return frozenset(holidays.country_holidays("ID", years=range(2015, 2077)))
