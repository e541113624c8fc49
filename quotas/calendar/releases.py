"""The calendar of releases: what opens when, at every office, and why a day has no places."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import prefetch_related_objects

from core.db import shared_read
from offices.directory.models import Office
from offices.directory.selectors import get_office, list_offices
from quotas.calendar.selectors import CLOSED, calendar
from quotas.plan.rows import OfficeRules
from quotas.policies.selectors import rules_of_offices
from quotas.windows.selectors import WindowView, windows_of_offices

AHEAD = timedelta(days=28)
SATURDAY = 6


@dataclass(frozen=True)
class ClosedDay:
    """A day without places, and why."""

    day: date
    reason: str


@dataclass(frozen=True)
class OfficeReleases:
    """The open and coming windows of one office, the earliest first, and its closed weekdays."""

    office: Office
    openings: list[WindowView]
    closed: list[ClosedDay]

    @property
    def code(self) -> str:
        return self.office.code

    @property
    def name(self) -> str:
        return self.office.name

    @property
    def time_zone(self) -> str:
        return self.office.time_zone


@shared_read(times=10)
def releases(code: str = "", *, now: datetime) -> list[OfficeReleases]:
    """Return the releases of every office, or of the one with this code. Raises NotFound."""
    offices = [get_office(code)] if code else list_offices()
    if not offices:
        return []
    prefetch_related_objects(offices, "service_types__group")
    days = [office.local_day(now) for office in offices]
    rules = rules_of_offices(offices, first=min(days), last=max(days) + AHEAD)
    windows = windows_of_offices(offices, now=now)
    return [
        OfficeReleases(
            office,
            [] if office.booking_stopped_reason else windows[office.pk],
            _closed_days(office, rules[office.pk], now),
        )
        for office in offices
    ]


def _closed_days(office: Office, rules: OfficeRules, now: datetime) -> list[ClosedDay]:
    service = min(office.service_types.all(), key=lambda row: row.pk, default=None)
    if service is None:
        return []
    today = office.local_day(now)
    days = calendar(
        office, first=today, last=today + AHEAD, group=service.group, now=now, rules=rules
    )
    return [
        ClosedDay(day.date, day.reason)
        for day in days
        if day.status == CLOSED and day.date.isoweekday() < SATURDAY and day.closes_at is None
    ]
