"""Before and after with one client: `python -m benchmarks.compare OLD_CHECKOUT NEW_CHECKOUT --rounds 5`.

Both checkouts are measured by this benchmark's client, world and meters, in alternating rounds against the same
PostgreSQL and Redis servers; each round starts from a fresh copy of the checkout's migrated, empty database.
"""

import argparse
import sys
from pathlib import Path
from statistics import median

from benchmarks.release import SIZES, prepare_database, run_release
from benchmarks.stores import NAME, BenchError, own_stores, servers

NAMES = (
    "cpu_ms_per_booking page_cpu_ms booking_cpu_ms ticket_cpu_ms refused_cpu_ms ratio bookings_per_s pgbench_per_s "
    "answers_per_s seconds p50_ms p99_ms errors oversold client_cpu_share"
)
Rows = list[dict[str, float]]


def compare(roots: list[Path], *, rounds: int, **sizes: int) -> bool:
    """Print the table; False if any round had a fault."""
    rows: list[Rows] = [[], []]
    faults = []
    templates = [f"{NAME}_old", f"{NAME}_new"]
    sides = list(zip([root.resolve() for root in roots], templates, rows, strict=True))
    with (
        servers() as (database_url, redis_url),
        own_stores(database_url=database_url, redis_url=redis_url) as stores,
    ):
        try:
            for root, template, _rows in sides:
                stores.recreate()
                prepare_database(root, stores)
                stores.rename_database(template)
            for number in range(rounds):
                for root, template, results in sides if number % 2 == 0 else reversed(sides):
                    stores.recreate(template=template)
                    outcome = run_release(root, stores, **sizes)
                    results.append(outcome.figures)
                    faults += [f"round {number + 1}, {root}: {text}" for text in outcome.faults()]
        finally:
            for template in templates:
                stores.drop(template)
    print("\n".join([*lines(*rows), *faults]))
    return not faults


def lines(old: Rows, new: Rows) -> list[str]:
    """One line per figure: median, lowest and highest of both sides."""
    lines = [f"{'median (lowest to highest)':<26} {'old':>32} {'new':>32}"]
    for name in NAMES.split():
        columns = [[row[name] for row in rows] for rows in (old, new)]
        cells = [f"{median(c):.3f} ({min(c):.3f} to {max(c):.3f})" for c in columns]
        lines.append(f"{name:<26} {cells[0]:>32} {cells[1]:>32}")
    return lines


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("roots", nargs=2, type=Path, metavar="CHECKOUT")
    for name, value in {"rounds": 5, **SIZES}.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    return compare(**vars(parser.parse_args()))


if __name__ == "__main__":
    try:
        sys.exit(0 if main() else 1)
    except BenchError as error:
        sys.exit(str(error))
