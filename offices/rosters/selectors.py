"""Data for the supervisor's roster of a week."""

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from accounts.models import User
from core.formats import hour
from offices.directory.models import Counter, Office
from offices.hours.models import OpeningHours
from offices.hours.selectors import with_hours, working_hours
from offices.rosters.models import RosterShift
from offices.staff.models import Role
from offices.staff.selectors import staff_of

ANYWHERE = "*"
ONE_DAY = timedelta(days=1)
A_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class ShiftData:
    """A shift as entered, in local times of the office. No counter means any free counter."""

    officer_id: int
    day: dt.date
    starts: dt.time
    ends: dt.time
    counter_id: int | None = None

    @property
    def cell(self) -> str:
        """The name of its cell in the week's table."""
        return f"{self.officer_id}_{self.day:%Y-%m-%d}"


def data_of(shift: RosterShift, office: Office) -> ShiftData:
    """Return a stored shift as entered."""
    starts, ends = (at.astimezone(office.zone).time() for at in (shift.starts_at, shift.ends_at))
    return ShiftData(shift.officer_id, shift.day, starts, ends, shift.counter_id)


def editable_shifts(office: Office, monday: dt.date, *, today: dt.date) -> list[RosterShift]:
    """Return the week's editable shifts: from today on, without overtime and absences."""
    rows = RosterShift.objects.filter(
        office=office,
        day__gte=max(monday, today),
        day__lt=monday + A_WEEK,
        overtime_reason="",
        absent_at__isnull=True,
    )
    return list(rows.order_by("officer_id", "starts_at", "pk"))


def fingerprint(shifts: Iterable[RosterShift]) -> str:
    """Return a hash that changes when the week's shifts change."""
    rows = sorted((row.pk, row.starts_at, row.ends_at, row.counter_id or 0) for row in shifts)
    return hashlib.sha256(repr(rows).encode()).hexdigest()[:16]


@dataclass
class Cell:
    """One officer's day: editable text, fixed shifts and errors."""

    name: str
    day: date
    text: str = ""
    is_open: bool = True
    absent: list[RosterShift] = field(default_factory=list)
    overtime: list[RosterShift] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@dataclass
class Row:
    officer: User
    cells: list[Cell]


@dataclass
class Week:
    """The table of a week. `shown_fingerprint` detects changes by others."""

    monday: date
    hours: dict[date, OpeningHours]
    rows: list[Row]
    shown_fingerprint: str
    counters: dict[str, int]

    @property
    def days(self) -> list[date]:
        return list(self.hours)

    @property
    def is_open(self) -> bool:
        return any(cell.is_open for row in self.rows for cell in row.cells)

    @property
    def errors(self) -> list[tuple[User, Cell]]:
        return [(row.officer, cell) for row in self.rows for cell in row.cells if cell.errors]


def counter_codes(office: Office, day: date) -> dict[str, int]:
    """Return the ids of the counters in use on a day by code.

    A code is the number, with the hall's code if two counters share it.
    """
    rows = Counter.objects.in_use_on(day).filter(hall__office=office)
    counters = list(rows.select_related("hall"))
    numbers = [row.number for row in counters]
    return {
        (
            str(row.number) if numbers.count(row.number) == 1 else f"{row.hall.code}-{row.number}"
        ): row.pk
        for row in sorted(counters, key=lambda one: (one.number, one.pk))
    }


def week_of(office: Office, monday: date, *, now: datetime) -> Week:
    """Return the week's current table."""
    today = office.local_day(now)
    with_hours(office)
    hours_by_day = {
        day: working_hours(office, day)
        for day in (monday + ONE_DAY * step for step in range(A_WEEK.days))
    }
    hours = {day: row for day, row in hours_by_day.items() if row is not None}
    counters = counter_codes(office, monday)
    shifts: dict[tuple[int, date], list[RosterShift]] = defaultdict(list)
    rows = RosterShift.objects.filter(office=office, day__gte=monday, day__lt=monday + A_WEEK)
    for shift in rows.select_related("officer").order_by("starts_at", "pk"):
        shifts[shift.officer_id, shift.day].append(shift)
    people = {
        user.pk: user for day in hours for user in staff_of(office, role=Role.COUNTER, day=day)
    }
    people |= {row.officer_id: row.officer for group in shifts.values() for row in group}
    table = [
        Row(
            user,
            [
                _cell(office, user, day, hours[day], shifts[user.pk, day], counters, today)
                for day in hours
            ],
        )
        for user in sorted(people.values(), key=lambda one: (one.full_name, one.pk))
    ]
    shown_fingerprint = fingerprint(editable_shifts(office, monday, today=today))
    return Week(monday, hours, table, shown_fingerprint, counters)


def _cell(
    office: Office,
    user: User,
    day: date,
    hours: OpeningHours,
    shifts: list[RosterShift],
    counters: Mapping[str, int],
    today: date,
) -> Cell:
    codes = {pk: code for code, pk in counters.items()}
    regular = [row for row in shifts if row.absent_at is None and not row.overtime_reason]
    texts = [shift_text(data_of(row, office), hours, codes) for row in regular]
    return Cell(
        name=ShiftData(user.pk, day, time(), time()).cell,
        day=day,
        text=", ".join(texts),
        is_open=day >= today,
        absent=[row for row in shifts if row.absent_at is not None],
        overtime=[row for row in shifts if row.absent_at is None and row.overtime_reason],
    )


def shift_text(data: ShiftData, hours: OpeningHours, codes: Mapping[int, str]) -> str:
    """Return a shift as it is entered: `1`, `*`, `1 8-12`."""
    where = ANYWHERE if data.counter_id is None else codes.get(data.counter_id, "?")
    if (data.starts, data.ends) == (hours.opens, hours.closes):
        return where
    return f"{where} {_short(data.starts)}-{_short(data.ends)}"


def _short(moment: time) -> str:
    return hour(moment).removesuffix(".00").removeprefix("0") or "0"


def shifts_of_day(office: Office, day: date) -> list[RosterShift]:
    """Return the shifts of a day, by officer's name."""
    rows = RosterShift.objects.filter(office=office, day=day)
    return list(
        rows.select_related("officer", "counter", "absent_by").order_by(
            "officer__full_name", "starts_at", "pk"
        )
    )
