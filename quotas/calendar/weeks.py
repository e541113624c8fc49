"""The calendar of an office by week, each with the opening of its places."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.dates import monday_of
from core.formats import date_brief, hour, number
from core.languages import localized
from core.replica import may_lag
from offices import labels
from offices.directory.models import Office, ServiceType
from quotas.calendar import selectors
from quotas.calendar.selectors import CalendarDay
from quotas.plan.rows import OfficeRules
from quotas.policies import selectors as policies_selectors

WEEKS: Final = 5
SATURDAY: Final = 6
WEEK: Final = dt.timedelta(days=7)
DayUrl = Callable[[dt.date], str]


def weeks_from(first: dt.date, weeks: int = WEEKS) -> tuple[dt.date, dt.date]:
    """Return the first and the last day of the calendar that contains `first`."""
    monday = monday_of(first)
    return monday, monday + weeks * WEEK - dt.timedelta(days=1)


@may_lag
def calendar_weeks(
    office: Office,
    *,
    service: ServiceType,
    first: dt.date,
    now: dt.datetime,
    day_url: DayUrl,
    weeks: int = WEEKS,
    rules: OfficeRules | None = None,
) -> list[dict[str, Any]]:
    """Return whole weeks from the Monday of `first`, in the shape that the calendar component renders."""
    monday, last = weeks_from(first, weeks)
    rules = rules or policies_selectors.rules_of(office, first=monday, last=last)
    days = selectors.calendar(
        office,
        first=monday,
        last=last,
        group=service.group,
        now=now,
        service=service.pk,
        rules=rules,
    )
    holidays = {day: localized(row, "name") for day, row in rules.holidays.items()}
    today = office.local_day(now)
    rows = []
    for start in range(0, len(days), 7):
        part = days[start : start + 7]
        closings = {row.closes_at for row in part if row.status == "open"}
        cells = [
            _day(
                row,
                office=office,
                today=today,
                holidays=holidays,
                day_url=day_url,
                says_until=len(closings) > 1,
            )
            for row in part
        ]
        opening, is_open = _opening(part, office)
        rows.append(
            {
                "first": part[0].date,
                "last": part[-1].date,
                "opening": opening,
                "is_open_now": is_open,
                "days": cells,
            }
        )
    return rows


def _day(
    row: CalendarDay,
    *,
    office: Office,
    today: dt.date,
    holidays: dict[dt.date, str],
    day_url: DayUrl,
    says_until: bool,
) -> dict[str, Any]:
    is_weekend = row.date.isoweekday() >= SATURDAY
    is_holiday = row.status == "closed" and row.date in holidays
    is_over = row.status == "closed" and row.closes_at is not None
    return {
        "date": row.date,
        "state": row.status,
        "word": _("Libur") if is_holiday else _("Ditutup") if is_over else "",
        "reason": holidays[row.date] if is_holiday else _brief(row, office, says_until=says_until),
        "is_off": is_weekend and row.status in ("closed", "past"),
        "is_today": row.date == today,
        "places": row.places,
        "left": row.left,
        "url": day_url(row.date) if row.status in ("open", "full") else "",
    }


def _brief(row: CalendarDay, office: Office, *, says_until: bool) -> str:
    """Return the day's reason, short enough for a narrow cell. The time zone is shown above the calendar."""
    if row.is_lottery and row.opens_at:
        return _("Diundi, daftar sampai %(day)s, %(time)s") % {
            "day": date_brief(row.opens_at, office),
            "time": hour(row.opens_at, office),
        }
    if row.status == "not_yet_open" and row.opens_at:
        return _("Dibuka %(day)s, %(time)s") % {
            "day": date_brief(row.opens_at, office),
            "time": hour(row.opens_at, office),
        }
    if row.status != "open" or not row.closes_at:
        return row.reason
    left = {"left": number(row.left), "places": number(row.places)}
    if not says_until:
        return _("%(left)s dari %(places)s tersisa") % left
    return _("%(left)s dari %(places)s tersisa, sampai %(day)s %(time)s") % {
        **left,
        "day": date_brief(row.closes_at, office),
        "time": hour(row.closes_at, office),
    }


def _opening(days: Sequence[CalendarDay], office: Office) -> tuple[str, bool]:
    """Return a sentence about when the week's places open, and whether they are open now."""
    is_open = [row for row in days if row.status == "open"]
    coming = [row for row in days if row.status == "not_yet_open" and row.opens_at]
    moments = sorted({row.opens_at for row in coming if row.opens_at})
    if is_open and not coming:
        closings = {row.closes_at for row in is_open if row.closes_at}
        if len(closings) == 1:
            when = labels.moment_text(closings.pop(), office)
            return _("Sedang dibuka sampai %(when)s") % {"when": when}, True
        return _("Sedang dibuka"), True
    if not moments:
        is_full = any(row.status == "full" for row in days)
        text = _("Saat ini tidak ada tempat minggu ini yang dapat dipesan") if is_full else ""
        return text, False
    when = labels.moment_text(moments[0], office)
    if all(row.is_lottery for row in coming) and len(moments) == 1:
        places = {"when": when, "places": number(sum(row.places for row in coming))}
        return _("Diundi: daftar sampai %(when)s, %(places)s tempat") % places, False
    if is_open or len(moments) > 1:
        return _("Dibuka per hari; berikutnya %(when)s") % {"when": when}, bool(is_open)
    return _with_places(when, sum(row.places for row in coming)), False


def _with_places(when: str, places: int) -> str:
    return ngettext(
        "Dibuka %(when)s, %(places)s tempat", "Dibuka %(when)s, %(places)s tempat", places
    ) % {"when": when, "places": number(places)}
