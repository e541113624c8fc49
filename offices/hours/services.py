"""Holidays."""

import datetime as dt
from collections.abc import Iterable
from datetime import datetime

import holidays
from holidays.constants import GOVERNMENT, PUBLIC

from offices.hours.models import Holiday

COUNTRY = "ID"
YEARS_BACK, YEARS_AHEAD = 1, 2


def ensure_holidays(*, now: datetime) -> int:
    """Fill the table from last year to the year after next; return the number of new days.

    A year that has any holiday is skipped, so the usual run needs one query.
    """
    years = range(now.year - YEARS_BACK, now.year + YEARS_AHEAD + 1)
    known = Holiday.objects.filter(office=None, day__year__gte=years[0]).values_list(
        "day__year", flat=True
    )
    missing = set(years) - set(known.distinct())
    return seed_holidays(years=sorted(missing)) if missing else 0


def seed_holidays(*, years: Iterable[int]) -> int:
    """Add national holidays and cuti bersama; return the number of new days.

    Existing days are not changed, because officers edit the table after decrees.
    """
    wanted = list(years)
    rows: dict[dt.date, Holiday] = {}
    for category, kind in (
        (PUBLIC, Holiday.Kind.NATIONAL),
        (GOVERNMENT, Holiday.Kind.CUTI_BERSAMA),
    ):
        english = _days(wanted, category, "en_US")
        for day, name in _days(wanted, category, "id").items():
            if day not in rows:
                rows[day] = Holiday(day=day, name=name, name_en=english.get(day, ""), kind=kind)
    known = set(
        Holiday.objects.filter(office=None, day__in=list(rows)).values_list("day", flat=True)
    )
    new = [row for day, row in rows.items() if day not in known]
    Holiday.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def _days(years: list[int], category: str, language: str) -> dict[dt.date, str]:
    days = holidays.country_holidays(
        COUNTRY, years=years, categories=(category,), language=language
    )
    return {day: str(name)[:160] for day, name in days.items()}
