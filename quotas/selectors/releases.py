"""The calendar of releases: what opens when, at every office, and why a day has no places."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from core.db import shared_read
from offices.models import Office
from offices.selectors import get_office, list_offices
from quotas.selectors.calendar import CLOSED, calendar
from quotas.selectors.windows import WindowView, windows

AHEAD = timedelta(days=28)
SATURDAY = 6


@dataclass(frozen=True)
class ClosedDay:
    """A day without places, and why."""

    day: date
    reason: str


@dataclass(frozen=True)
class OfficeReleases:
    """What one office has open and opens next, the earliest first; weekends are not told."""

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
    """Return what every office opens, or one of them. Raises NotFound for a code that is none's."""
    offices = [get_office(code)] if code else list_offices()
    return [_of_office(office, now) for office in offices]


def _of_office(office: Office, now: datetime) -> OfficeReleases:
    stopped = bool(office.booking_stopped_reason)
    openings = [] if stopped else windows(office, now=now)
    return OfficeReleases(office, openings, _closed_days(office, now))


def _closed_days(office: Office, now: datetime) -> list[ClosedDay]:
    service = office.service_types.select_related("group").order_by("id").first()
    if service is None:
        return []
    today = office.local_day(now)
    days = calendar(office, first=today, last=today + AHEAD, group=service.group, now=now)
    return [
        ClosedDay(day.date, day.reason)
        for day in days
        if day.status == CLOSED and day.date.isoweekday() < SATURDAY and day.closes_at is None
    ]
