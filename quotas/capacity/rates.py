"""The visits an hour that a pool of counters completes at one time, and what limits them. Pure.

A pool is the counters that serve the same people (a hall, or halls that share a lane). Its rate is
the staffed counters times the visits that one completes in an hour, limited by the working devices.
All times are minutes since midnight at the office.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from itertools import combinations
from math import floor

from offices.promises import VISIT_TIME
from quotas.plan.spans import Span

PROMISE = VISIT_TIME // timedelta(minutes=1)
AN_HOUR = 60
NEARLY = 1e-6


@dataclass(frozen=True)
class Counter:
    """A counter. A one-stop counter does every stage and keeps the visit to its end."""

    id: int
    pool: int
    stages: frozenset[str] = frozenset()
    is_one_stop: bool = True


@dataclass(frozen=True)
class Device:
    """A device that a stage needs. Shared when `counter` is None; it is used for the whole stage
    when `minutes` is None.
    """

    id: int
    kind: str
    stage: str
    counter: int | None = None
    minutes: float | None = None


@dataclass(frozen=True)
class Shift:
    """An officer's working time; with no counter, the officer works at any of them."""

    span: Span
    counter: int | None = None


@dataclass(frozen=True)
class Outage:
    """A span in which a counter or a device does not work."""

    span: Span
    counter: int | None = None
    device: int | None = None


@dataclass(frozen=True)
class DayResources:
    """The resources of an office's day. `minutes` are the stages of an average visit, by pool."""

    minutes: Mapping[int, Mapping[str, float]]
    spans: tuple[Span, ...]
    counters: tuple[Counter, ...] = ()
    devices: tuple[Device, ...] = ()
    shifts: tuple[Shift, ...] = ()
    outages: tuple[Outage, ...] = ()
    percent: Decimal = Decimal(100)
    weights: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Bottleneck:
    """What limits a pool: `count` of the things that are short, `of` the counters that need them.

    nobody: no officer · officers: fewer than counters · counters: all staffed · device: too few, or
    (0) none that works · stage: too few counters for one stage · slow: one visit takes longer than
    the promise.
    """

    code: str
    count: int = 0
    of: int = 0
    what: str = ""


@dataclass(frozen=True)
class Rate:
    """Visits an hour at one time, the staffed counters, and what limits the rate."""

    per_hour: float
    staffed: int
    bottleneck: Bottleneck


# --- The rate at one time -----------------------------------------------------------------------


def rates(resources: DayResources, minute: int) -> dict[int, Rate]:
    """Return the rate of every pool at one time."""
    broken = frozenset(
        row.device
        for row in resources.outages
        if row.device is not None and _is_in(row.span, minute)
    )
    usable = _usable(resources, minute)
    staffed = _staffed(resources, usable, minute)
    devices = [row for row in resources.devices if row.stage in _stages(resources)]
    return {
        pool: _rate(
            resources.minutes[pool],
            pool,
            [counter for counter in usable if counter.pool == pool],
            staffed,
            devices,
            broken,
        )
        for pool in resources.minutes
    }


def staffed_counters(resources: DayResources, minute: int) -> list[Counter]:
    """Return the counters at which an officer is at one time."""
    return _staffed(resources, _usable(resources, minute), minute)


def _usable(resources: DayResources, minute: int) -> list[Counter]:
    down = {row.counter for row in resources.outages if _is_in(row.span, minute)}
    return [counter for counter in resources.counters if counter.id not in down]


def _is_in(span: Span, minute: int) -> bool:
    return span[0] <= minute < span[1]


def _stages(resources: DayResources) -> set[str]:
    return {stage for minutes in resources.minutes.values() for stage in minutes}


