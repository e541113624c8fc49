"""One generated day of an office: bookings, arrivals, and which officer served which visit. Pure and seeded.

The order of calls is the rule of `counters.queue.order` for people who come in time: by booked hour, those
booked before those who took a place at the desk, one priority visit after `PRIORITY_AFTER` others.
"""

import datetime as dt
import heapq
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from counters.queue.order import PRIORITY_LANE
from offices.promises import EARLY_ARRIVAL

ONLINE, WALK_IN, PRIORITY = "online", "walk_in", PRIORITY_LANE
MINUTE: Final = dt.timedelta(minutes=1)
SECOND: Final = dt.timedelta(seconds=1)
PRIORITY_AFTER: Final = 2
CANCELLED, MOVED = 0.03, 0.03
STAGES: Final = (5.0, 6.0, 5.0)  # minutes of documents, interview and photo
QUICKEST, SLOWEST = 0.55, 1.15
SHARE_OF_WINDOW: Final = 0.8  # bookings are made in it; changes follow in the rest


@dataclass(frozen=True, slots=True)
class Hour:
    """One slot of a lane and its places. `opens_at` and `closes_at`: when they can be taken."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    opens_at: dt.datetime
    closes_at: dt.datetime
    places: int


@dataclass(frozen=True, slots=True)
class Desk:
    """A counter, its officer, and the lanes of its hall."""

    counter: int
    officer: int
    hall: int
    lanes: frozenset[str]


@dataclass(frozen=True)
class Frame:
    """What is fixed on a day: the hours of each lane, the counters, opening time, closing time and breaks."""

    hours: dict[str, tuple[Hour, ...]]
    desks: tuple[Desk, ...]
    opens_at: dt.datetime
    closes_at: dt.datetime
    breaks: tuple[tuple[dt.datetime, dt.datetime], ...] = ()


@dataclass(slots=True)
class Person:
    """One person of the day. `hour` is an index of the lane's hours; `fate`: served, absent or cancelled."""

    lane: str
    hour: int
    placed_at: dt.datetime
    fate: str = "served"
    service: int = 0
    moved_from: int | None = None
    changed_at: dt.datetime | None = None
    arrived_at: dt.datetime | None = None
    ticket: int = 0
    desk: int = 0
    called_at: dt.datetime | None = None
    started_at: dt.datetime | None = None
    ended: tuple[dt.datetime, ...] = ()


@dataclass
class Day:
    """The plan of a day: its people in the order of booking, and how many found no place."""

    people: list[Person]
    refused: int = 0
    turned_away: int = 0
    left_at: dict[int, dt.datetime] = field(default_factory=dict)  # when each desk closed


def plan_day(
    frame: Frame,
    *,
    online: int,
    walk_ins: int,
    priority: int,
    no_show: float,
    services: int,
    seed: object,
) -> Day:
    """Return the day for so many people who want to come."""
    dice = random.Random(str(seed))  # noqa: S311 - an invented day, not a secret
    people = _bookings(frame, online, no_show, dice)
    day = Day(people, refused=max(0, online - len(people)))
    for lane, count in ((WALK_IN, walk_ins), (PRIORITY, priority)):
        came = _at_the_desk(frame, lane, count, dice)
        day.people += came
        day.turned_away += count - len(came)
    for person in day.people:
        person.service = dice.randrange(services)
    _number(day.people)
    _serve(day, frame, dice)
    return day


def _bookings(frame: Frame, count: int, no_show: float, dice: random.Random) -> list[Person]:
    hours = frame.hours.get(ONLINE, ())
    left = [hour.places for hour in hours]
    people = []
    for _person in range(min(count, sum(left))):
        # Early hours are chosen more often.
        wishes = [free * (1.3 - 0.08 * nth) for nth, free in enumerate(left)]
        hour = dice.choices(range(len(hours)), wishes)[0]
        left[hour] -= 1
        people.append(Person(ONLINE, hour, _booked_at(hours[hour], count, sum(left), dice)))
    people.sort(key=lambda person: person.placed_at)
    for person in people:
        _decide(person, hours, left, no_show, frame, dice)
    return people


def _booked_at(hour: Hour, count: int, left: int, dice: random.Random) -> dt.datetime:
    """Within minutes of the opening where places are scarce, else at any time of the window."""
    length = (hour.closes_at - hour.opens_at).total_seconds() * SHARE_OF_WINDOW
    is_rush = left < count / 4
    seconds = dice.expovariate(1 / 240) if is_rush else dice.random() ** 2 * length
    return hour.opens_at + SECOND * (1 + int(min(seconds, length)))


def _decide(
    person: Person,
    hours: Sequence[Hour],
    left: list[int],
    no_show: float,
    frame: Frame,
    dice: random.Random,
) -> None:
    chance, hour = dice.random(), hours[person.hour]
    last = min(hour.closes_at, frame.opens_at - dt.timedelta(hours=20))
    begin = hour.opens_at + (hour.closes_at - hour.opens_at) * (SHARE_OF_WINDOW + 0.02)
    if chance < CANCELLED + MOVED and begin < last:
        person.changed_at = begin + SECOND * int((last - begin).total_seconds() * dice.random())
        other = next((nth for nth, free in enumerate(left) if free and nth != person.hour), None)
        if chance < CANCELLED:
            person.fate = "cancelled"
            return
        if other is None:
            person.changed_at = None
        else:
            person.moved_from, person.hour = person.hour, other
            left[other] -= 1
    if dice.random() < no_show:
        person.fate = "absent"
        return
    late = max(-45.0, min(18.0, dice.gauss(-9, 11)))
    arrived = hours[person.hour].starts_at + SECOND * int(late * 60)
    person.arrived_at = max(arrived, frame.opens_at - 14 * MINUTE + SECOND * dice.randrange(600))


