"""Decrees: one typed object for each kind of rule, used by forms, services and the planner.

Forms and scenario files build these objects, services check and write them, the planner reads them.
A field has the name of its column. Lists of the fields of a rule are derived from these classes.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date, time, timedelta
from decimal import Decimal
from enum import IntEnum
from functools import cache
from typing import Annotated, Any, ClassVar, get_type_hints

Spans = tuple[tuple[time, time], ...]
Tranches = tuple[tuple[Decimal, int], ...]
WEEKLY, DAILY, MONTHLY = "weekly", "daily", "monthly"
# The field for how far ahead each kind opens, in the kind's own unit; and the field it requires.
AHEAD_FIELDS = {WEEKLY: "weeks_ahead", DAILY: "days_ahead", MONTHLY: "months_ahead"}
RHYTHM_FIELDS = {WEEKLY: "weekday", DAILY: "days_ahead", MONTHLY: "month_days"}


class Scope(IntEnum):
    """The owner of a rule; the smaller one has precedence."""

    OFFICE = 0
    REGION = 1
    NATION = 2


@dataclass(frozen=True)
class Range:
    """The bounds of a numeric field."""

    least: int
    most: int


@dataclass(frozen=True, kw_only=True)
class Decree:
    """A rule in force from a day on. `id` is the stored row, 0 for a new one.

    Two decrees with equal `key` fields are about the same thing.
    """

    rule: ClassVar[str]
    key: ClassVar[tuple[str, ...]]
    lane_field: ClassVar[str] = "lane"

    id: int = 0
    office: int | None = None
    valid_from: date
    valid_until: date | None = None
    instrument: str = ""

    @classmethod
    @cache
    def terms(cls) -> tuple[str, ...]:
        """Return the fields that a decree decides: not its key, dates or instrument."""
        others = {*cls.key, *(field.name for field in fields(Decree))}
        return tuple(field.name for field in fields(cls) if field.name not in others)

    def values(self, *names: str) -> dict[str, Any]:
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, kw_only=True)
class ScopedDecree(Decree):
    """A rule of an office, of a region, or (with neither) of the nation."""

    region: int | None = None
    lane: str

    @property
    def scope(self) -> Scope:
        if self.office is not None:
            return Scope.OFFICE
        return Scope.NATION if self.region is None else Scope.REGION


@dataclass(frozen=True, kw_only=True)
class QuotaDecree(ScopedDecree):
    """Places a day: floor(base x percent / 100), at most `cap`."""

    rule: ClassVar[str] = "quota"
    key: ClassVar[tuple[str, ...]] = ("office", "region", "lane", "group")

    group: int
    base: Annotated[int, Range(0, 100_000)]
    percent: Annotated[Decimal, Range(0, 1000)] = Decimal(100)
    cap: Annotated[int | None, Range(0, 100_000)] = None
    slot_minutes: Annotated[int, Range(5, 480)] = 60
    hours: Spans = ()


@dataclass(frozen=True, kw_only=True)
class ReleaseDecree(ScopedDecree):
    """When places open. Only the fields of its `kind` count: weekly, daily or monthly.

    `month_days` are the opening days of a month, counted from its end when negative, in working
    days when `counts_working_days`; each opens its part of the month `months_ahead` later.
    `tranches` open a day in parts, each a percent and how far ahead in the rule's own unit.
    """

    rule: ClassVar[str] = "release"
    key: ClassVar[tuple[str, ...]] = ("office", "region", "lane", "group")

    group: int | None = None
    kind: str
    mode: str = "first_come"
    lottery_source: str = "jisdor"
    has_waiting_room: bool = False
    weekday: Annotated[int | None, Range(1, 7)] = None
    weeks_ahead: Annotated[int, Range(0, 26)] = 1
    covers_days: Annotated[int, Range(1, 7)] = 5
    days_ahead: Annotated[int | None, Range(0, 180)] = None
    month_days: tuple[int, ...] = ()
    months_ahead: Annotated[int, Range(0, 5)] = 1
    counts_working_days: bool = False
    tranches: Tranches = ()
    opens_time: time
    closes_time: time
    closes_after_days: Annotated[int | None, Range(0, 60)] = None
    closes_before_days: Annotated[int | None, Range(0, 60)] = None

    @property
    def ahead(self) -> int:
        """How far ahead it opens, in its own unit: months, weeks or days."""
        return getattr(self, AHEAD_FIELDS[self.kind]) or 0

    @property
    def parts(self) -> Tranches:
        """The tranches; without any, one that opens everything at once."""
        return self.tranches or ((Decimal(100), self.ahead),)


@dataclass(frozen=True, kw_only=True)
class ReturnDecree(ScopedDecree):
    """How a freed place is offered again; the defaults apply where there is no rule."""

    rule: ClassVar[str] = "returns"
    key: ClassVar[tuple[str, ...]] = ("office", "region", "lane")

    rest_from_minutes: Annotated[int, Range(0, 1440)] = 5
    rest_until_minutes: Annotated[int, Range(0, 1440)] = 60
    answer_hours: Annotated[int, Range(1, 48)] = 4
    offers_at_most: Annotated[int, Range(1, 10)] = 3
    quiet_from: time = time(20)
    quiet_until: time = time(7)

    @property
    def rest_from(self) -> timedelta:
        return timedelta(minutes=self.rest_from_minutes)

    @property
    def rest_until(self) -> timedelta:
        return timedelta(minutes=self.rest_until_minutes)

    @property
    def answer(self) -> timedelta:
        return timedelta(hours=self.answer_hours)


@dataclass(frozen=True, kw_only=True)
class RollOverDecree(Decree):
    """Places of a lane that are free at `at_time` of their day move to another lane."""

    rule: ClassVar[str] = "roll_over"
    key: ClassVar[tuple[str, ...]] = ("office", "group", "from_lane")
    lane_field: ClassVar[str] = "from_lane"

    group: int
    from_lane: str
    to_lane: str
    at_time: time
    percent: Annotated[Decimal, Range(1, 100)] = Decimal(100)


@dataclass(frozen=True, kw_only=True)
class RebookingDecree(Decree):
    """How often one may book again after an own cancellation; None means no limit."""

    rule: ClassVar[str] = "rebooking"
    key: ClassVar[tuple[str, ...]] = ("office", "region")
    lane: ClassVar[str] = "online"  # the lane under which the history lists it

    region: int | None = None
    within_hours: Annotated[int, Range(1, 168)] = 24
    per_person: Annotated[int | None, Range(1, 1_000)] = 1
    per_account: Annotated[int | None, Range(1, 10_000)] = 5
    confirmation: str = "after_cancellation"


@dataclass(frozen=True, kw_only=True)
class DayDecree(Decree):
    """How an office runs its day; the defaults apply where there is no rule."""

    rule: ClassVar[str] = "day"
    key: ClassVar[tuple[str, ...]] = ("office", "region")
    lane: ClassVar[str] = "online"  # the lane under which the history lists it

    region: int | None = None
    early_minutes: Annotated[int, Range(0, 480)] = 60
    late_minutes: Annotated[int, Range(0, 480)] = 30
    after_grace: str = "admit"
    priority_after: Annotated[int, Range(0, 20)] = 2
    calls_before_again: Annotated[int, Range(1, 20)] = 3
    most_calls: Annotated[int, Range(1, 10)] = 3
    kiosk_completes: bool = False
    accelerated_until: time = time(10)
    accelerated_ready_from: time = time(14)


PlannedDecree = QuotaDecree | ReleaseDecree
KINDS: tuple[type[Decree], ...] = (
    QuotaDecree,
    ReleaseDecree,
    ReturnDecree,
    RollOverDecree,
    RebookingDecree,
    DayDecree,
)


def ranges(kind: type[Decree]) -> dict[str, Range]:
    """Return the numeric fields of a kind, with their bounds."""
    hints = get_type_hints(kind, include_extras=True)
    return {
        name: mark
        for name, hint in hints.items()
        for mark in getattr(hint, "__metadata__", ())
        if isinstance(mark, Range)
    }


# --- Values in a column and in the history --------------------------------------------------------

FROM_COLUMN: dict[str, Callable[[Any], Any]] = {
    "hours": lambda rows: tuple((time.fromisoformat(a), time.fromisoformat(b)) for a, b in rows),
    "month_days": tuple,
    "tranches": lambda rows: tuple((Decimal(str(part)), int(ahead)) for part, ahead in rows),
}


def from_column(name: str, value: Any) -> Any:
    """Convert a column's value to the decree's."""
    return FROM_COLUMN[name](value) if name in FROM_COLUMN else value


def to_column(value: Any) -> Any:
    """Convert a decree's value to the column's: lists are JSON there."""
    return to_json(value) if isinstance(value, tuple) else value


def to_json(value: Any) -> Any:
    """Convert a decree's value to the history's."""
    if isinstance(value, tuple):
        return [to_json(one) for one in value]
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value
