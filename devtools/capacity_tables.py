"""Tables of two days of Palembang as on the capacity screen."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.db import transaction
from django.utils import translation

from counters.capacity.selectors import bottleneck_text
from offices.directory.models import Office
from offices.hours.services import ensure_holidays
from quotas.capacity.flow import flows, slot_capacities
from quotas.capacity.office_days import OfficeDay, PoolDay
from quotas.capacity.selectors import office_day
from quotas.plan.days import plan_day
from quotas.plan.shares import spread
from quotas.policies.selectors import rules_of
from scenarios.services import load_scenario

SCENARIOS = Path(settings.BASE_DIR) / "scenarios"
DAY = date(2026, 1, 12)  # a Monday
BEFORE = datetime(2025, 12, 1, tzinfo=UTC)
DAYS = (
    ("palembang-2022-raise", "June 2022: the raise to 75 a day"),
    ("palembang-2017-outage", "December 2017: 200 a day, one camera fails"),
)
HEAD = """# Capacity: what the counters can serve

A decree sets the number of places. The screen *Kapasitas* (`/admin/capacity/`) compares it, hour by
hour, with what the counters can serve:

> staffed counters (roster x attendance percentage) x visits a counter completes in an hour, less
> breaks and outages

* The time for a visit is the **mean measured time**; below 30 measured visits the standard times of
  the stages apply. Stages are measured every night and pooled with what was measured before (`offices.StageTime`).
* Halls that share a lane form one pool. Officers without a fixed counter work where most places
  are. Without a roster every counter officer of the office counts, and the screen says so.
* A shared device serves one visit at a time, for its `minutes` or for the time of its stage: **one
  camera for four counters**. A counter with a broken device of its own serves nobody, unless there
  is a shared one.
* If stages are divided among counters, a group of stages cannot serve more visits than the counters
  that do them.
* A visitor who arrives at the start of the hour is served in time if they leave within **two hours
  and before closing**, after everyone who came before. Otherwise the visit cannot be served, and
  the screen names the bottleneck.

An outage (F9 at any counter) or an absent officer changes the rest of the day at once.
`/admin/today/` shows how many people cannot be served. From there a supervisor adds evening places
or moves people; the forms are filled in.

Below are two days. Load one with `manage.py load_scenario scenarios/days/FILE --office palembang
--from DAY`. `manage.py capacity_tables` writes this page; a test compares it with the program.
Quotas and demand are reported figures. Rosters, stage times and the time of the outage are
assumptions.
"""


def capacity_tables() -> str:
    """Return the page. Everything it loads is rolled back."""
    with translation.override("en"), transaction.atomic():
        ensure_holidays(now=BEFORE)
        parts = [HEAD, *(_section(name, title) for name, title in DAYS)]
        transaction.set_rollback(True)
    return "\n".join(parts)


def _section(name: str, title: str) -> str:
    with transaction.atomic():
        path = SCENARIOS / "days" / f"{name}.yaml"
        office = load_scenario(path=SCENARIOS / "palembang.yaml", now=BEFORE).office
        assert office is not None
        load_scenario(path=path, now=BEFORE, office=office, start=DAY)
        day = office_day(office, DAY)
        text = "\n".join(_lines(title, day, yaml.safe_load(path.read_text())["preset"], office))
        transaction.set_rollback(True)
    return text


def _lines(title: str, day: OfficeDay, about: dict[str, Any], office: Office) -> Iterable[str]:
    yield f"## {title}\n"
    for row in day.by_pool:
        if row.needed or row.capacity:
            yield from _pool(row)
    demands = sorted({about["demand_from"], about["demand_to"]})
    for demand in demands:
        unserved = sum(row.unserved for row in _with_demand(day, office, demand))
        yield (
            f"* {demand} a day online: {unserved} of them cannot be served"
            f"{'' if unserved else ', all can be served'}."
        )
    if day.resources.outages:
        whole = sum(
            slot.capacity
            for pool, flow in flows(replace(day.resources, outages=())).items()
            for slot in slot_capacities(flow, day.cuts, day.needed[pool])
        )
        yield f"* Without the outage the counters can serve {whole}; with it {day.capacity}."
    yield ""


def _pool(row: PoolDay) -> Iterable[str]:
    yield f"### {row.pool.name}\n"
    yield "| Hour | Staffed counters | Places by decree | Counters can serve | Cannot be served | Limited by |"
    yield "|---|---:|---:|---:|---:|---|"
    for slot in row.slots:
        span = "-".join(f"{mark // 60:02d}:{mark % 60:02d}" for mark in slot.span)
        why = bottleneck_text(slot.bottleneck)
        yield f"| {span} | {slot.staffed} | {slot.needed} | {slot.capacity} | {slot.unserved} | {why} |"
    yield f"| **Day** | | **{row.needed}** | **{row.capacity}** | **{row.unserved}** | {bottleneck_text(row.bottleneck)} |\n"


def _with_demand(day: OfficeDay, office: Office, demand: int) -> list[Any]:
    """Return the slots of the pool of online places, if every requested place were given."""
    group = office.service_types.get(code="new").group_id
    pool = day.pool_of(("online", group))
    assert pool is not None
    quota = sum(day.needed[pool.id])
    lengths = [end - start for start, end in day.cuts]
    online = spread(_online(office, day), lengths)
    requested = spread(demand, lengths)
    needed = [
        total - mine + wanted
        for total, mine, wanted in zip(day.needed[pool.id], online, requested, strict=True)
    ]
    assert sum(needed) == quota - sum(online) + demand
    return slot_capacities(day.flows[pool.id], day.cuts, needed)


def _online(office: Office, day: OfficeDay) -> int:
    """Return the places of the online lane that the rules plan for the day."""
    plan = plan_day(rules_of(office, first=day.day, last=day.day), day.day)
    return sum(lane.places for lane in plan.lanes if lane.lane == "online")
