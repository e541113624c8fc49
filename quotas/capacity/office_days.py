"""An office's day at the counters: their capacity and the places that are promised."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property

from offices.directory.models import Hall, Office, ServiceType, Stage, StageTime
from offices.hours.selectors import FULL_ATTENDANCE
from quotas.capacity.flow import Flow, SlotCapacity, flows, slot_capacities
from quotas.capacity.rates import Bottleneck, DayResources
from quotas.plan.days import Reason
from quotas.plan.spans import Span

Pair = tuple[str, int]  # lane, group


@dataclass(frozen=True)
class Pool:
    """Halls that serve the same lane and group, so their counters can serve the same people."""

    id: int
    halls: tuple[Hall, ...]
    pairs: frozenset[Pair]

    @property
    def name(self) -> str:
        return ", ".join(hall.label for hall in self.halls)


@dataclass(frozen=True)
class StageMinutes:
    """The duration of one stage of a service at an office: the standard, and the measured one."""

    service: ServiceType
    stage: str
    standard: int
    measured: StageTime | None

    @property
    def stage_name(self) -> str:
        return str(Stage(self.stage).label)

    @property
    def used(self) -> float:
        """Return the minutes that capacity is computed with."""
        return float(self.standard) if self.measured is None else self.measured.mean

    @property
    def n(self) -> int:
        return 0 if self.measured is None else self.measured.n


@dataclass(frozen=True)
class PoolSlots:
    """A pool's day, or the rest of it, slot by slot."""

    pool: Pool
    slots: tuple[SlotCapacity, ...]

    @property
    def unserved(self) -> int:
        """Expected people who cannot be served within two hours and by closing."""
        return sum(row.unserved for row in self.slots)


@dataclass(frozen=True)
class PoolDay(PoolSlots):
    """A pool's day with its capacity."""

    @property
    def capacity(self) -> int:
        return sum(row.capacity for row in self.slots)

    @property
    def needed(self) -> int:
        return sum(row.needed for row in self.slots)

    @property
    def bottleneck(self) -> Bottleneck:
        """The limit of the day: that of the slot with most unserved, or least capacity."""
        worst = max(self.slots, key=lambda row: (row.unserved, -row.capacity))
        return worst.bottleneck


@dataclass(frozen=True)
class PromisedSlot:
    """The places of one slot of a lane and a group, in minutes of the day."""

    lane: str
    group: int
    span: Span
    places: int


@dataclass(frozen=True)
class OfficeDay:
    """An office's day: its resources, the slots, and the places that are promised.

    `slots` are the promised places lane by lane, also of lanes that no pool serves.
    """

    office: Office
    day: date
    reason: Reason | None
    pools: tuple[Pool, ...] = ()
    cuts: tuple[Span, ...] = ()
    needed: Mapping[int, Sequence[int]] = field(default_factory=dict)
    slots: tuple[PromisedSlot, ...] = ()
    resources: DayResources = field(default_factory=lambda: DayResources({}, ()))
    percent: Decimal = FULL_ATTENDANCE
    is_assumed: bool = False  # no roster: every counter officer counts
    closes: int = 0  # the end of the opening hours

    @cached_property
    def flows(self) -> dict[int, Flow]:
        return flows(self.resources)

    @cached_property
    def by_pool(self) -> list[PoolDay]:
        """Return the pools that have a counter or a place on this day."""
        if not self.cuts:
            return []
        seated = {counter.pool for counter in self.resources.counters}
        return [
            PoolDay(
                pool, tuple(slot_capacities(self.flows[pool.id], self.cuts, self.needed[pool.id]))
            )
            for pool in self.pools
            if pool.id in seated or any(self.needed[pool.id])
        ]

    @property
    def capacity(self) -> int:
        return sum(row.capacity for row in self.by_pool)

    @property
    def officers(self) -> int:
        """Officers who can work at once in opening hours: those present, limited by the usable counters."""
        counts: dict[Span, int] = {}
        for pool in self.by_pool:
            for row in pool.slots:
                counts[row.span] = counts.get(row.span, 0) + row.staffed
        return max(counts.values(), default=0)

    @property
    def rostered(self) -> int:
        """Shifts in opening hours; evening shifts belong to the same officers."""
        opening = self.resources.spans[:1]
        return sum(
            shift.span[0] < end for shift in self.resources.shifts for _start, end in opening
        )

    @property
    def promised(self) -> int:
        return sum(row.needed for row in self.by_pool)

    @property
    def unserved(self) -> int:
        return sum(row.unserved for row in self.by_pool)

    @property
    def bottleneck(self) -> Bottleneck | None:
        """The limit of the day: that of the pool with most unserved."""
        if not self.by_pool:
            return None
        return max(self.by_pool, key=lambda row: (row.unserved, row.needed)).bottleneck

    def with_percent(self, percent: Decimal) -> "OfficeDay":
        """Return the day with another share of the officers present."""
        resources = replace(self.resources, percent=percent)
        return replace(self, resources=resources, percent=percent)

    def pool_of(self, pair: Pair) -> Pool | None:
        """Return the pool that serves a lane and a group."""
        return next((pool for pool in self.pools if pair in pool.pairs), None)

    def minute(self, moment: datetime) -> int:
        """Return a time as minutes since this day's midnight at the office."""
        midnight = datetime.combine(self.day, datetime.min.time(), self.office.zone)
        return int((moment - midnight).total_seconds() // 60)
