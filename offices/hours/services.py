"""National holidays: the first fill of a year, and the differences from the library's table."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import holidays
from django.conf import settings
from django.db import transaction
from holidays.constants import GOVERNMENT, PUBLIC

from core.clock import local_day
from offices.hours.models import Holiday, HolidayProposal

COUNTRY = "ID"
YEARS_BACK, YEARS_AHEAD = 1, 2
ESTIMATED: Final = "(perkiraan)"
ADD, REMOVE, RENAME = HolidayProposal.Action


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
    rows = {
        day: Holiday(day=day, name=one.name, name_en=one.name_en, kind=one.kind)
        for day, one in library_days(years).items()
    }
    known = set(
        Holiday.objects.filter(office=None, day__in=list(rows)).values_list("day", flat=True)
    )
    new = [row for day, row in rows.items() if day not in known]
    Holiday.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


@dataclass(frozen=True)
class LibraryDay:
    """A national holiday or cuti bersama in the library's table."""

    name: str
    name_en: str
    kind: str

    @property
    def is_estimated(self) -> bool:
        return is_estimated(self.name)


def is_estimated(name: str) -> bool:
    """True for a name that the library marks as computed before the government announced the day."""
    return ESTIMATED in name


def library_days(years: Iterable[int]) -> dict[dt.date, LibraryDay]:
    """Return the library's national holidays and cuti bersama of these years, by day."""
    wanted = list(years)
    rows: dict[dt.date, LibraryDay] = {}
    for category, kind in (
        (PUBLIC, Holiday.Kind.NATIONAL),
        (GOVERNMENT, Holiday.Kind.CUTI_BERSAMA),
    ):
        english = _days(wanted, category, "en_US")
        for day, name in _days(wanted, category, "id").items():
            rows.setdefault(day, LibraryDay(name, english.get(day, ""), str(kind)))
    return rows


def differences(
    library: Mapping[dt.date, LibraryDay], stored: Mapping[dt.date, Holiday]
) -> list[tuple[dt.date, str, LibraryDay]]:
    """Return day, action and content of each difference between the library's table and ours.

    A stored day is proposed for withdrawal only in a year for which the library knows days of its kind: cuti
    bersama is announced late, and ours may be newer. A name differs only if one of the two is an estimate.
    """
    covered = {(day.year, one.kind) for day, one in library.items()}
    rows: list[tuple[dt.date, str, LibraryDay]] = []
    for day in sorted({*library, *stored}):
        theirs, ours = library.get(day), stored.get(day)
        if ours is None and theirs is not None:
            rows.append((day, ADD, theirs))
        elif theirs is None and ours is not None and (day.year, ours.kind) in covered:
            rows.append((day, REMOVE, LibraryDay(ours.name, ours.name_en, ours.kind)))
        elif (
            theirs
            and ours
            and (theirs.is_estimated != is_estimated(ours.name) or theirs.kind != ours.kind)
        ):
            rows.append((day, RENAME, theirs))
    return rows


@transaction.atomic
def update_proposals(*, now: datetime, library: Mapping[dt.date, LibraryDay] | None = None) -> int:
    """Compare the library's coming days with ours; return the number of new proposals.

    Proposals that no longer differ are marked as gone; declined ones are not made again. Changes no holiday.
    """
    today = local_day(now, settings.TIME_ZONE)
    if library is None:
        library = library_days(range(today.year, today.year + YEARS_AHEAD + 1))
    coming = {day: one for day, one in library.items() if day >= today}
    last = max(coming, default=today)
    stored = Holiday.objects.filter(office=None, day__gte=today, day__lte=last)
    listed = differences(coming, {row.day: row for row in stored})
    open_rows = HolidayProposal.objects.select_for_update(no_key=True).filter(
        is_accepted=None, gone_at=None
    )
    waiting = {_key(row): row for row in open_rows}
    declined = {_key(row) for row in HolidayProposal.objects.filter(is_accepted=False)}
    wanted = {(day, action, one.name): one for day, action, one in listed}
    gone = [row.pk for key, row in waiting.items() if key not in wanted]
    HolidayProposal.objects.filter(pk__in=gone).update(gone_at=now)
    new = [
        HolidayProposal(
            day=day,
            action=action,
            name=name,
            name_en=one.name_en,
            kind=one.kind,
            is_estimated=one.is_estimated,
            proposed_at=now,
        )
        for (day, action, name), one in wanted.items()
        if (day, action, name) not in waiting and (day, action, name) not in declined
    ]
    HolidayProposal.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def _key(row: HolidayProposal) -> tuple[dt.date, str, str]:
    return row.day, row.action, row.name


def _days(years: list[int], category: str, language: str) -> dict[dt.date, str]:
    days = holidays.country_holidays(
        COUNTRY, years=years, categories=(category,), language=language
    )
    return {day: str(name)[:160] for day, name in days.items()}
