"""One day of an office, simulated event by event with SimPy. Pure: a day and a seed in, its result out.

The order of calls is the office's own rule (`counters.queue.order`); the staffed counters are those
that capacity is computed with (`quotas.capacity.rates`). Each person has random numbers of their
own, so that another quota adds or removes people and leaves the others as they were.
"""

from collections import deque
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from math import exp, log1p
from random import Random
from statistics import NormalDist
from typing import Any, Final

import simpy

from counters.queue.order import Candidate, call_order
from quotas.capacity import rates
from quotas.capacity.flow import marks_of
from quotas.plan.spans import Span
from reports.simulation.days import (
    NO_ANSWER_MINUTES,
    Arrivals,
    CounterPlace,
    RunResult,
    Service,
    SimulationDay,
)

MINUTE: Final = timedelta(minutes=1)
# The rule of calls compares moments; any date serves.
MIDNIGHT: Final = datetime(2000, 1, 1)  # noqa: DTZ001
NORMAL: Final = NormalDist()
# The interleaving of lanes depends on fewer calls than these.
CALLS_KEPT: Final = 64
# Priorities at a shared device: that it is broken comes before any person.
BROKEN, PERSON = 0, 1
SEEDS: Final = 1_000_003
Steps = Generator[simpy.Event, Any, None]


def simulate(plan: "Plan", seed: int) -> RunResult:
    """Return one simulated day. The same day and seed give the same result."""
    return _Run(plan, seed).result()


@dataclass(frozen=True)
class StageDevices:
    """How a counter gets the device of one stage: the outages of its own, and the shared kind."""

    own: tuple[tuple[Span, ...], ...]
    shared: str
    minutes: float | None

    def is_lacking(self, minute: float) -> bool:
        """True if no device of the counter's own works at a time."""
        return all(_is_within(spans, minute) for spans in self.own)


class Plan:
    """What is the same in every run of a day: staffed spans, devices, and when something changes."""

    def __init__(self, day: SimulationDay) -> None:
        self.day = day
        resources = day.resources
        self.counters = [row for row in resources.counters if row.id in day.places]
        self.spans = _staffed_spans(resources)
        self.broken = _outages_of_devices(resources)
        self.shared: dict[str, list[rates.Device]] = {}
        for device in resources.devices:
            if device.counter is None:
                self.shared.setdefault(device.kind, []).append(device)
        self.stages = sorted(
            {stage for service in day.services.values() for stage, _share in service.stages}
        )
        self.devices = {
            (counter.id, stage): rows
            for counter in self.counters
            for stage in self.stages
            if (rows := self._devices_of(counter.id, stage))
        }
        ends = [end for spans in self.broken.values() for _start, end in spans]
        starts = [start for spans in self.spans.values() for start, _end in spans]
        self.changes = sorted({*ends, *starts, day.closes})

    def _devices_of(self, counter: int, stage: str) -> tuple[StageDevices, ...]:
        """Return what the counter needs for a stage, kind by kind; nothing if its devices never fail."""
        rows = [row for row in self.day.resources.devices if row.stage == stage]
        needed = []
        for kind in sorted({row.kind for row in rows}):
            own = [row for row in rows if row.kind == kind and row.counter == counter]
            shared = kind in self.shared
            if any(not self.broken.get(row.id) for row in own) or not (own or shared):
                continue
            uses = next((row.minutes for row in self.shared.get(kind, ())), None)
            outages = tuple(self.broken[row.id] for row in own)
            needed.append(StageDevices(outages, kind if shared else "", uses))
        return tuple(needed)

    def is_working(self, devices: Sequence[rates.Device], minute: float) -> bool:
        """True if one of the devices works at a time."""
        return any(not _is_within(self.broken.get(row.id, ()), minute) for row in devices)


def _is_within(spans: Sequence[Span], minute: float) -> bool:
    return any(start <= minute < end for start, end in spans)


def _staffed_spans(resources: rates.DayResources) -> dict[int, tuple[Span, ...]]:
    """Return when an officer is at each counter, without breaks and outages of the counter."""
    spans: dict[int, list[Span]] = {}
    for span in resources.spans:
        for start, end in pairwise(marks_of(resources, span)):
            for counter in rates.staffed_counters(resources, start):
                rows = spans.setdefault(counter.id, [])
                if rows and rows[-1][1] == start:
                    rows[-1] = (rows[-1][0], end)
                else:
                    rows.append((start, end))
    return {counter: tuple(rows) for counter, rows in spans.items()}


