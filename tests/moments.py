"""Difficult moments for the tests to run at, and the choice of one by a commit's id.

`python -m tests.moments <commit>` prints the moment of that commit, `python -m tests.moments` all of them.
"""

import sys
from typing import Final

MOMENTS: Final = (
    "2026-12-06T10:00:00+07:00",  # a Sunday
    "2026-11-27T13:59:00+07:00",  # a Friday, one minute before the weekly release
    "2026-12-31T23:58:00+07:00",  # the year changes during the run
    "2028-02-29T09:00:00+07:00",
    "2027-03-10T09:00:00+07:00",  # Idul Fitri, a national holiday
    "2026-12-02T06:59:00+07:00",  # the UTC date changes during the run
    "2026-12-02T07:01:00+07:00",  # the UTC date has just changed
)


def moment_for(commit: str) -> str:
    """Return the moment for a commit, given by its hexadecimal id."""
    return MOMENTS[int(commit, 16) % len(MOMENTS)]


if __name__ == "__main__":
    print("\n".join(map(moment_for, sys.argv[1:]) if sys.argv[1:] else MOMENTS))
