"""Dividing a day's places over its slots and, where a rule says so, over its tranches."""

from collections.abc import Sequence
from decimal import Decimal


def spread(total: int, lengths: Sequence[int]) -> list[int]:
    """Divide a day's places by the length of its slots, the remainder to the earliest."""
    whole = sum(lengths)
    shares = [total * length // whole for length in lengths]
    for position in range(total - sum(shares)):
        shares[position] += 1
    return shares


def tranche_sizes(total: int, percents: Sequence[Decimal]) -> list[int]:
    """Divide a day's places over its tranches, rounded down; the last one takes the remainder."""
    sizes = [int(total * percent // 100) for percent in percents]
    sizes[-1] += total - sum(sizes)
    return sizes


def deal(counts: Sequence[int], sizes: Sequence[int]) -> list[list[int]]:
    """Return how many places of each slot each tranche gets, so that every slot has a share in each tranche.

    The places are put in one line in which those of each slot are spaced evenly, and cut by
    `sizes`.
    """
    marks = [
        ((2 * step + 1) / (2 * count), slot)
        for slot, count in enumerate(counts)
        for step in range(count)
    ]
    line = [slot for _mark, slot in sorted(marks)]
    dealt, start = [], 0
    for size in sizes:
        mine = line[start : start + size]
        dealt.append([mine.count(slot) for slot in range(len(counts))])
        start += size
    return dealt
