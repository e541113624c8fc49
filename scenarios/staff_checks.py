"""Checks of a scenario's roster, outages and stage times, also against the database."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from accounts.models import User
from offices.directory.models import Counter, Device, Office, ServiceType
from offices.rosters.models import RosterShift
from scenarios.reading import Row, Scenario

ONE_DAY = timedelta(days=1)


def check_staffing(scenario: Scenario) -> None:
    """Add a mistake for every impossible row of the roster, the outages and the stage times."""
    _check_names(scenario)
    _check_twice(scenario)
    _check_elsewhere(scenario)


def days_of(row: Row) -> Iterator[date]:
    """Yield the days of a row of the roster."""
    first, count = row["first_day"], row["days"]
    if first is not None and count:
        yield from (first + ONE_DAY * step for step in range(count))


def _check_names(scenario: Scenario) -> None:
    code = scenario.office_code
    emails = {row["email"] for row in scenario.of("staff")}
    counters = {(row["hall"], row["number"]) for row in scenario.of("counters")}
    stored = Counter.objects.filter(hall__office__code=code).values_list("hall__code", "number")
    counters |= set(stored)
    for row in scenario.of("roster"):
        email = row["officer"]
        if email and email not in emails and not User.objects.filter(email=email).exists():
            row.at.mistake("officer", f"{email} is nobody's address here; add them to staff")
        if row["hall"] and (row["hall"], row["counter"]) not in counters:
            row.at.mistake("counter", f"{row['hall']} has no counter {row['counter']}")
    devices = {row["name"] for row in scenario.of("devices")}
    devices |= set(Device.objects.filter(office__code=code).values_list("name", flat=True))
    for row in scenario.of("outages"):
        if row["device"] and row["device"] not in devices:
            known = ", ".join(sorted(devices)) or "none"
            row.at.mistake("device", f"{row['device']!r} is not known; the office has {known}")
    services = {row["code"] for row in scenario.of("service_types")}
    services |= set(ServiceType.objects.values_list("code", flat=True))
    for row in scenario.of("stage_times"):
        if row["service_type"] and row["service_type"] not in services:
            row.at.mistake("service_type", f"{row['service_type']!r} is not known")


def _check_twice(scenario: Scenario) -> None:
    """One officer at one place, one officer at a counter, one outage of a device at a time."""
    busy: dict[Any, list[Any]] = defaultdict(list)
    for row in scenario.of("roster"):
        keys: list[tuple[str, Any]] = [("officer", row["officer"])]
        if row["hall"]:
            keys.append(("counter", (row["hall"], row["counter"])))
        for name, key in keys:
            spans = [(row["starts"], row["ends"], day) for day in days_of(row)]
            taken = busy[name, key]
            if any(
                start < until and since < end and day == other
                for start, end, day in spans
                for since, until, other in taken
            ):
                row.at.mistake(name, "is rostered twice at one time")
            taken += spans
    for row in scenario.of("outages"):
        taken = busy["device", row["device"], row["first_day"]]
        if any(row["ends"] is None or since < row["ends"] for since, _until in taken):
            row.at.mistake("from", "overlaps another outage of this device; order them by time")
        taken.append((row["starts"], row["ends"]))


def _check_elsewhere(scenario: Scenario) -> None:
    office = scenario.target or Office.objects.filter(code=scenario.office_code).first()
    if office is None:
        return
    for row in scenario.of("roster"):
        others = RosterShift.objects.exclude(office=office).filter(
            officer__email=row["officer"], absent_at__isnull=True
        )
        for day in days_of(row):
            starts, ends = (
                datetime.combine(day, at, office.zone) for at in (row["starts"], row["ends"])
            )
            other = others.filter(starts_at__lt=ends, ends_at__gt=starts).first()
            if other is not None:
                row.at.mistake(
                    "officer", f"stands in {other.office.code} at that time on {other.day}"
                )
                break
