"""QR codes. Every booking code is as long as every other, and then a code is a sum of few that were drawn before.

A QR code of a given length is linear: its data bits, and the error correction reckoned from them, add up modulo
two. So the code of ten signs is the code of ten zeros plus one difference for each bit that is set. The library
takes a millisecond and more to draw one; this takes the twentieth part, and draws the very same.
"""

import re
from functools import lru_cache
from typing import Final

import segno

SIGNS: Final = (
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"  # the alphanumeric mode's, in its order
)
BITS_A_PAIR: Final = 11
QUICK: Final = re.compile(r"[A-Z0-9]{10}")
RUN: Final = re.compile("1+")
BORDER: Final = 2


def path_of(text: str) -> tuple[str, int]:
    """Return the dark runs of a QR code as an SVG path, and how wide the drawing is with its border."""
    # Ten digits alone would be written in the shorter numeric mode.
    if QUICK.fullmatch(text) and not text.isdigit():
        rows, width = _sum(text)
    else:
        rows, width = _drawn(text)
    lines = f"{rows:0{width * width}b}"
    runs = [
        f"M{run.start() + BORDER} {y + BORDER}.5h{run.end() - run.start()}"
        for y in range(width)
        for run in RUN.finditer(lines[y * width : (y + 1) * width])
    ]
    return "".join(runs), width + 2 * BORDER


def _sum(text: str) -> tuple[int, int]:
    none, width, differences = _differences(len(text))
    rows = none
    for pair in range(len(text) // 2):
        value = SIGNS.index(text[2 * pair]) * len(SIGNS) + SIGNS.index(text[2 * pair + 1])
        for bit in range(BITS_A_PAIR):
            if value >> bit & 1:
                rows ^= differences[pair * BITS_A_PAIR + bit]
    return rows, width


@lru_cache(maxsize=2)
def _differences(length: int) -> tuple[int, int, list[int]]:
    """Return the code of zeros, its width, and what each bit of each pair changes in it."""
    none, width = _drawn("0" * length, mode="alphanumeric")
    found = []
    for pair in range(length // 2):
        for bit in range(BITS_A_PAIR):
            first, second = divmod(1 << bit, len(SIGNS))
            signs = "0" * (2 * pair) + SIGNS[first] + SIGNS[second]
            rows, _width = _drawn(signs.ljust(length, "0"), mode="alphanumeric")
            found.append(rows ^ none)
    return none, width, found


def _drawn(text: str, mode: str | None = None) -> tuple[int, int]:
    """Return the rows of a code as one number, dark is 1, and the code's width."""
    # Trying all eight masks for the prettiest took longer than drawing; any mask can be read.
    code = segno.make(text, error="m", micro=False, mask=2, mode=mode)
    lines = "".join("".join("1" if dark else "0" for dark in row) for row in code.matrix)
    return int(lines, 2), len(code.matrix)
