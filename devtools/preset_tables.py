"""Tables of each preset over one quarter with its real holidays, for an office in each time zone."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction

from offices.directory.models import Office
from offices.hours.services import ensure_holidays
from quotas.plan.days import DayPlan, LanePlan, plan_day
from quotas.plan.openings import on_weekdays
from quotas.plan.rows import OfficeRules
from quotas.policies.selectors import rules_of
from scenarios.services import load_scenario

SCENARIOS = Path(settings.BASE_DIR) / "scenarios"
PRESETS = ("apapo-2019", "new-normal-2020", "m-paspor-2022", "m-paspor-2025")
NAMES = ("APAPO 2019", "New Normal 2020", "M-Paspor 2022", "M-Paspor 2025")
OFFICES = ("palembang", "balikpapan", "more/jayapura")
FIRST, LAST = date(2026, 1, 1), date(2026, 3, 31)
BEFORE = datetime(2025, 12, 1, tzinfo=UTC)
HEAD = """# The four presets, one quarter each

January to March 2026 with public holidays and *cuti bersama* (collective leave), for an office in
each time zone. Load a preset from the screen `/admin/rules/presets/`, which shows who is affected,
or with `manage.py load_scenario scenarios/presets/FILE --office CODE`.
`manage.py preset_tables` writes this page; a test compares it with the program.
"""


def preset_tables() -> str:
    """Return the page. Everything it loads is rolled back."""
    with transaction.atomic():
        ensure_holidays(now=BEFORE)
        offices = [_load(name) for name in OFFICES]
        parts = [HEAD, _days_off(offices)]
        for preset, name in zip(PRESETS, NAMES, strict=True):
            parts.append(f"## {name}\n")
            parts += [_table(office, preset) for office in offices]
        transaction.set_rollback(True)
    return "\n".join(parts)


def _load(name: str) -> Office:
    office = load_scenario(path=SCENARIOS / f"{name}.yaml", now=BEFORE).office
    assert office is not None
    return office


def _plans(rules: OfficeRules) -> list[DayPlan]:
    count = (LAST - FIRST).days + 1
    return [plan_day(rules, FIRST + timedelta(days=step)) for step in range(count)]


def _days_off(offices: Iterable[Office]) -> str:
    """List the working days without places, with their reasons: the same in every office."""
    lines = ["## Days without places\n", "| Day | Reason |", "|---|---|"]
    rules = rules_of(next(iter(offices)), first=FIRST, last=LAST)
    lines += [
        f"| {plan.day:%a %d %b} | {plan.reason.name} |"
        for plan in _plans(rules)
        if plan.reason is not None and plan.reason.code == "holiday" and on_weekdays(plan.day)
    ]
    return "\n".join([*lines, "", "Offices are closed on Saturdays and Sundays.\n"])


def _table(office: Office, preset: str) -> str:
    path = SCENARIOS / "presets" / f"{preset}.yaml"
    with transaction.atomic():
        load_scenario(path=path, now=BEFORE, office=office, start=FIRST)
        rules = rules_of(office, first=FIRST, last=LAST)
        transaction.set_rollback(True)
    plans = _plans(rules)
    working = [plan for plan in plans if plan.lanes]
    lines = [f"### {office.name}, {office.zone_name}\n", _a_day(working), ""]
    lines += ["| Online opens | For | Days | Places |", "|---|---|---:|---:|"]
    return "\n".join([*lines, *_windows(plans, office), ""])


def _a_day(working: list[DayPlan]) -> str:
    """Return the places of each lane on an ordinary day."""
    lanes = {lane.lane: lane.places for lane in working[-1].lanes}
    named = ", ".join(f"{lane} {places}" for lane, places in sorted(lanes.items()))
    hours = ", ".join(str(slot.places) for slot in _online(working[-1])[0].slots)
    return f"A day: {named}. Online by hour: {hours}."


def _online(plan: DayPlan) -> list[LanePlan]:
    return [lane for lane in plan.lanes if lane.lane == "online"]


def _windows(plans: list[DayPlan], office: Office) -> list[str]:
    by_opening: dict[tuple[datetime, date], list[tuple[date, int]]] = {}
    for plan in plans:
        for lane in _online(plan):
            key = (lane.opens_at, lane.window_first_day)
            by_opening.setdefault(key, []).append((plan.day, lane.places))
    return [
        f"| {opens_at.astimezone(office.zone):%a %d %b %H:%M} {office.zone_name} "
        f"| {days[0][0]:%a %d %b} - {days[-1][0]:%a %d %b} "
        f"| {len(days)} | {sum(places for _day, places in days)} |"
        for (opens_at, _first), days in sorted(by_opening.items())
    ]
