"""The figures of the two promises: how often each was kept, and what took the time."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from offices.promises import Outcome

# A measured value is shown from this many stages on: with fewer, chance decides.
LEAST_STAGES: Final = 30
# Twice the standard error: nineteen of twenty differences that are only chance stay below it.
STANDARD_ERRORS: Final = 1.96


@dataclass(frozen=True)
class Kept:
    """How often a promise was kept.

    `late`: done after the time. `unserved`: not done, and the time is over. The others do not count:
    `open` still has time, `left` went by themselves in time, `sent_home` was not served until closing but
    had waited less than the promised time, `refused` showed a ticket in another name.
    """

    kept: int = 0
    late: int = 0
    unserved: int = 0
    open: int = 0
    left: int = 0
    sent_home: int = 0
    refused: int = 0

    @classmethod
    def of(cls, counts: Mapping[str, int]) -> "Kept":
        """Return the figure of counts by outcome."""
        return cls(**{str(one): counts.get(one, 0) for one in Outcome})

    @property
    def broken(self) -> int:
        return self.late + self.unserved

    @property
    def total(self) -> int:
        """Everything that counts: kept and broken."""
        return self.kept + self.broken

    @property
    def rate(self) -> float | None:
        """The share that was kept, from 0 to 1; None if nothing counts yet."""
        return self.kept / self.total if self.total else None

    def __add__(self, other: "Kept") -> "Kept":
        return Kept(**{str(one): getattr(self, one) + getattr(other, one) for one in Outcome})


def total_of(rows: Iterable[Kept]) -> Kept:
    """Return the sum of several figures."""
    return sum(rows, Kept())


@dataclass(frozen=True)
class Part:
    """One part of a visit or of a passport's production, in mean minutes.

    `kept`, `late`: the mean of those in time and of those too late; None without any. `standard`: the
    standard minutes, weighted by the services done; None for waiting.
    """

    code: str
    all: float | None
    kept: float | None
    late: float | None
    standard: float | None = None

    @property
    def excess(self) -> float | None:
        """By how much longer this part took those who were too late."""
        if self.late is None:
            return None
        return self.late - (self.kept or 0.0)


def costliest(parts: Sequence[Part]) -> Part | None:
    """Return the part that takes the late ones most more time than the others; None if nobody was late."""
    late = [part for part in parts if part.excess is not None and part.excess > 0]
    return max(late, key=lambda part: part.excess or 0.0, default=None)


@dataclass(frozen=True)
class Cause:
    """One cause of broken promises. `reason` is a name from the list, or "" with a `code` of our own."""

    code: str
    reason: str
    count: int


@dataclass(frozen=True)
class Spread:
    """Counts by step: `in_time` and `broken` for steps 1, 2, …; the last step has no upper end."""

    in_time: tuple[int, ...]
    broken: tuple[int, ...]

    @classmethod
    def of(cls, counts: Mapping[tuple[int, bool], int], steps: int) -> "Spread":
        """Return the counts of (step, was kept), with everything beyond the last step in it."""
        sums: Counter[tuple[int, bool]] = Counter()
        for (step, is_kept), count in counts.items():
            sums[min(max(step, 0), steps - 1), is_kept] += count
        return cls(
            tuple(sums[step, True] for step in range(steps)),
            tuple(sums[step, False] for step in range(steps)),
        )


@dataclass(frozen=True)
class Work:
    """An officer's stages against the time that their mix of services and stages takes.

    Minutes. `expected`: for each stage the mean of the other officers, or the standard where they did
    too few. `margin`: a difference up to here may be chance.
    """

    officer: str
    stages: int
    services: int
    by_stage: Mapping[str, int]
    actual: float
    expected: float
    margin: float

    @property
    def is_enough(self) -> bool:
        """True if enough stages were measured to compare."""
        return self.stages >= LEAST_STAGES and self.expected > 0

    @property
    def ratio(self) -> float | None:
        """Actual by expected time; None with too few stages."""
        return self.actual / self.expected if self.is_enough else None

    @property
    def verdict(self) -> str:
        """ "few", "as_expected", "longer" or "shorter"."""
        if not self.is_enough:
            return "few"
        difference = self.actual - self.expected
        if abs(difference) <= self.margin:
            return "as_expected"
        return "longer" if difference > 0 else "shorter"