def _staffed(resources: DayResources, usable: Sequence[Counter], minute: int) -> list[Counter]:
    """Assign the officers who are present: one counter in each pool first, then where most are needed.

    `percent` of those rostered are present, rounded down.
    """
    shifts = [row for row in resources.shifts if _is_in(row.span, minute)]
    present = int(len(shifts) * resources.percent // 100)
    free = {counter.id: counter for counter in usable}
    fixed = [free.pop(row.counter) for row in shifts if row.counter in free]
    anywhere = len(shifts) - len(fixed)
    chosen: list[Counter] = []
    waiting = list(fixed)
    counts: dict[int, int] = dict.fromkeys(resources.minutes, 0)
    while len(chosen) < present:
        choices = waiting + (list(free.values()) if anywhere else [])
        if not choices:
            break
        counter = min(choices, key=lambda one: _need(resources, counts, one, one in waiting))
        if counter in waiting:
            waiting.remove(counter)
        else:
            del free[counter.id]
            anywhere -= 1
        chosen.append(counter)
        counts[counter.pool] = counts.get(counter.pool, 0) + 1
    return chosen


def _need(
    resources: DayResources, counts: Mapping[int, int], counter: Counter, is_fixed: bool
) -> tuple[bool, float, bool, int]:
    there, weight = counts.get(counter.pool, 0), resources.weights.get(counter.pool, 0)
    return (there > 0 or not weight, -weight / (there + 1), not is_fixed, counter.id)


def _rate(
    minutes: Mapping[str, float],
    pool: int,
    counters: Sequence[Counter],
    staffed: Sequence[Counter],
    devices: Sequence[Device],
    broken: frozenset[int],
) -> Rate:
    mine = [counter for counter in staffed if counter.pool == pool]
    length = sum(minutes.values())
    if not mine:
        return Rate(0.0, 0, Bottleneck("nobody", 0, len(counters)))
    if length <= 0 or length > PROMISE:
        return Rate(0.0, len(mine), Bottleneck("slow", floor(length)))
    limits = [
        limit
        for limit in _limits(minutes, mine, staffed, devices, broken)
        if limit.dependents or limit.blocked
    ]
    lone = all(counter.is_one_stop for counter in mine)
    free = _alone(minutes, mine, []) if lone else _together(minutes, mine, [])
    held = _alone(minutes, mine, limits) if lone else _together(minutes, mine, limits)
    why = Bottleneck("counters", len(mine), len(counters))
    if held < free - NEARLY:
        why = _narrowest(minutes, mine, limits, lone)
    elif len(mine) < len(counters):
        why = Bottleneck("officers", len(mine), len(counters))
    elif not lone:
        why = _narrow_stage(minutes, mine) or why
    return Rate(held * AN_HOUR, len(mine), why)


@dataclass(frozen=True)
class _Limit:
    """What one kind of device lets through in one pool."""

    kind: str
    stage: str
    blocked: frozenset[int]  # counters that cannot do the stage at all
    dependents: frozenset[int]  # counters that need the shared devices
    per_minute: float  # visits a minute on the shared devices, this pool's share
    working: int


def _limits(
    minutes: Mapping[str, float],
    mine: Sequence[Counter],
    staffed: Sequence[Counter],
    devices: Sequence[Device],
    broken: frozenset[int],
) -> Iterator[_Limit]:
    for kind, stage in sorted({(row.kind, row.stage) for row in devices}):
        if stage not in minutes:
            continue
        rows = [row for row in devices if (row.kind, row.stage) == (kind, stage)]
        shared = [row for row in rows if row.counter is None]
        working = [row for row in shared if row.id not in broken]
        has_own = {row.counter for row in rows if row.counter is not None}
        own_works = {
            row.counter for row in rows if row.counter is not None and row.id not in broken
        }
        able = [counter for counter in staffed if counter.is_one_stop or stage in counter.stages]
        without = [counter for counter in able if counter.id not in own_works]
        if not shared:
            # A counter that never had such a device does not need one; one whose device failed is blocked.
            blocked = {counter.id for counter in without if counter.id in has_own}
            yield _of_pool(kind, stage, mine, blocked, set(), 0.0, 0)
            continue
        needing = {counter.id for counter in without}
        flow = sum(1 / (row.minutes or minutes[stage]) for row in working)
        own_needing = needing & {counter.id for counter in mine}
        share = flow * len(own_needing) / len(needing) if needing else 0.0
        blocked = set() if working else needing
        yield _of_pool(kind, stage, mine, blocked, needing - blocked, share, len(working))


def _of_pool(
    kind: str,
    stage: str,
    mine: Sequence[Counter],
    blocked: set[int],
    dependents: set[int],
    per_minute: float,
    working: int,
) -> _Limit:
    ids = {counter.id for counter in mine}
    return _Limit(
        kind, stage, frozenset(blocked & ids), frozenset(dependents & ids), per_minute, working
    )


def _alone(
    minutes: Mapping[str, float], mine: Sequence[Counter], limits: Sequence[_Limit]
) -> float:
    """Return visits a minute where each counter completes its own visits."""
    length = sum(minutes.values())
    blocked = {counter for limit in limits for counter in limit.blocked}
    able = {counter.id for counter in mine} - blocked
    rate = len(able) / length
    for limit in limits:
        needing = len(able & limit.dependents)
        rest = (len(able) - needing) / length
        rate = min(rate, rest + min(needing / length, limit.per_minute))
    return rate


def _together(
    minutes: Mapping[str, float], mine: Sequence[Counter], limits: Sequence[_Limit]
) -> float:
    """Return visits a minute where a visit goes from counter to counter.

    The minutes of any set of stages cannot exceed the counters that do one of them; when no set
    exceeds them, the work can be divided.
    """
    able = {stage: _able(stage, mine, limits) for stage in minutes}
    rate = min(
        len(set().union(*(able[stage] for stage in stages))) / sum(minutes[s] for s in stages)
        for size in range(1, len(minutes) + 1)
        for stages in combinations(minutes, size)
        if sum(minutes[s] for s in stages) > 0
    )
    for limit in limits:
        needing = len(able[limit.stage] & limit.dependents)
        rest = (len(able[limit.stage]) - needing) / minutes[limit.stage]
        rate = min(rate, rest + min(needing / minutes[limit.stage], limit.per_minute))
    return rate


def _able(stage: str, mine: Sequence[Counter], limits: Sequence[_Limit]) -> set[int]:
    blocked = {counter for limit in limits if limit.stage == stage for counter in limit.blocked}
    return {
        counter.id for counter in mine if counter.is_one_stop or stage in counter.stages
    } - blocked


def _narrowest(
    minutes: Mapping[str, float], mine: Sequence[Counter], limits: Sequence[_Limit], lone: bool
) -> Bottleneck:
    """Return the device as bottleneck whose limit costs most."""
    rate = _alone if lone else _together

    def gain(limit: _Limit) -> float:
        others = [row for row in limits if row is not limit]
        return rate(minutes, mine, others)

    worst = max(limits, key=lambda limit: (gain(limit), bool(limit.blocked), limit.kind))
    needing = len(worst.blocked) or len(worst.dependents)
    return Bottleneck("device", worst.working, needing, worst.kind)


def _narrow_stage(minutes: Mapping[str, float], mine: Sequence[Counter]) -> Bottleneck | None:
    """Return the stage as bottleneck that has too few counters, where counters divide the stages."""
    speeds = {
        stage: len(_able(stage, mine, [])) / need for stage, need in minutes.items() if need > 0
    }
    stage = min(speeds, key=lambda one: (speeds[one], one))
    able = len(_able(stage, mine, []))
    return None if able == len(mine) else Bottleneck("stage", able, len(mine), stage)
