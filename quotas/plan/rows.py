"""An office's rules as plain rows, the input of the planner."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time

from quotas.plan.decrees import QuotaDecree, ReleaseDecree
from quotas.plan.spans import Shut


@dataclass(frozen=True)
class Hours:
    weekday: int
    spans: tuple[tuple[time, time], ...]
    valid_from: date
    valid_until: date | None = None


@dataclass(frozen=True)
class DayOff:
    name: str
    name_en: str = ""


@dataclass(frozen=True)
class OfficeRules:
    """All rows that decide an office's days."""

    time_zone: str
    hours: tuple[Hours, ...] = ()
    holidays: Mapping[date, DayOff] = field(default_factory=dict)
    policies: tuple[QuotaDecree, ...] = ()
    releases: tuple[ReleaseDecree, ...] = ()
    closures: tuple[Shut, ...] = ()

    def works_on(self, day: date) -> bool:
        """True if the office has opening hours on this day, and no holiday."""
        return day not in self.holidays and any(
            row.weekday == day.isoweekday() and row.spans and _holds(row, day) for row in self.hours
        )


def _holds(row: Hours, day: date) -> bool:
    return row.valid_from <= day and (row.valid_until is None or day <= row.valid_until)