def _outages_of_devices(resources: rates.DayResources) -> dict[int, tuple[Span, ...]]:
    broken: dict[int, list[Span]] = {}
    for row in resources.outages:
        if row.device is not None:
            broken.setdefault(row.device, []).append(row.span)
    return {device: tuple(sorted(rows)) for device, rows in broken.items()}


@dataclass(frozen=True)
class _Person:
    """A person who comes, and the random numbers that decide the visit."""

    arrived: float
    row: Arrivals
    service: Service
    length: float
    incomplete: float
    answers: float


def _is_late(row: Arrivals, arrived: float, late_minutes: float) -> bool:
    """True if somebody arrives after the booked hour and its grace."""
    return arrived > row.span[1] + late_minutes


class _Visit:
    """A visit while it lasts."""

    def __init__(self, number: int, person: _Person, late_minutes: float) -> None:
        row, arrived = person.row, person.arrived
        is_over = row.is_booked and _is_late(row, arrived, late_minutes)
        self.person, self.service = person, person.service
        self.pair = (row.lane, row.group)
        self.clock_from = max(arrived, row.span[0]) if row.is_booked else arrived
        self.candidate = Candidate(
            id=number,
            lane=row.lane,
            hour=MIDNIGHT + row.span[0] * MINUTE,
            arrived_at=MIDNIGHT + arrived * MINUTE,
            ticket=number,
            is_booked=row.is_booked,
            behind_since=MIDNIGHT + arrived * MINUTE if is_over else None,
        )
        self.minutes = _length(person.service, person.length)
        self.stage = self.unanswered = 0
        self.skipped_at: int | None = None
        self.was_called = False

    @property
    def next_stage(self) -> str:
        return self.service.stages[self.stage][0]

    @property
    def is_done(self) -> bool:
        return self.stage >= len(self.service.stages)


def _length(service: Service, chance: float) -> float:
    """Return how long one visit takes its counter, without the gap after it."""
    if service.is_exponential:
        return -service.mean * log1p(-chance)
    chance = min(max(chance, 0.0005), 0.9995)
    mean = max(service.mean - service.gap, 0.1)
    return mean * exp(service.sigma * NORMAL.inv_cdf(chance) - service.sigma**2 / 2)


def _moments(row: Arrivals, dice: Random) -> Iterator[float]:
    """Yield where in a slot, or in the quantiles of lateness, each of its people comes."""
    if row.is_booked:
        for _person in range(round(row.people)):
            yield dice.random()
        return
    at = dice.expovariate(row.people) if row.people > 0 else 1.0
    while at < 1.0:
        yield at
        at += dice.expovariate(row.people)


class _Hall:
    def __init__(self) -> None:
        self.lanes: deque[str] = deque(maxlen=CALLS_KEPT)  # newest first
        self.calls = 0


class _Counter:
    def __init__(self, row: rates.Counter, plan: Plan, place: CounterPlace, hall: _Hall) -> None:
        self.id = row.id
        self.pairs = place.pairs
        self.hall = hall
        self.stages = None if row.is_one_stop else row.stages
        self.spans = plan.spans.get(row.id, ())
        self.closes = plan.day.closes
        # The officer here at closing time stays until everybody inside has been served.
        is_last = bool(self.spans) and self.spans[-1][1] >= self.closes
        self.stays_until = self.closes + plan.day.overtime if is_last else 0.0
        self.wake: simpy.Event | None = None
        self.worked_until = 0.0

    def is_on(self, minute: float) -> bool:
        """True if an officer calls here at a time."""
        return self.closes <= minute < self.stays_until or _is_within(self.spans, minute)


