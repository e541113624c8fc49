"""The public figures of an office's month. No names, no identity numbers, small counts suppressed."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from booking.applications.models import PassportApplication
from booking.lottery.models import Draw
from booking.people.models import ERASED_BIRTH_DATE, Sex
from core.db import fetch_rows
from core.languages import localized
from core.replica import may_lag
from counters.complaints.selectors import ComplaintCounts, counts_of
from counters.survey.selectors import Satisfaction, satisfaction_by_month
from offices.directory.models import Office
from offices.exceptions import EXCEPTIONS, MonthException, exceptions_by_month
from offices.reasons.models import Reason
from reports.load.selectors import DailyLoad, daily_load, totals
from reports.promises.selectors import MonthKept, kept_by_month
from reports.transparency.months import Month
from reports.transparency.suppression import LEAST, suppressed

UNKNOWN: Final = "unknown"
# First age of each band.
AGES: Final = (0, 5, 17, 25, 40, 60)
DIMENSIONS: Final[Mapping[str, Any]] = {
    "purpose": _("Tujuan perjalanan"),
    "sex": _("Jenis kelamin"),
    "age": pgettext_lazy("kelompok umur", "Umur"),
    "nationality": _("Kewarganegaraan"),
    "priority": _("Alasan jalur prioritas"),
}

# People served, counted by every combination of the five dimensions. Age at the day of the visit.
PEOPLE: Final = """
SELECT coalesce(a.purpose, '') AS purpose, p.sex, p.nationality,
       CASE WHEN p.birth_date > %(erased)s
            THEN width_bucket(extract(year FROM age(v.day, p.birth_date)), %(ages)s::numeric[]) END AS age,
       coalesce(
         (SELECT r.code FROM counters_deskadmission d JOIN offices_reason r ON r.id = d.reason_id
           WHERE d.booking_id = b.id),
         (SELECT r.code FROM counters_visitevent e JOIN offices_reason r ON r.id = e.listed_reason_id
           WHERE e.visit_id = v.id AND e.kind = 'moved_lane' ORDER BY e.id LIMIT 1), '') AS priority,
       count(*) AS people
  FROM counters_visit v
  JOIN booking_booking b ON b.id = v.booking_id
  JOIN booking_applicant p ON p.id = b.applicant_id
  LEFT JOIN booking_passportapplication a ON a.id = b.application_id
 WHERE v.office_id = %(office)s AND v.day BETWEEN %(first)s AND %(last)s AND v.status = 'finished'
 GROUP BY 1, 2, 3, 4, 5
"""
# Minutes to the first call, by the office-local hour of the arrival.
WAITS: Final = """
SELECT extract(hour FROM v.arrived_at AT TIME ZONE %(zone)s)::int AS hour, count(*) AS visits,
       percentile_cont(0.5) WITHIN GROUP (
         ORDER BY greatest(0, extract(epoch FROM v.first_called_at - v.clock_from))) / 60 AS median
  FROM counters_visit v
 WHERE v.office_id = %(office)s AND v.day BETWEEN %(first)s AND %(last)s
   AND v.status <> 'undone' AND v.first_called_at IS NOT NULL
 GROUP BY 1 HAVING count(*) >= %(least)s ORDER BY 1
"""


@dataclass(frozen=True)
class Wait:
    """The usual wait of people who come in an hour: median minutes over so many visits."""

    hour: int
    visits: int
    median: float

    @property
    def minutes(self) -> int:
        """The median in whole minutes."""
        return round(self.median)


@dataclass(frozen=True)
class MonthFigures:
    """An office's month: days, totals, promises, exceptions by kind and reason, satisfaction, complaints."""

    office: Office
    month: Month
    days: list[DailyLoad]
    totals: dict[str, Any]
    promises: MonthKept
    exceptions: list[MonthException]
    satisfaction: Satisfaction | None
    complaints: ComplaintCounts

    @property
    def exception_count(self) -> int:
        """The number of exceptions of every kind."""
        return sum(row.count for row in self.exceptions)

    @property
    def exceptions_by_kind(self) -> list[tuple[str, int, list[tuple[str, int]]]]:
        """Every kind of exception, also without any: name, number, and the number of each reason."""
        rows = []
        for kind in EXCEPTIONS.values():
            of_kind = [row for row in self.exceptions if row.code == kind.code]
            reasons = [(row.reason, row.count) for row in of_kind if row.reason]
            rows.append((str(kind.label), sum(row.count for row in of_kind), reasons))
        return rows


