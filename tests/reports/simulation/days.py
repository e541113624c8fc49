"""A small office's day for the simulation, without a database."""

from dataclasses import replace
from typing import Any, Final

from counters.queue.order import Terms
from quotas.capacity.rates import Counter, DayResources, Device, Shift
from reports.simulation.days import Arrivals, CounterPlace, Service, SimulationDay

HOURS: Final = ((480, 540), (540, 600), (600, 660), (660, 720), (780, 840), (840, 900))
OPENING: Final = ((480, 720), (780, 900))
STAGES: Final = (("documents", 0.3), ("interview", 0.4), ("photo", 0.3))
CITIZENS: Final = 1
PAIRS: Final = frozenset((lane, CITIZENS) for lane in ("online", "priority", "walk_in"))


def make_day(
    *,
    quota: int = 75,
    counters: int = 4,
    minutes: float = 15.0,
    priority: float = 0.0,
    walk_in: float = 0.0,
    cameras: int = 0,
    **fields: Any,
) -> SimulationDay:
    """An office 08-12 and 13-15 with one hall and as many officers as counters."""
    desk = [
        Arrivals(lane, CITIZENS, hour, people / len(HOURS), is_booked=False)
        for lane, people in (("priority", priority), ("walk_in", walk_in))
        for hour in HOURS
        if people
    ]
    day = SimulationDay(
        resources=DayResources(
            minutes={1: {stage: share * minutes for stage, share in STAGES}},
            spans=OPENING,
            counters=tuple(Counter(number, 1) for number in range(1, counters + 1)),
            devices=tuple(Device(n, "camera", "photo") for n in range(1, cameras + 1)),
            shifts=tuple(Shift((480, 900)) for _officer in range(counters)),
        ),
        arrivals=(*(Arrivals("online", CITIZENS, hour, 0) for hour in HOURS), *desk),
        services={1: Service(STAGES, minutes, 0.35)},
        mix={CITIZENS: ((1, 1.0),)},
        places={number: CounterPlace(1, PAIRS) for number in range(1, counters + 1)},
        terms=Terms(priority_after=2, calls_before_again=3),
        closes=900,
        group=CITIZENS,
    )
    return replace(day.with_quota(quota), **fields)
