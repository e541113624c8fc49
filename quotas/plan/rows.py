"""An office's rules as plain rows: what decides its days."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from enum import IntEnum


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
    """`weekday` is set for a weekly rule, `days_ahead` for a daily one."""

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
    valid_until: date | None = None
    instrument: str = ""


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
