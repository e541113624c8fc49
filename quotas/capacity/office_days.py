"""An office's day as the counters see it: what they bear beside what is promised."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property

from offices.directory.models import Hall, Office, ServiceType, Stage, StageTime
from offices.hours.selectors import FULL_ATTENDANCE
from quotas.capacity.flow import Flow, Hour, flows, hours
from quotas.capacity.rates import Bottleneck, DayResources
from quotas.plan.days import Reason
from quotas.plan.spans import Span

Pair = tuple[str, int]  # lane, group


@dataclass(frozen=True)
class Pool:
    """Halls that serve the same people: each other's counters can take them."""

    id: int
    halls: tuple[Hall, ...]
    pairs: frozenset[Pair]

    @property
    def name(self) -> str:
        return ", ".join(hall.label for hall in self.halls)


@dataclass(frozen=True)
class StageMinutes:
    """How long a stage of a service takes here: the standard, and what was measured."""

    service: ServiceType
    stage: str
    standard: int
    measured: StageTime | None

    @property
    def stage_name(self) -> str:
        return str(Stage(self.stage).label)

    @property
    def used(self) -> float:
        """Return the minutes that capacity is reckoned with."""
        return float(self.standard) if self.measured is None else self.measured.mean

    @property
    def n(self) -> int:
        return 0 if self.measured is None else self.measured.n


@dataclass(frozen=True)
class PoolHours:
    """A pool's day, hour by hour."""

    pool: Pool
    hours: tuple[Hour, ...]

    @property
    def capacity(self) -> int:
        return sum(row.capacity for row in self.hours)

    @property
    def needed(self) -> int:
        return sum(row.needed for row in self.hours)

    @property
    def unserved(self) -> int:
        return sum(row.unserved for row in self.hours)

    @property
    def bottleneck(self) -> Bottleneck:
        """What holds the day back: that of the hour with most unserved, or least capacity."""
        worst = max(self.hours, key=lambda row: (row.unserved, -row.capacity))
        return worst.bottleneck


@dataclass(frozen=True)
class OfficeDay:
    """An office's day: who and what is there, the hours, and the places that are promised."""

    office: Office
    day: date
    reason: Reason | None
    pools: tuple[Pool, ...] = ()
    cuts: tuple[Span, ...] = ()
    needed: Mapping[int, Sequence[int]] = field(default_factory=dict)
    resources: DayResources = field(default_factory=lambda: DayResources({}, ()))
    percent: Decimal = FULL_ATTENDANCE
    is_assumed: bool = False  # nobody is rostered: every counter officer of the office is counted

    @cached_property
    def flows(self) -> dict[int, Flow]:
        return flows(self.resources)

    @cached_property
    def by_pool(self) -> list[PoolHours]:
        """Return the pools that have a counter or a place that day."""
        if not self.cuts:
            return []
        seated = {counter.pool for counter in self.resources.counters}
        return [
            PoolHours(pool, tuple(hours(self.flows[pool.id], self.cuts, self.needed[pool.id])))
            for pool in self.pools
            if pool.id in seated or any(self.needed[pool.id])
        ]

    @property
    def capacity(self) -> int:
        return sum(row.capacity for row in self.by_pool)

    @property
    def promised(self) -> int:
        return sum(row.needed for row in self.by_pool)

    @property
    def unserved(self) -> int:
        return sum(row.unserved for row in self.by_pool)

    @property
    def bottleneck(self) -> Bottleneck | None:
        """What holds the day back: that of the pool that leaves most unserved."""
        if not self.by_pool:
            return None
        return max(self.by_pool, key=lambda row: (row.unserved, row.needed)).bottleneck

    def pool_of(self, pair: Pair) -> Pool | None:
        """Return the pool that serves a lane and a group."""
        return next((pool for pool in self.pools if pair in pool.pairs), None)

    def minute(self, moment: datetime) -> int:
        """Return the minutes of a moment since this day's midnight at the office."""
        midnight = datetime.combine(self.day, datetime.min.time(), self.office.zone)
        return int((moment - midnight).total_seconds() // 60)
