"""A whole day of an office, replayed through the real services from a seeded plan.

The plan decides who books, who comes when, how long each stage takes and what goes wrong. The replay
keeps its own ledger of what happened to every person, independent of the database, so that a test can
compare both.
"""

import heapq
import random
from collections import Counter as Tally
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import count
from typing import Any, Final

from booking.bookings.models import Booking
from counters.closing import selectors as closing_selectors
from counters.closing import services as closing_services
from counters.closing.selectors import Action
from counters.closing.services import Decision
from counters.gate import services as gate_services
from counters.queue import services as queue_services
from counters.service import services as service_services
from counters.service import transfers as service_transfers
from counters.stations import services as stations_services
from counters.visits.models import CounterSession, Visit, VisitStatus
from counters.visits.selectors import remaining_stages
from quotas.places.errors import SlotFull
from quotas.rules.evening import add_evening_places
from tests.builders import make_application
from tests.counters.world import KTP, World, make_world, who

MINUTE: Final = timedelta(minutes=1)
HOURS: Final = (8, 9, 10, 11, 13, 14)
STAGES: Final = 3
SKIPS: Final = 3
# Shares of people, and mean minutes of a stage.
ABSENT, LATE, ANSWERS_NOT, LEAVES, LACKS, REFUSED, HANDED_ON = (
    0.08,
    0.06,
    0.05,
    0.02,
    0.04,
    0.01,
    0.03,
)
STAGE_MINUTES: Final = 7.5


@dataclass
class Desk:
    """An officer at a counter, and the visit that is there."""

    session: CounterSession
    visit: Visit | None = None
    stages_left: int = 0
    forgets: bool = False


