"""The table of docs/forecast.md: the forecast's error on the ten offices of the invented years.

.venv/bin/python -m devtools.years.figures
"""

import datetime as dt
import sys
import time

import numpy as np

from devtools.years.seasons import PROFILES, national_holidays, wanted
from reports.forecast.backtest import Choice, choose
from reports.forecast.smoothing import Series

TODAY = dt.date(2026, 11, 30)
HEAD = (
    "| Office | Season | Shown | Error | Better naive | Error of the naive | Ratio | Days in the interval |\n"
    "|---|---|---|---|---|---|---|---|"
)


def demand_of(code: str, *, today: dt.date = TODAY) -> Series:
    """Return the demand of an office of the years on its working days."""
    rows = wanted(PROFILES[code], today=today)
    days = tuple(day for day in rows if day.weekday() < 5 and day not in national_holidays())
    return Series(days, np.array([float(rows[day].online) for day in days]))


def line(code: str, choice: Choice) -> str:
    """Return an office's row of the table."""
    profile = PROFILES[code]
    kind = "yes" if profile.is_seasonal else "random walk" if profile.walk else "none"
    figures = f"{choice.error:.1f} | {choice.naive.name} | {choice.naive_error:.1f}"
    return f"| {code} | {kind} | {choice.model.name} | {figures} | {choice.ratio:.2f} | {choice.coverage:.0%} |"


if __name__ == "__main__":
    started = time.monotonic()
    sys.stdout.write(f"{HEAD}\n")
    for name in PROFILES:
        sys.stdout.write(f"{line(name, choose(demand_of(name)))}\n")
    sys.stderr.write(f"{time.monotonic() - started:.1f} s\n")
