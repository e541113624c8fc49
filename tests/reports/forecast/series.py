"""Daily series of the invented years, as the forecast sees them."""

import datetime as dt

import numpy as np

from devtools.years.seasons import PROFILES, national_holidays, wanted
from reports.forecast.smoothing import Series

TODAY = dt.date(2026, 11, 30)


def series_of(code: str, *, until: dt.date | None = None) -> Series:
    """The working days of an office of the invented years, up to a day."""
    rows = wanted(PROFILES[code], today=TODAY)
    days = tuple(
        day
        for day in rows
        if day.weekday() < 5 and day not in national_holidays() and (until is None or day <= until)
    )
    return Series(days, np.array([float(rows[day].online) for day in days]))


def working_days(first: dt.date, last: dt.date) -> list[dt.date]:
    days = [first + dt.timedelta(days=step) for step in range((last - first).days + 1)]
    return [day for day in days if day.weekday() < 5 and day not in national_holidays()]