class _Run:
    """The state of one simulated day."""

    def __init__(self, plan: Plan, seed: int) -> None:
        self.plan, self.day = plan, plan.day
        self.env = simpy.Environment()
        self.waiting: dict[int, _Visit] = {}
        self.idle: list[_Counter] = []
        self.waits: list[float] = []
        self.lengths: list[float] = []
        self.by_hour: dict[int, list[float]] = {}
        self.incomplete = self.absent = self.left = 0
        halls: dict[int, _Hall] = {}
        self.counters = []
        for row in plan.counters:
            place = plan.day.places[row.id]
            hall = halls.setdefault(place.hall, _Hall())
            self.counters.append(_Counter(row, plan, place, hall))
        self.shared = {
            kind: simpy.PriorityResource(self.env, capacity=len(devices))
            for kind, devices in plan.shared.items()
        }
        self.visits = self._draw(seed)

    def result(self) -> RunResult:
        env = self.env
        for kind, devices in self.plan.shared.items():
            for device in devices:
                for span in self.plan.broken.get(device.id, ()):
                    env.process(self._outage(self.shared[kind], span))
        env.process(self._arrivals())
        env.process(self._changes())
        for counter in self.counters:
            if counter.spans:
                env.process(self._work(counter))
        env.run()
        ended = len(self.lengths) + self.incomplete + self.left
        return RunResult(
            waits=tuple(self.waits),
            visits=tuple(self.lengths),
            arrived=len(self.visits),
            absent=self.absent,
            unserved=len(self.visits) - ended,
            overtime=sum(max(row.worked_until - row.closes, 0.0) for row in self.counters),
            waits_by_hour={hour: tuple(rows) for hour, rows in self.by_hour.items()},
        )

    # --- Who comes --------------------------------------------------------------------------------
    def _draw(self, seed: int) -> list[_Visit]:
        people: list[_Person] = []
        for position, row in enumerate(self.day.arrivals):
            dice = Random(seed * SEEDS + position)  # noqa: S311 - a simulation, not a secret
            people += self._people(row, dice)
        people.sort(key=lambda one: one.arrived)
        late = self.day.late_minutes
        return [_Visit(number, person, late) for number, person in enumerate(people, start=1)]

    def _people(self, row: Arrivals, dice: Random) -> Iterator[_Person]:
        mix = self.day.mix[row.group]
        for chance in _moments(row, dice):
            # The same number of random numbers for each person, whatever they decide.
            absent, pick, *rest = (dice.random() for _draw in range(5))
            arrived = self._arrival(row, chance, is_absent=absent < self.day.absent)
            if arrived is None:
                self.absent += 1
                continue
            service = next(name for name, until in mix if pick < until)
            yield _Person(arrived, row, self.day.services[service], *rest)

    def _arrival(self, row: Arrivals, chance: float, *, is_absent: bool) -> float | None:
        """Return when a person arrives, or None."""
        day, quantiles = self.day, self.day.lateness
        if not row.is_booked:
            return row.span[0] + chance * (row.span[1] - row.span[0])
        place = chance * (len(quantiles) - 1)
        below = int(place)
        late = quantiles[below] + (quantiles[below + 1] - quantiles[below]) * (place - below)
        arrived = row.span[0] + max(late, -day.early_minutes)
        is_over = _is_late(row, arrived, day.late_minutes)
        if is_absent or arrived >= max(day.closes, row.span[1]):
            return None
        return None if is_over and day.is_late_rebooked else arrived

    # --- Processes --------------------------------------------------------------------------------
    def _arrivals(self) -> Steps:
        for visit in self.visits:
            if visit.person.arrived > self.env.now:
                yield self.env.timeout(visit.person.arrived - self.env.now)
            self._join(visit)

    def _changes(self) -> Steps:
        """Wake the counters when one opens, a device is repaired, or the office closes."""
        for minute in self.plan.changes:
            if minute > self.env.now:
                yield self.env.timeout(minute - self.env.now)
            for counter in list(self.idle):
                self._wake(counter)

    def _outage(self, device: simpy.PriorityResource, span: Span) -> Steps:
        yield self.env.timeout(span[0])
        with device.request(priority=BROKEN) as request:
            yield request
            if span[1] > self.env.now:
                yield self.env.timeout(span[1] - self.env.now)

    def _join(self, visit: _Visit) -> None:
        self.waiting[visit.candidate.id] = visit
        for counter in self.idle:
            if self._can_call(counter, visit):
                self._wake(counter)
                return

    def _wake(self, counter: _Counter) -> None:
        self.idle.remove(counter)
        assert counter.wake is not None  # set when it became idle
        counter.wake.succeed()

    def _work(self, counter: _Counter) -> Steps:
        while True:
            visit = self._pick(counter)
            if visit is None:
                counter.wake = self.env.event()
                self.idle.append(counter)
                yield counter.wake
                continue
            yield from self._serve(counter, visit)

    def _can_call(self, counter: _Counter, visit: _Visit) -> bool:
        return (
            visit.pair in counter.pairs
            and counter.is_on(self.env.now)
            and self._can_do(counter, visit.next_stage)
        )

    def _can_do(self, counter: _Counter, stage: str) -> bool:
        if counter.stages is not None and stage not in counter.stages:
            return False
        plan, now = self.plan, self.env.now
        return all(
            not row.is_lacking(now)
            or (row.shared and plan.is_working(plan.shared[row.shared], now))
            for row in plan.devices.get((counter.id, stage), ())
        )

    def _pick(self, counter: _Counter) -> _Visit | None:
        """Take the visit that the counter calls now, if there is one."""
        if not counter.is_on(self.env.now):
            return None
        able = [stage for stage in self.plan.stages if self._can_do(counter, stage)]
        rows = [
            visit
            for visit in self.waiting.values()
            if visit.pair in counter.pairs and visit.next_stage in able
        ]
        if len(rows) > 1:
            now = MIDNIGHT + self.env.now * MINUTE
            order = call_order(
                [self._candidate(visit, counter.hall) for visit in rows],
                recent_lanes=counter.hall.lanes,
                terms=self.day.terms,
                now=now,
            )
            return self.waiting.pop(order[0].id)
        return self.waiting.pop(rows[0].candidate.id) if rows else None

    @staticmethod
    def _candidate(visit: _Visit, hall: _Hall) -> Candidate:
        if visit.skipped_at is None:
            return visit.candidate
        return replace(visit.candidate, other_calls=hall.calls - visit.skipped_at)

    # --- At a counter -----------------------------------------------------------------------------
    def _serve(self, counter: _Counter, visit: _Visit) -> Steps:
        env = self.env
        counter.hall.lanes.appendleft(visit.pair[0])
        counter.hall.calls += 1
        self._count_wait(visit)
        if visit.person.answers < self.day.unanswered ** (visit.unanswered + 1):
            yield env.timeout(NO_ANSWER_MINUTES)
            self._skip(counter, visit)
            return
        visit.skipped_at = None
        while not visit.is_done and self._can_do(counter, visit.next_stage):
            yield from self._stage(counter, visit)
        counter.worked_until = max(counter.worked_until, env.now)
        if visit.is_done:
            self._finish(visit)
        else:
            visit.candidate = replace(visit.candidate, is_handed_on=True)
            self._join(visit)
        if visit.service.gap:
            yield env.timeout(visit.service.gap)

    def _count_wait(self, visit: _Visit) -> None:
        if visit.was_called:
            return
        visit.was_called = True
        wait = max(self.env.now - visit.clock_from, 0.0)
        self.waits.append(wait)
        self.by_hour.setdefault(int(visit.clock_from // 60), []).append(wait)

    def _skip(self, counter: _Counter, visit: _Visit) -> None:
        visit.unanswered += 1
        if visit.unanswered >= self.day.most_calls:
            self.left += 1
            return
        visit.skipped_at = counter.hall.calls
        self._join(visit)

    def _finish(self, visit: _Visit) -> None:
        if self._is_incomplete(visit):
            self.incomplete += 1
        else:
            self.lengths.append(max(self.env.now - visit.clock_from, 0.0))

    def _is_incomplete(self, visit: _Visit) -> bool:
        return visit.person.incomplete < self.day.incomplete

    def _stage(self, counter: _Counter, visit: _Visit) -> Steps:
        """Do a stage, with those after it that need no device which may be missing."""
        env, stages, devices = self.env, visit.service.stages, self.plan.devices
        lacking = [
            row
            for row in devices.get((counter.id, visit.next_stage), ())
            if row.is_lacking(env.now)
        ]
        left = stages[visit.stage][1] * visit.minutes
        visit.stage += 1
        if self._is_incomplete(visit):
            visit.stage = len(stages)
        for row in lacking:
            with self.shared[row.shared].request(priority=PERSON) as request:
                yield request
                use = left if row.minutes is None else min(row.minutes, left)
                yield env.timeout(use)
                left -= use
        while not visit.is_done and self._needs_nothing(counter, visit.next_stage):
            left += stages[visit.stage][1] * visit.minutes
            visit.stage += 1
        yield env.timeout(left)

    def _needs_nothing(self, counter: _Counter, stage: str) -> bool:
        does = counter.stages is None or stage in counter.stages
        return does and (counter.id, stage) not in self.plan.devices
