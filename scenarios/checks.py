"""Checks of a scenario across fields and rows: whether its rows fit together and into the database."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from datetime import date
from typing import Any

from django.db.models import Model

from offices.directory.models import Counter, Lane, Office, Region, ServiceGroup, ServiceType
from offices.staff.models import Role
from quotas.plan.decrees import Decree
from quotas.plan.faults import faults_of
from scenarios.dated import DATED, Dated, Key, decree_from, stored_rows
from scenarios.reading import Row, Scenario
from scenarios.staff_checks import check_staffing

NEEDS_OFFICE = (
    "halls",
    "counters",
    "devices",
    "opening_hours",
    "holidays",
    "attendance",
    "admission",
    "roster",
    "outages",
    "stage_times",
)
# Rules without a group.
ORDERED = ("limits", "rebooking", "no_shows", "products", "protocols", "returns")


def check(scenario: Scenario) -> None:
    """Add every mistake that depends on several rows or fields."""
    _check_office(scenario)
    _check_references(scenario)
    _check_once(scenario)
    for section, dated in DATED.items():
        if dated.decree is not None:
            for row in scenario.of(section):
                _check_decree(row, dated.decree)
        _check_spans(scenario, section, dated)
    _check_staff(scenario)
    check_staffing(scenario)


def _check_office(scenario: Scenario) -> None:
    if scenario.office is not None or scenario.target is not None:
        return
    rows = [row for section in NEEDS_OFFICE for row in scenario.of(section)]
    ordered = [row for section in ORDERED for row in scenario.of(section)]
    rows += [row for row in [*_scoped(scenario), *ordered] if row["scope"] != "nation"]
    rows += [row for row in scenario.of("staff") if not Role(row["role"]).is_national]
    for row in rows:
        row.at.mistake("office", "is missing in this scenario; it says whose row this is")


def _scoped(scenario: Scenario) -> list[Row]:
    return [*scenario.of("policies"), *scenario.of("release_rules")]


# --- References ---------------------------------------------------------------------------------


def _known(scenario: Scenario, section: str, model: type[Model], field: str = "code") -> set[str]:
    stored = model._default_manager.values_list(field, flat=True)
    return {row[field] for row in scenario.of(section)} | set(stored)


def _check_references(scenario: Scenario) -> None:
    groups = _known(scenario, "groups", ServiceGroup)
    lanes = _known(scenario, "lanes", Lane)
    halls = {row["code"] for row in scenario.of("halls")}
    counters = {(row["hall"], row["number"]) for row in scenario.of("counters")}
    if scenario.target is not None:
        # A preset relies on the rows of its office.
        halls |= set(scenario.target.halls.values_list("code", flat=True))
        stored = Counter.objects.filter(hall__office=scenario.target)
        counters |= set(stored.values_list("hall__code", "number"))
    for row in [*scenario.of("service_types"), *_scoped(scenario)]:
        _one_of(row, "group", groups)
    for row in [*_scoped(scenario), *scenario.of("returns")]:
        _one_of(row, "lane", lanes)
    for row in scenario.of("halls"):
        _all_of(row, "groups", groups)
        _all_of(row, "lanes", lanes)
    for row in scenario.of("counters"):
        _one_of(row, "hall", halls)
    for row in scenario.of("devices"):
        if row["hall"] and row["counter"] and (row["hall"], row["counter"]) not in counters:
            row.at.mistake("counter", f"{row['hall']} has no counter {row['counter']} in this file")
    if scenario.office is not None:
        _one_of(scenario.office, "region", _known(scenario, "regions", Region))
        types = _known(scenario, "service_types", ServiceType)
        _all_of(scenario.office, "service_types", types)
        _one_of(scenario.office, "parent", Office.objects.values_list("code", flat=True))
        if scenario.office["parent"] == scenario.office["code"]:
            scenario.office.at.mistake("parent", "is the office itself; name the one it belongs to")


def _one_of(row: Row, name: str, known: Iterable[str]) -> None:
    value = row[name]
    if value and value not in known:
        row.at.mistake(name, f"{value!r} is not known; choose one of {', '.join(sorted(known))}")


def _all_of(row: Row, name: str, known: Iterable[str]) -> None:
    for value in row[name]:
        if value not in known:
            row.at.mistake(name, f"{value!r} is not known; choose from {', '.join(sorted(known))}")


# --- Once ---------------------------------------------------------------------------------------

KEYS: dict[str, Callable[[Row], Hashable]] = {
    "regions": lambda row: row["code"],
    "groups": lambda row: row["code"],
    "lanes": lambda row: row["code"],
    "service_types": lambda row: row["code"],
    "halls": lambda row: row["code"],
    "counters": lambda row: (row["hall"], row["number"]),
    "devices": lambda row: row["name"],
    "holidays": lambda row: row["day"],
}


def _check_once(scenario: Scenario) -> None:
    for section, key in KEYS.items():
        _note_twice(scenario.of(section), key, "stands here twice; keep one of them")
    _note_twice(scenario.of("lanes"), lambda row: row["series"], "has the series of another lane")
    taken = dict(Lane.objects.values_list("series", "code"))
    for row in scenario.of("lanes"):
        if taken.get(row["series"], row["code"]) != row["code"]:
            row.at.mistake("series", f"{row['series']} belongs to the lane {taken[row['series']]}")
    for row in scenario.of("service_types"):
        stages = [stage["stage"] for stage in row["stages"]]
        if len(stages) != len(set(stages)):
            row.at.mistake("stages", "names a stage twice")


def _note_twice(rows: list[Row], key: Callable[[Row], Hashable], message: str) -> None:
    checked: set[Hashable] = set()
    for row in rows:
        value = key(row)
        if value in checked:
            row.at.mistake(next(iter(row.at.values), "code"), message)
        checked.add(value)


# --- Decrees ------------------------------------------------------------------------------------


SENTENCES = {
    "february": "{day} February does not exist; write 1 to 28, or -1 for the last day",
    "no_such_day": "no month has a {day}th day to count on; write 1 to {most}, or -1 for the last one",
    "month_days_in_order": "write each day once, in the order of the month",
    "tranche_percent": "a tranche opens more than 0 %",
    "tranche_sum": "the tranches make {sum} % of the day; make them 100 %",
    "tranche_order": "write the tranche that opens farthest ahead first, and each moment once",
    "too_far_ahead": "looks too far ahead; at most {most}",
    "opens_too_late": (
        "{day:%A} would open only after its registration has closed or the day is over; "
        "open earlier or close later"
    ),
    "room_of_a_draw": "a draw needs no waiting room: nobody has to be quick; leave it out",
    "closes_one_way": (
        "write either closes_after_days (after the opening day) or closes_before_days "
        "(before each service day)"
    ),
    "rest_order": "is less than rest_from_minutes ({least}); write at least that",
    "closes_after_service": "would close after the first service day; close at the latest on it",
}
# The name in the file of a rule's field.
FILE_NAMES = {"opens_time": "opens", "closes_time": "closes", "has_waiting_room": "waiting_room"}


def _check_decree(row: Row, kind: type[Decree]) -> None:
    """Add the faults of a decree whose fields could all be read."""
    if not row.is_whole:
        return
    for fault in faults_of(decree_from(row, kind, office=None, region=None)):
        if fault.code in SENTENCES:
            sentence = SENTENCES[fault.code].format(**dict(fault.values))
            row.at.mistake(FILE_NAMES.get(fault.field, fault.field), sentence)


# --- Spans --------------------------------------------------------------------------------------


def _check_spans(scenario: Scenario, section: str, dated: Dated) -> None:
    """Rows for the same thing must not overlap, in the file or with later rows in the database."""
    by_key: dict[Key, list[tuple[date, date, Row]]] = defaultdict(list)
    for row in scenario.of(section):
        if row["valid_from"] is None:
            continue
        last = row["valid_until"] or date.max
        for key in dated.keys(row):
            for first_day, last_day, _other in by_key[key]:
                if row["valid_from"] <= last_day and first_day <= last:
                    row.at.mistake(
                        "valid_from",
                        f"overlaps the row for the same thing from {first_day}; end that one before",
                    )
                    break
            by_key[key].append((row["valid_from"], last, row))
    office = _stored_office(scenario)
    for key, rows in by_key.items():
        starts = {first for first, _last, _row in rows}
        for stored in stored_rows(dated, key, office, scenario.region_code):
            _check_against(stored, rows, starts)


def _stored_office(scenario: Scenario) -> Office | None:
    return Office.objects.filter(code=scenario.office_code).first()


def _check_against(stored: Any, rows: list[tuple[date, date, Row]], starts: set[date]) -> None:
    if stored.valid_from in starts:
        return
    last_stored = stored.valid_until or date.max
    for first, last, row in rows:
        if first <= stored.valid_from <= last and stored.valid_from <= last_stored:
            row.at.mistake(
                "valid_until",
                f"a later row from {stored.valid_from} ({stored.instrument}) is in the database; "
                "end this row before it, or write that row here too",
            )


# --- Staff --------------------------------------------------------------------------------------


def _check_staff(scenario: Scenario) -> None:
    by_role: dict[tuple[str, str], list[tuple[date, date]]] = defaultdict(list)
    for row in scenario.of("staff"):
        first, last = row["valid_from"], row["valid_until"] or date.max
        if first is None:
            continue
        if last < first:
            row.at.mistake("valid_until", f"ends before it begins ({first})")
        spans = by_role[row["email"], row["role"]]
        if any(first <= other_last and other_first <= last for other_first, other_last in spans):
            row.at.mistake("email", "has this role twice at the same time; keep one of them")
        spans.append((first, last))