@dataclass
class OfficeDay:
    """The replay of one day. `fate` names what became of every booking that had a part in it."""

    world: World
    seed: int = 1
    fate: dict[Any, str] = field(default_factory=dict)
    tally: Tally[str] = field(default_factory=Tally)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.events: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self.order = count()
        self.desks: list[Desk] = []
        self.skips: Tally[int] = Tally()

    # --- The plan ---------------------------------------------------------------------------------
    def at(self, moment: datetime, act: Callable[[datetime], None]) -> None:
        heapq.heappush(self.events, (moment, next(self.order), act))

    def plan(self, *, booked: int, walk_ins: int) -> None:
        """Book the day and plan every arrival."""
        for number in range(booked):
            booking = self.world.book(HOURS[number % len(HOURS)])
            make_application(booking)
            self.fate[booking.pk] = "absent"
            if self.dice.random() >= ABSENT:
                delay = 75 if self.dice.random() < LATE else self.dice.gauss(-8, 12)
                moment = booking.slot.starts_at + delay * MINUTE
                earliest, latest = self.world.at(7, 30), self.world.at(14, 55)
                self.at(min(max(moment, earliest), latest), self._arrival(booking))
        for _person in range(walk_ins):
            self.at(self.world.at(8) + self.dice.uniform(0, 360) * MINUTE, self._walk_in)

    def run(self, *, until: datetime) -> None:
        while self.events and self.events[0][0] <= until:
            moment, _number, act = heapq.heappop(self.events)
            act(moment)

    def _arrival(self, booking: Booking) -> Callable[[datetime], None]:
        return lambda now: self._came(self.world.check_in(booking, now), now)

    def _walk_in(self, now: datetime) -> None:
        try:
            visit = self.world.walk_in(now)
        except SlotFull:
            self.tally["walk-ins sent to another day"] += 1
        else:
            make_application(visit.booking)
            self._came(visit, now)

    def _came(self, visit: Visit, now: datetime) -> None:
        self.fate[visit.booking_id] = "waiting"
        self.tally["arrived"] += 1
        if self.dice.random() < LEAVES:
            self.at(now + 45 * MINUTE, lambda then: self._gives_up(visit.pk, then))

    def _gives_up(self, visit_id: int, now: datetime) -> None:
        visit = Visit.objects.get(pk=visit_id)
        if visit.status == VisitStatus.WAITING and now < self.world.at(15):
            queue_services.leave(visit_id=visit_id, reason="pulang", by=self.world.gate, now=now)
            self.fate[visit.booking_id] = "left"

    # --- Counters ---------------------------------------------------------------------------------
    def open_counters(self, officers: int) -> None:
        for number in range(1, officers + 1):
            desk = Desk(self.world.sit(number, self.world.colleague()), forgets=number % 5 == 0)
            self.desks.append(desk)
            self._soon(desk, self.world.at(8, number % 10))

    def _soon(self, desk: Desk, moment: datetime) -> None:
        self.at(moment, lambda now: self._step(desk, now))

    def _step(self, desk: Desk, now: datetime) -> None:
        """Do the officer's next action."""
        if desk.visit is not None:
            self._work(desk, desk.visit, now)
        elif now >= self.world.at(15) and not self._works_on(now):
            if not desk.forgets:
                to = {"session_id": desk.session.pk, "by": desk.session.officer}
                stations_services.leave_counter(**to, now=now)
        else:
            self._call(desk, now)

    def _works_on(self, now: datetime) -> bool:
        visits = list(closing_selectors.open_visits(self.world.office, now=now))
        kept = closing_selectors.in_overtime(visits)
        return any(visit.pk in kept and visit.status == VisitStatus.WAITING for visit in visits)

    def _call(self, desk: Desk, now: datetime) -> None:
        visit = self.world.call(desk.session, now)
        if visit is None:
            self._soon(desk, now + 3 * MINUTE)
        elif self.dice.random() < ANSWERS_NOT:
            self._no_answer(desk, visit, now + 2 * MINUTE)
        else:
            service_services.start_service(**who(visit, desk.session), now=now)
            desk.visit, desk.stages_left = visit, STAGES
            self._soon(desk, now + self._stage())

    def _no_answer(self, desk: Desk, visit: Visit, now: datetime) -> None:
        self.skips[visit.pk] += 1
        if self.skips[visit.pk] < SKIPS or now >= self.world.at(15):
            to = who(visit, desk.session)
            queue_services.skip(**to, reason="tidak menjawab", now=now)
            self.tally["skipped"] += 1
        else:
            officer = desk.session.officer
            queue_services.leave(visit_id=visit.pk, reason="tidak menjawab", by=officer, now=now)
            self.fate[visit.booking_id] = "left"
        self._soon(desk, now + MINUTE)

    def _stage(self) -> timedelta:
        return max(self.dice.lognormvariate(0, 0.35) * STAGE_MINUTES, 1.0) * MINUTE

    def _work(self, desk: Desk, visit: Visit, now: datetime) -> None:
        to, chance = who(visit, desk.session), self.dice.random()
        desk.stages_left -= 1
        if desk.stages_left == STAGES - 1 and chance < LACKS:
            service_services.mark_incomplete(**to, missing="Akta lahir", now=now)
            self._done(desk, visit, "incomplete", now)
        elif desk.stages_left == STAGES - 1 and chance < LACKS + REFUSED:
            officer = desk.session.officer
            gate_services.refuse_visit(visit_id=visit.pk, reason="KTP lain", by=officer, now=now)
            self._done(desk, visit, "refused", now)
        elif desk.stages_left == 1 and chance < HANDED_ON and now < self.world.at(14, 30):
            service_transfers.put_back(**to, reason="loket lain", now=now)
            self.tally["handed on"] += 1
            self._done(desk, visit, "waiting", now)
        elif remaining_stages(visit)[1:]:
            service_services.finish_stage(**to, documents_checked=KTP, now=now)
            self._soon(desk, now + self._stage())
        else:
            service_services.finish_visit(**to, documents_checked=KTP, now=now)
            self._done(desk, visit, "served", now)

    def _done(self, desk: Desk, visit: Visit, fate: str, now: datetime) -> None:
        self.fate[visit.booking_id] = fate
        desk.visit = None
        self._soon(desk, now + MINUTE)

    # --- Closing ----------------------------------------------------------------------------------
    def close(self, *, overtime: int, evening: int) -> None:
        """Closing time: some are served in overtime, some in the evening, the others are moved."""
        now = self.world.at(15, 5)
        if evening:
            self._add_evening_places(evening, now)
        waiting = list(
            closing_selectors.open_visits(self.world.office, now=now).filter(
                status=VisitStatus.WAITING
            )
        )
        online = [row for row in waiting if row.lane_id == "online"]
        kept, later = waiting[:overtime], [row for row in online if row not in waiting[:overtime]]
        evenings = later[:evening]
        decisions = [Decision(row.pk, Action.OVERTIME, row.status) for row in kept]
        decisions += [Decision(row.pk, Action.EVENING, row.status) for row in evenings]
        decisions += [
            Decision(row.pk, Action.TOMORROW, row.status)
            for row in waiting
            if row not in kept and row not in evenings
        ]
        self._decide(decisions, now)
        self.run(until=self.world.at(16, 59))
        self._evening(len(evenings))
        self.run(until=self.world.at(18, 30))
        rest = list(closing_selectors.open_visits(self.world.office, now=self.world.at(18, 30)))
        self._decide(
            [Decision(row.pk, Action.TOMORROW, row.status) for row in rest], self.world.at(18, 30)
        )
        for desk in self.desks:
            desk.visit = None

    def _decide(self, decisions: list[Decision], now: datetime) -> None:
        outcome = closing_services.decide_all(
            office=self.world.office, decisions=decisions, by=self.world.supervisor, now=now
        )
        if outcome.refused or outcome.changed:
            raise AssertionError(outcome)
        for decision in decisions:
            visit = Visit.objects.get(pk=decision.visit_id)
            self.tally[f"decided: {decision.action}"] += 1
            if decision.action == Action.TOMORROW:
                self.fate[visit.booking_id] = "moved"

    def _add_evening_places(self, places: int, now: datetime) -> None:
        add_evening_places(
            office_id=self.world.office.pk,
            lane="online",
            group_id=self.world.slot(8).group_id,
            starts=time(17),
            ends=time(18),
            count=places,
            reason="Masih banyak yang menunggu",
            by=self.world.supervisor,
            now=now,
        )

    def _evening(self, people: int) -> None:
        """Officers come back for the evening places."""
        free = [desk for desk in self.desks if desk.visit is None]
        for desk in free[: (people + 1) // 2]:
            desk.session.refresh_from_db()
            if desk.session.closed_at is not None:
                desk.session = stations_services.take_counter(
                    counter_id=desk.session.counter_id,
                    by=desk.session.officer,
                    now=self.world.at(17),
                )
            desk.forgets = True
            for minute in (0, 30):
                self.at(self.world.at(17, minute), lambda now, desk=desk: self._one(desk, now))

    def _one(self, desk: Desk, now: datetime) -> None:
        """Serve one person of the evening."""
        visit = self.world.call(desk.session, now)
        if visit is not None:
            self.world.serve(visit, desk.session, now)
            self.fate[visit.booking_id] = "served"

    def finish(self, now: datetime) -> closing_services.Finish:
        """Close the day; then the absent are no-shows."""
        done = closing_services.finish_day(
            office=self.world.office, by=self.world.supervisor, now=now
        )
        for booking_id, fate in self.fate.items():
            if fate == "absent":
                self.fate[booking_id] = "no_show"
        return done

    def summary(self) -> dict[str, int]:
        return dict(Tally(self.fate.values()))


def replay(*, booked: int, walk_ins: int, officers: int, seed: int = 1) -> OfficeDay:
    """Replay a day until its closing."""
    world = make_world(counters=officers, places=booked + booked // 4, walk_ins=walk_ins)
    day = OfficeDay(world, seed=seed)
    day.plan(booked=booked, walk_ins=walk_ins)
    day.open_counters(officers)
    day.run(until=world.at(15, 4))
    share = max(2, officers // 3)
    day.close(overtime=share, evening=share)
    return day
