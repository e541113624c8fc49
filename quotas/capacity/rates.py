"""How many visits an hour a pool of counters completes at a moment, and what holds it back: pure.

A pool is the counters that serve the same people (a hall, or halls that share a lane). Its rate is
counters staffed x what one completes in an hour, and no more than working devices let through.
All moments are minutes since midnight at the office.
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
class Seat:
    """A counter. A one-stop counter does every stage and keeps the visit to its end."""

    id: int
    pool: int
    stages: frozenset[str] = frozenset()
    is_one_stop: bool = True


@dataclass(frozen=True)
class Machine:
    """A device that a stage needs. Without a seat it is shared; `minutes` None: its stage's whole time."""

    id: int
    kind: str
    stage: str
    seat: int | None = None
    minutes: float | None = None


@dataclass(frozen=True)
class Duty:
    """An officer's time; without a seat, wherever one is needed."""

    span: Span
    seat: int | None = None


@dataclass(frozen=True)
class Down:
    """A seat or a machine that does not work for a while."""

    span: Span
    seat: int | None = None
    machine: int | None = None


@dataclass(frozen=True)
class House:
    """An office's day: `minutes` are those of each stage of a usual visit, pool by pool."""

    minutes: Mapping[int, Mapping[str, float]]
    spans: tuple[Span, ...]
    seats: tuple[Seat, ...] = ()
    machines: tuple[Machine, ...] = ()
    duties: tuple[Duty, ...] = ()
    downs: tuple[Down, ...] = ()
    percent: Decimal = Decimal(100)
    weights: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Bottleneck:
    """What holds a pool back. `count` are the things, `of` the counters they are for.

    nobody: no officer · officers: fewer than counters · counters: all staffed · device: too few, or (0)
    none that works · stage: counters for one stage · slow: one visit takes longer than the promise.
    """

    code: str
    count: int = 0
    of: int = 0
    what: str = ""


@dataclass(frozen=True)
class Rate:
    """Visits an hour at a moment, at how many staffed counters, and why not more."""

    per_hour: float
    staffed: int
    bottleneck: Bottleneck


# --- The rate of a moment -----------------------------------------------------------------------


def rates(house: House, minute: int) -> dict[int, Rate]:
    """Return the rate of every pool at a moment."""
    down_seats = {row.seat for row in house.downs if _is_in(row.span, minute)}
    broken = frozenset(
        row.machine for row in house.downs if row.machine is not None and _is_in(row.span, minute)
    )
    usable = [seat for seat in house.seats if seat.id not in down_seats]
    staffed = _staffed(house, usable, minute)
    machines = [row for row in house.machines if row.stage in _stages(house)]
    return {
        pool: _rate(
            house.minutes[pool],
            pool,
            [seat for seat in usable if seat.pool == pool],
            staffed,
            machines,
            broken,
        )
        for pool in house.minutes
    }


def _is_in(span: Span, minute: int) -> bool:
    return span[0] <= minute < span[1]


def _stages(house: House) -> set[str]:
    return {stage for minutes in house.minutes.values() for stage in minutes}


