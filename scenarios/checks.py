"""Checks of a scenario across rows: whether they fit together and into the database."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator
from datetime import date, time, timedelta
from typing import Any

from accounts.models import User
from offices.directory.models import Counter, Device, Lane
from offices.staff.models import Role
from scenarios.dated import stored_rows
from scenarios.reading import Raw, Scenario
from scenarios.schema import DATED, ScopedRow, ShiftRow

NEEDS_OFFICE = (
    *("halls", "counters", "devices", "opening_hours", "holidays", "attendance", "admission"),
    *("drive_thru", "hall_limits", "roster", "outages", "stage_times"),
)
SCOPED = [name for name, kind in DATED.items() if issubclass(kind, ScopedRow)]
NATIONAL = [role.value for role in Role if role.is_national]
ONE_DAY = timedelta(days=1)
TWICE = "is here twice; keep one of them"


def check(scenario: Scenario) -> None:
    """Add every mistake that depends on several rows."""
    _check_office(scenario)
    _check_once(scenario)
    _check_counters(scenario)
    _check_roster(scenario)
    _check_outages(scenario)
    _check_roles(scenario)
    for section in DATED:
        _check_spans(scenario, section)


def _check_office(scenario: Scenario) -> None:
    """Rows of an office need one. Rows with other mistakes are checked too."""
    if scenario.raw_office is not None or scenario.target is not None:
        return

    def is_shared(section: str, raw: Raw) -> bool:
        if section == "staff":
            return raw.values.get("role") in NATIONAL
        return section not in NEEDS_OFFICE and raw.values.get("scope") == "nation"

    for section in (*NEEDS_OFFICE, *SCOPED, "staff"):
        for raw in scenario.raw[section]:
            if not is_shared(section, raw):
                text = "is missing in this scenario; it says whose row this is"
                raw.at.mistake("office", text)


# --- Once ---------------------------------------------------------------------------------------

KEYS: dict[str, tuple[str, ...]] = {
    "regions": ("code",),
    "groups": ("code",),
    "lanes": ("code",),
    "service_types": ("code",),
    "halls": ("code",),
    "counters": ("hall", "number"),
    "devices": ("name",),
    "holidays": ("day",),
}


def _check_once(scenario: Scenario) -> None:
    for section, names in KEYS.items():
        _note_twice(scenario.of(section), names, TWICE)
    _note_twice(scenario.of("lanes"), ("series",), "has the series of another lane")
    taken = dict(Lane.objects.values_list("series", "code"))
    for row in scenario.of("lanes"):
        if taken.get(row.series, row.code) != row.code:
            row.at.mistake("series", f"{row.series} belongs to the lane {taken[row.series]}")


def _note_twice(rows: list[Any], names: tuple[str, ...], message: str) -> None:
    checked: set[Hashable] = set()
    for row in rows:
        value = tuple(getattr(row, name) for name in names)
        if value in checked:
            row.at.mistake(names[0], message)
        checked.add(value)


# --- Counters, roster, outages ------------------------------------------------------------------


def _check_counters(scenario: Scenario) -> None:
    """Devices stand at a counter of the file, shifts also at a stored one of the office.

    No counter is in use longer than its hall.
    """
    halls = {row.code: row.retired_on for row in scenario.of("halls")}
    for row in scenario.of("counters"):
        last = halls.get(row.hall)
        if last is not None and (row.retired_on is None or row.retired_on > last):
            text = f"is used longer than its hall, which is out of use from {last}"
            row.at.mistake("retired_on", text)
    counters = {(row.hall, row.number) for row in scenario.of("counters")}
    office = scenario.owner
    stored = set(
        Counter.objects.filter(hall__office=office).values_list("hall__code", "number")
        if office
        else ()
    )
    in_file = counters | stored if scenario.target is not None else counters
    for section, allowed in (("devices", in_file), ("roster", counters | stored)):
        for row in scenario.of(section):
            if row.hall and (row.hall, row.counter) not in allowed:
                row.at.mistake("counter", f"{row.hall} has no counter {row.counter}")


def days_of(row: ShiftRow) -> Iterator[date]:
    """Yield the days of a row of the roster."""
    yield from (row.first_day + ONE_DAY * step for step in range(row.days))


def _check_roster(scenario: Scenario) -> None:
    """One officer at one place, one officer at a counter at a time."""
    emails = {row.email for row in scenario.of("staff")}
    busy: dict[Hashable, list[tuple[date, time, time]]] = defaultdict(list)
    retired = _days_of_retirement(scenario)
    for row in scenario.of("roster"):
        last = retired.get((row.hall, row.counter))
        if last is not None and any(day >= last for day in days_of(row)):
            row.at.mistake("counter", f"{row.counter} of {row.hall} is out of use from {last}")
        email = row.officer
        if email not in emails and not User.objects.filter(email=email).exists():
            row.at.mistake("officer", f"{email} belongs to no officer; add them to staff")
        keys: dict[str, Hashable] = {"officer": email}
        if row.hall:
            keys["counter"] = (row.hall, row.counter)
        for name, key in keys.items():
            taken = busy[name, key]
            if any(
                day == other and row.starts < until and since < row.ends
                for day in days_of(row)
                for other, since, until in taken
            ):
                row.at.mistake(name, "is rostered twice at one time")
            taken += [(day, row.starts, row.ends) for day in days_of(row)]


def _days_of_retirement(scenario: Scenario) -> dict[Hashable, date | None]:
    """Return the day on which each counter, by hall and number, goes out of use."""
    stored = Counter.objects.filter(hall__office=scenario.owner)
    days: dict[Hashable, date | None] = {
        (hall, number): day
        for hall, number, day in stored.values_list("hall__code", "number", "retired_on")
    }
    return days | {(row.hall, row.number): row.retired_on for row in scenario.of("counters")}


def _check_outages(scenario: Scenario) -> None:
    """Outages are of a device of the office, one at a time."""
    devices = {row.name for row in scenario.of("devices")}
    office = scenario.owner
    if office is not None:
        devices |= set(Device.objects.filter(office=office).values_list("name", flat=True))
    busy: dict[Hashable, list[time]] = defaultdict(list)
    for row in scenario.of("outages"):
        if row.device not in devices:
            known = ", ".join(sorted(devices)) or "none"
            row.at.mistake("device", f"{row.device!r} is not known; the office has {known}")
        taken = busy[row.device, row.first_day]
        if any(row.ends is None or since < row.ends for since in taken):
            row.at.mistake("from", "overlaps another outage of this device; order them by time")
        taken.append(row.starts)


# --- Periods ------------------------------------------------------------------------------------


def _overlapping(rows: list[Any], keys: Callable[[Any], Any]) -> Iterator[tuple[Any, date]]:
    """Yield each row that overlaps an earlier one of the same key, with the first day of that one."""
    by_key: dict[Hashable, list[tuple[date, date]]] = defaultdict(list)
    for row in rows:
        first, last = row.valid_from, row.valid_until or date.max
        for key in keys(row):
            for other, other_last in by_key[key]:
                if first <= other_last and other <= last:
                    yield row, other
                    break
            by_key[key].append((first, last))


def _check_roles(scenario: Scenario) -> None:
    for row, _first in _overlapping(scenario.of("staff"), lambda row: [(row.email, row.role)]):
        row.at.mistake("email", "has this role twice at the same time; keep one of them")


def _check_spans(scenario: Scenario, section: str) -> None:
    """Rows for the same thing must not overlap, in the file or with later rows in the database."""
    rows = scenario.of(section)
    for row, first in _overlapping(rows, lambda row: row.key_values()):
        text = f"overlaps the row for the same thing from {first}; end that one before"
        row.at.mistake("valid_from", text)
    by_key: dict[Any, list[Any]] = defaultdict(list)
    for row in rows:
        for key in row.key_values():
            by_key[key].append(row)
    office = scenario.owner
    for key, same in by_key.items():
        starts = {row.valid_from for row in same}
        for stored in stored_rows(DATED[section], key, office, scenario.region_code):
            if stored.valid_from not in starts:
                _check_against(stored, same)


def _check_against(stored: Any, rows: list[Any]) -> None:
    for row in rows:
        if row.valid_from <= stored.valid_from <= (row.valid_until or date.max):
            row.at.mistake(
                "valid_until",
                f"a later row from {stored.valid_from} ({stored.instrument}) is in the database; "
                "end this row before it, or write that row here too",
            )
