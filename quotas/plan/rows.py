"""An office's rules as plain rows: what decides its days."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from enum import IntEnum

from quotas.hours import Shut


class Scope(IntEnum):
    """Whose row it is; the smaller one wins."""

    OFFICE = 0
    REGION = 1
    NATION = 2


@dataclass(frozen=True)
class Hours:
    weekday: int
    spans: tuple[tuple[time, time], ...]
    valid_from: date
    valid_until: date | None = None


@dataclass(frozen=True)
class Policy:
    id: int
    scope: Scope
    lane: str
    group: int
    base: int
    valid_from: date
    percent: Decimal = Decimal(100)
    cap: int | None = None
    slot_minutes: int = 60
    hours: tuple[tuple[time, time], ...] = ()
    valid_until: date | None = None
    instrument: str = ""


@dataclass(frozen=True)
class Release:
    """`weekday` is set for a weekly rule, `days_ahead` for a daily one, `month_days` for a monthly one.

    `month_days` are the opening days of a month, counted from its end when negative, in working
    days when `counts_working_days`; each opens its part of the month `months_ahead` later.
    `tranches` open a day in parts, each a percent and how far ahead in the rule's own measure.
    """

    id: int
    scope: Scope
    lane: str
    group: int | None
    opens_time: time
    closes_time: time
    valid_from: date
    weekday: int | None = None
    weeks_ahead: int = 1
    covers_days: int = 5
    days_ahead: int | None = None
    closes_after_days: int | None = None
    closes_before_days: int | None = None
    mode: str = "first_come"
    has_waiting_room: bool = False
    month_days: tuple[int, ...] = ()
    months_ahead: int = 1
    counts_working_days: bool = False
    tranches: tuple[tuple[Decimal, int], ...] = ()
    valid_until: date | None = None
    instrument: str = ""

    @property
    def kind(self) -> str:
        if self.month_days:
            return "monthly"
        return "weekly" if self.days_ahead is None else "daily"

    @property
    def ahead(self) -> int:
        """How far ahead it opens, in its own measure: months, weeks or days."""
        own = {"monthly": self.months_ahead, "weekly": self.weeks_ahead}
        return own.get(self.kind, self.days_ahead or 0)

    @property
    def parts(self) -> tuple[tuple[Decimal, int], ...]:
        """The tranches; a rule without any opens everything at once."""
        return self.tranches or ((Decimal(100), self.ahead),)


@dataclass(frozen=True)
class DayOff:
    name: str
    name_en: str = ""


@dataclass(frozen=True)
class OfficeRules:
    """Everything that decides an office's days."""

    time_zone: str
    hours: tuple[Hours, ...] = ()
    holidays: Mapping[date, DayOff] = field(default_factory=dict)
    policies: tuple[Policy, ...] = ()
    releases: tuple[Release, ...] = ()
    closures: tuple[Shut, ...] = ()

    def works_on(self, day: date) -> bool:
        """Tell whether the office works on a day: it has hours, and no holiday."""
        return day not in self.holidays and any(
            row.weekday == day.isoweekday() and row.spans and _holds(row, day) for row in self.hours
        )


def _holds(row: Hours, day: date) -> bool:
    return row.valid_from <= day and (row.valid_until is None or day <= row.valid_until)
