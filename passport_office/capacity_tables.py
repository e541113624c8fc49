"""Two days of Palembang as the capacity screen tells them, as tables."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.db import transaction
from django.utils import translation

from counters.selectors.capacity import bottleneck_words
from offices.models import Office
from offices.services import ensure_holidays
from quotas.plan import plan_day, spread
from quotas.plan.capacity import flows, hours
from quotas.selectors import rules_of
from quotas.selectors.capacity import office_day
from quotas.selectors.office_days import OfficeDay, PoolHours
from quotas.services import load_scenario

SCENARIOS = Path(settings.BASE_DIR) / "scenarios"
DAY = date(2026, 1, 12)  # a Monday
BEFORE = datetime(2025, 12, 1, tzinfo=UTC)
DAYS = (
    ("palembang-2022-raise", "June 2022: the raise to 75 a day"),
    ("palembang-2017-outage", "December 2017: 200 a day, and one camera fails"),
)
HEAD = """# What the counters bear

Places are promised by decree; counters keep them. The screen *Kapasitas* (`/admin/capacity/`) sets both side
by side, hour by hour:

> counters staffed (roster x attendance percent) x what one completes in an hour, less breaks and outages

* A counter completes an hour's worth of visits of the **mean measured length**; below 30 measured visits the
  standard of the stages counts. Stages are measured every night over the last 60 days (`offices.StageTime`).
* Halls that share a lane are one pool. Officers without a counter of their own go where most places are.
  Without a roster every counter officer of the office counts, and the screen says so.
* A shared device lets through one visit for each time it is used (`minutes`; else as long as its stage): **one
  camera for four counters**. A counter whose own device is broken completes nobody, unless there is a shared one.
* Where stages are divided among counters, no set of stages can take more than the counters that do them.
* A place is kept when its visitor, coming at the start of the hour, is out **two hours later and by closing**,
  behind everyone who came before. What remains cannot be served, and the narrowest place is named.

An outage (F9 at any counter) or a missing officer changes what is left of the day at once: `/admin/today/` says
how many cannot be served, and leads to evening places and to moving the others, with everything filled in.

Below are two days in the words of the screen. A day is loaded with `manage.py load_scenario
scenarios/days/FILE --office palembang --from DAY`. `manage.py capacity_tables` writes this page; a test
compares it with what the program says today. Quotas and demand are reported figures; rosters, stage times and
the hour of the outage are assumed.
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
        if row.needed or row.bears:
            yield from _pool(row)
    demands = sorted({about["demand_from"], about["demand_to"]})
    for demand in demands:
        unserved = sum(row.unserved for row in _with_demand(day, office, demand))
        yield (
            f"* {demand} a day online: {unserved} of them cannot be served"
            f"{'' if unserved else ', all are kept'}."
        )
    if day.house.downs:
        whole = sum(
            hour.bears
            for pool, flow in flows(replace(day.house, downs=())).items()
            for hour in hours(flow, day.cuts, day.needed[pool])
        )
        yield f"* Without the outage the counters bear {whole}; with it {day.bears}."
    yield ""


def _pool(row: PoolHours) -> Iterable[str]:
    yield f"### {row.pool.name}\n"
    yield "| Hour | Staffed counters | Decreed | Counters bear | Cannot be served | Limited by |"
    yield "|---|---:|---:|---:|---:|---|"
    for hour in row.hours:
        span = "-".join(f"{mark // 60:02d}:{mark % 60:02d}" for mark in hour.span)
        why = bottleneck_words(hour.bottleneck)
        yield f"| {span} | {hour.staffed} | {hour.needed} | {hour.bears} | {hour.unserved} | {why} |"
    yield f"| **Day** | | **{row.needed}** | **{row.bears}** | **{row.unserved}** | {bottleneck_words(row.bottleneck)} |\n"


def _with_demand(day: OfficeDay, office: Office, demand: int) -> list[Any]:
    """Return the hours of the pool of online places, had everyone who asks been given one."""
    group = office.service_types.get(code="new").group_id
    pool = day.pool_of(("online", group))
    assert pool is not None
    quota = sum(day.needed[pool.id])
    lengths = [end - start for start, end in day.cuts]
    online = spread(_online(office, day), lengths)
    asked = spread(demand, lengths)
    needed = [
        total - mine + wanted
        for total, mine, wanted in zip(day.needed[pool.id], online, asked, strict=True)
    ]
    assert sum(needed) == quota - sum(online) + demand
    return hours(day.flows[pool.id], day.cuts, needed)


def _online(office: Office, day: OfficeDay) -> int:
    """Return the places of the online lane that the rules give the day."""
    plan = plan_day(rules_of(office, first=day.day, last=day.day), day.day)
    return sum(lane.places for lane in plan.lanes if lane.lane == "online")
