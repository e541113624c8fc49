"""The part of many similar cases that one run of `make test` takes; each commit's id chooses another part.

`make test-long` takes all of them. TEST_SAMPLE, a commit's id, repeats the choice of another commit.
"""

import os
import subprocess
from functools import cache
from zlib import crc32

from devtools.stack.state import ROOT


@cache
def turn() -> int:
    """Return the number of the checkout's commit, or 0 without git."""
    given = os.environ.get("TEST_SAMPLE")
    if given:
        return int(given, 16)
    try:
        done = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
        )
    except OSError:  # git is not installed
        return 0
    return int(done.stdout, 16) if done.returncode == 0 else 0


def is_in_turn(case: str, *, of: int) -> bool:
    """Return whether a case belongs to the present part, one of as many parts as given."""
    return crc32(case.encode()) % of == turn() % of