@may_lag
def month_figures(
    offices: Sequence[Office], month: Month, *, today: dt.date, now: dt.datetime
) -> list[MonthFigures]:
    """Return each office's figures of a month, up to today, in the order of the offices."""
    last = min(month.last, today)
    kept = kept_by_month(offices, month.first, month.last, now=now) if offices else {}
    exceptions = exceptions_by_month(offices, month.first, month.last)
    satisfaction = satisfaction_by_month(offices, month.first, month.last)
    complaints = counts_of(offices, month.first, month.last, now=now)
    loads: dict[str, list[DailyLoad]] = {office.code: [] for office in offices}
    for load in daily_load(list(offices), month.first, last, now):
        loads[load.office].append(load)
    return [
        MonthFigures(
            office=office,
            month=month,
            days=loads[office.code],
            totals=totals(loads[office.code]),
            promises=kept[office.pk][0],
            exceptions=exceptions[office.pk],
            satisfaction=next(iter(satisfaction[office.pk]), None),
            complaints=complaints[office.pk],
        )
        for office in offices
    ]


@may_lag
def waits_by_hour(office: Office, month: Month) -> list[Wait]:
    """Return the usual wait for each hour of arrival with at least five visits."""
    values: dict[str, Any] = {
        "office": office.pk,
        "zone": office.time_zone,
        "first": month.first,
        "last": month.last,
        "least": LEAST,
    }
    rows = fetch_rows(WAITS, **values)
    return [Wait(hour, visits, round(median, 1)) for hour, visits, median in rows]


@may_lag
def people_by(office: Office, month: Month) -> dict[str, dict[str, int | None]]:
    """Return the people served, by dimension and category, small counts suppressed."""
    values: dict[str, Any] = {
        "office": office.pk,
        "first": month.first,
        "last": month.last,
        "ages": list(AGES),
        "erased": ERASED_BIRTH_DATE,
    }
    counts: dict[str, Counter[str]] = {name: Counter() for name in DIMENSIONS}
    for purpose, sex, nationality, age, priority, people in fetch_rows(PEOPLE, **values):
        counts["purpose"][purpose or UNKNOWN] += people
        counts["sex"][sex or UNKNOWN] += people
        counts["nationality"][nationality or UNKNOWN] += people
        counts["age"][age_band(age)] += people
        if priority:
            counts["priority"][priority] += people
    return {name: suppressed(rows) for name, rows in counts.items()}


def age_band(bucket: int | None) -> str:
    """Return the code of an age band, `17-24` or `60+`; `bucket` counts from 1 in AGES."""
    if not bucket:
        return UNKNOWN
    first = AGES[bucket - 1]
    return f"{first}-{AGES[bucket] - 1}" if bucket < len(AGES) else f"{first}+"


def category_name(dimension: str, code: str, reasons: Mapping[str, str]) -> str:
    """Return the name of a category in the reader's language."""
    if code == UNKNOWN:
        return _now("tidak tercatat")
    if dimension == "purpose":
        return str(PassportApplication.Purpose(code).label)
    if dimension == "sex":
        return str(Sex(code).label)
    if dimension == "priority":
        return reasons.get(code, code)
    if dimension == "age":
        return _now("%(ages)s tahun") % {"ages": code.replace("-", "–")}
    return code


def priority_reasons() -> dict[str, str]:
    """Return the names of the reasons for the priority lane, by code."""
    rows = Reason.objects.filter(use=Reason.Use.PRIORITY).order_by("valid_from")
    return {row.code: localized(row) for row in rows}


@may_lag
def lotteries_of(offices: Sequence[Office], month: Month) -> list[Draw]:
    """Return the lotteries held for service days that begin in a month, with their windows."""
    rows = Draw.objects.filter(
        office__in=offices,
        drawn_at__isnull=False,
        window__first_day__range=(month.first, month.last),
    )
    return list(rows.select_related("window", "office").order_by("window__first_day", "pk"))