def _staffed(house: House, usable: Sequence[Seat], minute: int) -> list[Seat]:
    """Give every officer who is there a seat: each pool one first, then where most are needed.

    Of those rostered `percent` are there; half an officer is nobody.
    """
    duties = [row for row in house.duties if _is_in(row.span, minute)]
    present = int(len(duties) * house.percent // 100)
    free = {seat.id: seat for seat in usable}
    fixed = [free.pop(row.seat) for row in duties if row.seat in free]
    anywhere = len(duties) - len(fixed)
    chosen: list[Seat] = []
    waiting = list(fixed)
    counts: dict[int, int] = dict.fromkeys(house.minutes, 0)
    while len(chosen) < present:
        choices = waiting + (list(free.values()) if anywhere else [])
        if not choices:
            break
        seat = min(choices, key=lambda one: _need(house, counts, one, one in waiting))
        if seat in waiting:
            waiting.remove(seat)
        else:
            del free[seat.id]
            anywhere -= 1
        chosen.append(seat)
        counts[seat.pool] = counts.get(seat.pool, 0) + 1
    return chosen


def _need(
    house: House, counts: Mapping[int, int], seat: Seat, is_fixed: bool
) -> tuple[bool, float, bool, int]:
    there, weight = counts.get(seat.pool, 0), house.weights.get(seat.pool, 0)
    return (there > 0 or not weight, -weight / (there + 1), not is_fixed, seat.id)


def _rate(
    minutes: Mapping[str, float],
    pool: int,
    seats: Sequence[Seat],
    staffed: Sequence[Seat],
    machines: Sequence[Machine],
    broken: frozenset[int],
) -> Rate:
    mine = [seat for seat in staffed if seat.pool == pool]
    length = sum(minutes.values())
    if not mine:
        return Rate(0.0, 0, Bottleneck("nobody", 0, len(seats)))
    if length <= 0 or length > PROMISE:
        return Rate(0.0, len(mine), Bottleneck("slow", floor(length)))
    limits = [
        limit
        for limit in _limits(minutes, mine, staffed, machines, broken)
        if limit.dependents or limit.blocked
    ]
    lone = all(seat.is_one_stop for seat in mine)
    free = _alone(minutes, mine, []) if lone else _together(minutes, mine, [])
    held = _alone(minutes, mine, limits) if lone else _together(minutes, mine, limits)
    why = Bottleneck("counters", len(mine), len(seats))
    if held < free - NEARLY:
        why = _narrowest(minutes, mine, limits, lone)
    elif len(mine) < len(seats):
        why = Bottleneck("officers", len(mine), len(seats))
    elif not lone:
        why = _narrow_stage(minutes, mine) or why
    return Rate(held * AN_HOUR, len(mine), why)


@dataclass(frozen=True)
class _Limit:
    """What one kind of device lets through in one pool."""

    kind: str
    stage: str
    blocked: frozenset[int]  # seats that cannot do the stage at all
    dependents: frozenset[int]  # seats that need the shared ones
    per_minute: float  # visits a minute that the shared ones let through, this pool's share
    working: int


def _limits(
    minutes: Mapping[str, float],
    mine: Sequence[Seat],
    staffed: Sequence[Seat],
    machines: Sequence[Machine],
    broken: frozenset[int],
) -> Iterator[_Limit]:
    for kind, stage in sorted({(row.kind, row.stage) for row in machines}):
        if stage not in minutes:
            continue
        rows = [row for row in machines if (row.kind, row.stage) == (kind, stage)]
        shared = [row for row in rows if row.seat is None]
        working = [row for row in shared if row.id not in broken]
        has_own = {row.seat for row in rows if row.seat is not None}
        own_works = {row.seat for row in rows if row.seat is not None and row.id not in broken}
        able = [seat for seat in staffed if seat.is_one_stop or stage in seat.stages]
        without = [seat for seat in able if seat.id not in own_works]
        if not shared:
            # Nothing is known of a counter that never had one; who had one is without it now.
            blocked = {seat.id for seat in without if seat.id in has_own}
            yield _of_pool(kind, stage, mine, blocked, set(), 0.0, 0)
            continue
        needing = {seat.id for seat in without}
        flow = sum(1 / (row.minutes or minutes[stage]) for row in working)
        own_needing = needing & {seat.id for seat in mine}
        share = flow * len(own_needing) / len(needing) if needing else 0.0
        blocked = set() if working else needing
        yield _of_pool(kind, stage, mine, blocked, needing - blocked, share, len(working))


def _of_pool(
    kind: str,
    stage: str,
    mine: Sequence[Seat],
    blocked: set[int],
    dependents: set[int],
    per_minute: float,
    working: int,
) -> _Limit:
    ids = {seat.id for seat in mine}
    return _Limit(
        kind, stage, frozenset(blocked & ids), frozenset(dependents & ids), per_minute, working
    )


def _alone(minutes: Mapping[str, float], mine: Sequence[Seat], limits: Sequence[_Limit]) -> float:
    """Visits a minute where each counter carries its visit to the end."""
    length = sum(minutes.values())
    blocked = {seat for limit in limits for seat in limit.blocked}
    able = {seat.id for seat in mine} - blocked
    rate = len(able) / length
    for limit in limits:
        needing = len(able & limit.dependents)
        rest = (len(able) - needing) / length
        rate = min(rate, rest + min(needing / length, limit.per_minute))
    return rate


def _together(
    minutes: Mapping[str, float], mine: Sequence[Seat], limits: Sequence[_Limit]
) -> float:
    """Visits a minute where a visit goes from counter to counter.

    For any stages, what they take cannot exceed the counters that do one of them; and if no such
    set exceeds them, the work can be shared out.
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


def _able(stage: str, mine: Sequence[Seat], limits: Sequence[_Limit]) -> set[int]:
    blocked = {seat for limit in limits if limit.stage == stage for seat in limit.blocked}
    return {seat.id for seat in mine if seat.is_one_stop or stage in seat.stages} - blocked


def _narrowest(
    minutes: Mapping[str, float], mine: Sequence[Seat], limits: Sequence[_Limit], lone: bool
) -> Bottleneck:
    """Name the kind of device without whose limit most would get through."""
    rate = _alone if lone else _together

    def gain(limit: _Limit) -> float:
        others = [row for row in limits if row is not limit]
        return rate(minutes, mine, others)

    worst = max(limits, key=lambda limit: (gain(limit), bool(limit.blocked), limit.kind))
    needing = len(worst.blocked) or len(worst.dependents)
    return Bottleneck("device", worst.working, needing, worst.kind)


def _narrow_stage(minutes: Mapping[str, float], mine: Sequence[Seat]) -> Bottleneck | None:
    """Name the stage whose counters are the narrow place, where work is divided."""
    speeds = {
        stage: len(_able(stage, mine, [])) / need for stage, need in minutes.items() if need > 0
    }
    stage = min(speeds, key=lambda one: (speeds[one], one))
    able = len(_able(stage, mine, []))
    return None if able == len(mine) else Bottleneck("stage", able, len(mine), stage)
