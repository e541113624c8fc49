"""Queueing theory and days for which it is exact: `python -m tests.reports.simulation.theory`.

Prints the table of docs/simulation.md: the mean wait of the simulation and of Erlang's formula.
"""

from dataclasses import dataclass
from math import factorial
from typing import Final

from counters.queue.order import Terms
from quotas.capacity.rates import Counter, DayResources, Shift
from reports.simulation.days import Arrivals, CounterPlace, Service, SimulationDay
from reports.simulation.runs import in_processes

PAIR: Final = ("walk_in", 1)
# Long enough that the empty start of a day weighs nothing after the warm-up.
LENGTH, WARM_UP, MEAN = 60_000, 3_000, 10.0
CASES: Final = ((1, 0.5), (2, 0.7), (4, 0.7), (6, 0.8), (10, 0.8))


def erlang_c(servers: int, load: float) -> float:
    """The chance that a person has to wait with `load` (arrivals times mean length) on servers."""
    busy = load**servers / factorial(servers) * servers / (servers - load)
    return busy / (sum(load**n / factorial(n) for n in range(servers)) + busy)


def mean_wait(servers: int, load: float, mean: float) -> float:
    """The mean wait in an M/M/c queue."""
    return erlang_c(servers, load) * mean / (servers - load)


def endless_day(servers: int, share: float, length: int = LENGTH) -> SimulationDay:
    """A 'day' of weeks: Poisson arrivals, exponential lengths, counters that are busy to a share."""
    span = (0, length)
    people = share * servers / MEAN * length
    return SimulationDay(
        resources=DayResources(
            minutes={1: {"documents": MEAN}},
            spans=(span,),
            counters=tuple(Counter(n, 1) for n in range(servers)),
            shifts=tuple(Shift(span) for _n in range(servers)),
        ),
        arrivals=(Arrivals(*PAIR, span, people, is_booked=False),),
        services={1: Service((("documents", 1.0),), MEAN, 0.0, is_exponential=True)},
        mix={1: ((1, 1.0),)},
        places={n: CounterPlace(1, frozenset({PAIR})) for n in range(servers)},
        terms=Terms(priority_after=2, calls_before_again=3),
        closes=length,
    )


@dataclass(frozen=True)
class Comparison:
    """Waits of the simulation, and by Erlang for the arrivals and lengths that were drawn."""

    people: int
    theory: float
    wait: float
    chance: float
    waits: float


def compare(servers: int, share: float, *, runs: int, length: int = LENGTH) -> Comparison:
    """Simulate and compute. The start of each day, when the office is still empty, is left out."""
    day = endless_day(servers, share, length)
    with in_processes(day.people * runs) as run:
        days = run(day, runs)
    skipped = int(day.people * WARM_UP / length)
    waits = [wait for one in days for wait in one.waits[skipped:]]
    came = sum(one.arrived for one in days)
    minutes = sum(sum(one.visits) - sum(one.waits) for one in days)
    load, mean = minutes / (runs * length), minutes / came
    return Comparison(
        people=len(waits),
        theory=mean_wait(servers, load, mean),
        wait=sum(waits) / len(waits),
        chance=erlang_c(servers, load),
        waits=sum(wait > 0 for wait in waits) / len(waits),
    )


def main() -> None:
    print(
        "| Counters | Busy | People | Mean wait, Erlang C | Simulated | Difference | People who wait, Erlang C | Simulated |"
    )
    print("|---:|---:|---:|---:|---:|---:|---:|---:|")
    for servers, share in CASES:
        one = compare(servers, share, runs=90 // servers + 12)
        print(
            f"| {servers} | {share:.0%} | {one.people:,} | {one.theory:.3f} min | {one.wait:.3f} min "
            f"| {one.wait / one.theory - 1:+.1%} | {one.chance:.1%} | {one.waits:.1%} |"
        )


if __name__ == "__main__":
    main()
