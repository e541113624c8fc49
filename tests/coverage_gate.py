"""Branch coverage for each app, and the least that is accepted: `python -m tests.coverage_gate REPORT.json`."""

import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Final

LEAST: Final = 85.0
LEAST_OF: Final = {"booking": 92.0, "quotas": 92.0, "counters": 92.0, "offices": 92.0}
# Started by hand or in processes of their own, which the measurement does not reach.
NOT_MEASURED: Final = {"benchmarks", "devtools"}


def coverage_by_app(report: dict[str, dict[str, dict[str, dict[str, int]]]]) -> dict[str, float]:
    """Return the percent of lines and branches that ran, for each app."""
    ran: dict[str, int] = defaultdict(int)
    total: dict[str, int] = defaultdict(int)
    for path, file in report["files"].items():
        app, figures = Path(path).parts[0], file["summary"]
        ran[app] += figures["covered_lines"] + figures["covered_branches"]
        total[app] += figures["num_statements"] + figures["num_branches"]
    return {app: 100 * ran[app] / total[app] for app in sorted(total) if total[app]}


def main(path: str) -> int:
    """Print the coverage of each app; return 1 if one is below its least."""
    is_below = False
    for app, percent in coverage_by_app(json.loads(Path(path).read_text())).items():
        least = 0.0 if app in NOT_MEASURED else LEAST_OF.get(app, LEAST)
        is_below |= percent < least
        print(
            f"{app:16} {percent:5.1f} %  at least {least:.0f} %{'  BELOW' if percent < least else ''}"
        )
    return int(is_below)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
