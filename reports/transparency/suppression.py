"""Suppression of small counts in public breakdowns of people. Pure: no database, no clock."""

from collections.abc import Mapping
from typing import Final, TypeVar

# Fewer people than this could be recognised (domain facts: suppressed under 5).
LEAST: Final = 5
K = TypeVar("K")


def suppressed(counts: Mapping[K, int]) -> dict[K, int | None]:
    """Return the counts with small ones replaced by None. Categories without people are left out.

    The sum of the counts is public. One hidden count could be computed from it and the others, and
    two hidden counts of 1 and 2 would still say that fewer than five people are concerned. Further
    counts, smallest first, are therefore hidden until at least two are hidden and they have at least
    `LEAST` people together. If that is impossible, all are hidden.
    """
    present = {key: count for key, count in counts.items() if count}
    hidden = {key for key, count in present.items() if count < LEAST}
    rest = sorted((key for key in present if key not in hidden), key=lambda key: present[key])
    while hidden and rest and not _is_safe(hidden, present):
        hidden.add(rest.pop(0))
    return {key: None if key in hidden else count for key, count in present.items()}


def _is_safe(hidden: set[K], present: Mapping[K, int]) -> bool:
    return len(hidden) > 1 and sum(present[key] for key in hidden) >= LEAST