def _at_the_desk(frame: Frame, lane: str, count: int, dice: random.Random) -> list[Person]:
    """Give people who come without a booking a place of the current hour or the next one."""
    hours = frame.hours.get(lane, ())
    if not hours:
        return []
    left = [hour.places for hour in hours]
    length = (frame.closes_at - frame.opens_at).total_seconds() - 5400
    moments = sorted(
        frame.opens_at + SECOND * int(dice.random() ** 1.5 * length) for _person in range(count)
    )
    people = []
    for moment in moments:
        near = [nth for nth, hour in enumerate(hours) if hour.ends_at > moment][:2]
        hour = next((nth for nth in near if left[nth]), None)
        if hour is not None:
            left[hour] -= 1
            people.append(Person(lane, hour, moment, arrived_at=moment))
    return people


def _number(people: Sequence[Person]) -> None:
    """Give tickets in the order of arrival, one series for each lane; no two arrivals at one moment."""
    last: dict[str, int] = {}
    before = dt.datetime.min.replace(tzinfo=dt.UTC)
    for person in arrivals(people):
        assert person.arrived_at is not None
        moment = max(person.arrived_at, before + SECOND)
        if person.lane != ONLINE:
            person.placed_at = moment
        person.arrived_at = before = moment
        last[person.lane] = person.ticket = last.get(person.lane, 0) + 1


def arrivals(people: Sequence[Person]) -> list[Person]:
    """Return those who came, in the order of arrival."""
    return sorted(
        (row for row in people if row.arrived_at is not None),
        key=lambda row: (row.arrived_at, row.ticket),
    )


@dataclass
class _Hall:
    """The queue of a hall: the priority lane and the others, each by booked hour."""

    coming: list[Person]
    priority: list[tuple[tuple[object, ...], Person]] = field(default_factory=list)
    rest: list[tuple[tuple[object, ...], Person]] = field(default_factory=list)
    others: int = 0

    def pick(self, now: dt.datetime, frame: Frame) -> Person | None:
        while self.coming and self.coming[0].arrived_at <= now:  # type: ignore[operator]
            person = self.coming.pop(0)
            heapq.heappush(
                self.priority if person.lane == PRIORITY else self.rest,
                (_turn(person, frame), person),
            )
        if not self.priority and not self.rest:
            return None
        is_priority = self._is_priority_turn(now)
        self.others = 0 if is_priority else self.others + 1
        return heapq.heappop(self.priority if is_priority else self.rest)[1]

    def _is_priority_turn(self, now: dt.datetime) -> bool:
        if not self.priority or not self.rest:
            return bool(self.priority)
        are_due = [queue[0][0][0] <= now + EARLY_ARRIVAL for queue in (self.priority, self.rest)]  # type: ignore[operator]
        if are_due[0] != are_due[1]:
            return are_due[0]
        return self.others >= PRIORITY_AFTER


def _turn(person: Person, frame: Frame) -> tuple[object, ...]:
    hour = frame.hours[person.lane][person.hour].starts_at
    is_booked = person.lane == ONLINE
    joined = hour if is_booked else person.arrived_at
    return hour, not is_booked, joined, person.ticket, person.arrived_at


def _serve(day: Day, frame: Frame, dice: random.Random) -> None:
    """Let the counters call one person after the other until nobody is left, in the evening too if necessary."""
    came = arrivals(day.people)
    halls = {
        desk.hall: _Hall([row for row in came if row.lane in desk.lanes]) for desk in frame.desks
    }
    pace = _pace(frame, halls)
    waking = [(frame.opens_at + 3 * nth * SECOND, nth) for nth in range(len(frame.desks))]
    while waking:
        now, nth = heapq.heappop(waking)
        desk = frame.desks[nth]
        hall = halls[desk.hall]
        rest = next((ends for starts, ends in frame.breaks if starts <= now < ends), None)
        if rest is not None:
            heapq.heappush(waking, (rest + 3 * nth * SECOND, nth))
            continue
        person = hall.pick(now, frame)
        if person is not None:
            free_at = _attend(person, nth, now, pace[desk.hall], dice)
            day.left_at[nth] = free_at
            heapq.heappush(waking, (free_at + 20 * SECOND, nth))
        elif hall.coming:
            arrived = hall.coming[0].arrived_at
            assert arrived is not None
            heapq.heappush(waking, (arrived + (5 + 3 * nth) * SECOND, nth))


def _pace(frame: Frame, halls: dict[int, _Hall]) -> dict[int, float]:
    """Officers work faster when the hall is full: the factor on the usual minutes."""
    idle = sum(((ends - starts) for starts, ends in frame.breaks), dt.timedelta())
    hours = (frame.closes_at - frame.opens_at - idle) / MINUTE
    return {
        number: max(
            QUICKEST,
            min(
                SLOWEST,
                0.95
                * hours
                * sum(desk.hall == number for desk in frame.desks)
                / (max(1, len(hall.coming)) * sum(STAGES)),
            ),
        )
        for number, hall in halls.items()
    }


def _attend(
    person: Person,
    nth: int,
    now: dt.datetime,
    pace: float,
    dice: random.Random,
) -> dt.datetime:
    person.desk, person.called_at = nth, now
    person.started_at = moment = now + SECOND * dice.randrange(20, 90)
    ended = []
    for minutes in STAGES:
        length = minutes * pace * dice.lognormvariate(0, 0.3)
        moment += SECOND * max(30, int(length * 60))
        ended.append(moment)
    person.ended = tuple(ended)
    return moment
