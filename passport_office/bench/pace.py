"""Whether a door kept its pace: how many it let in over every few seconds, beside what was set.

The door is what the server told of it; the people are all who had a ticket, by places that were reckoned anew.
Every stretch of some seconds is looked at, not what was let in since the opening: a door that stops late would
be hidden by all that it let in before.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Final

MOST_ERROR: Final = 0.10
SHORTEST_SECONDS: Final = 10
# So many standard deviations have to fit below the bound, or chance would decide who passes.
LEAST_CERTAINTY: Final = 5
# A stop of five seconds would be less than a tenth of fifty.
LONGEST_SECONDS: Final = 40
Told = tuple[float, float]


@dataclass(frozen=True)
class Pace:
    """What was seen of a door. Errors are shares of what was set; `chance` is one standard deviation."""

    seconds: int
    stretches: int
    rate: float
    largest_error: float
    worst_at: int
    chance: float


def stretch_seconds(*, people: int, parts: int, rate: float) -> int:
    """Return over how many seconds to look, so that chance is far below the bound."""
    return max(
        SHORTEST_SECONDS, ceil(LEAST_CERTAINTY * _scatter(people, parts) / (MOST_ERROR * rate))
    )


def _scatter(people: int, parts: int) -> float:
    """Return by how many people chance may move a stretch (one standard deviation, at most).

    Chance is left within the part of the lots that the door is passing at either end.
    """
    return sqrt(people / parts / 2)


def pace_of(
    told: Sequence[Told], *, places: Sequence[float], rate: float, parts: int, until: int
) -> Pace:
    """Look at a door. `told` holds moments (seconds since the opening) with how far it was said to be by then.

    `places` are everyone's, sorted. Nothing is looked at beyond the last place or the last word.
    """
    door = [(0.0, 0.0), *sorted(row for row in told if row[0] > 0)]
    last = min(until, int(door[-1][0]), int(len(places) / rate))
    let_in = [bisect_left(places, _reached(door, at)) for at in range(last + 1)]
    seconds = stretch_seconds(people=len(places), parts=parts, rate=rate)
    errors = [
        (abs(let_in[at] - let_in[at - seconds] - rate * seconds) / (rate * seconds), at)
        for at in range(seconds, last + 1)
    ]
    largest, worst_at = max(errors, default=(0.0, 0))
    return Pace(
        seconds=seconds,
        stretches=len(errors) if seconds <= LONGEST_SECONDS else 0,
        rate=let_in[last] / last if last else 0.0,
        largest_error=largest,
        worst_at=worst_at,
        chance=_scatter(len(places), parts) / (rate * seconds),
    )


def _reached(door: Sequence[Told], at: float) -> float:
    """Return how far the door was at a moment, between what was told before and after it."""
    after = bisect_right(door, (at, float("inf")))
    if after == len(door):
        return door[-1][1]
    (began, reached), (ended, further) = door[after - 1], door[after]
    return reached + (further - reached) * (at - began) / (ended - began)
