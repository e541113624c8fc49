"""What the rows of an invented office refer to, and the moments that follow from a day."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from devtools.years.days import MINUTE
from devtools.years.people import Someone

NO_SHOWS_AFTER: Final = 5 * MINUTE  # the task runs after closing time


@dataclass(frozen=True)
class Facts:
    """What the rows of an office refer to: ids of the office, its services and its people."""

    office: int
    group: int
    zone: dt.tzinfo
    services: tuple[tuple[int, str, tuple[str, ...], str], ...]  # id, reason, documents, code
    accounts: tuple[int, ...]
    gate: int
    pickup: int
    supervisor: int
    priority_reasons: Mapping[str, int]
    series: Mapping[str, str]  # the ticket letter of each lane
    district: str
    instruments: Mapping[int, tuple[dict[str, Any], ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Due:
    """When the passports of a day are due and made."""

    due_on: dt.date
    printed_on: dt.date
    ready_on: dt.date


def priority_reason(someone: Someone, date: dt.date) -> str:
    years = (date - someone.birth_date).days // 365.25
    return "aged_60" if years >= 60 else "ill"


def moment_on(day: dt.date, hour: int, minutes: int, zone: dt.tzinfo) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), zone) + minutes * MINUTE


def collected_at(ready: dt.datetime, someone: Someone) -> dt.datetime:
    """Some days later, in opening hours of a working day."""
    moment = ready + dt.timedelta(days=1 + someone.number % 11, minutes=someone.number % 200)
    return moment + dt.timedelta(
        days=max(0, 7 - moment.isoweekday() + 1) if moment.isoweekday() > 5 else 0
    )
