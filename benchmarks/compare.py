"""Before and after with one client: `python -m benchmarks.compare OLD_CHECKOUT NEW_CHECKOUT --rounds 5`.

Both checkouts are measured by this benchmark's client, world and meters, in alternating rounds against the same
PostgreSQL and Redis servers; each round starts from a fresh copy of the checkout's migrated, empty database.
"""

import argparse
import statistics
import sys
from pathlib import Path

from benchmarks.release import prepare_database, run_release
from benchmarks.stores import NAME, BenchError, own_stores, servers

SHOWN = [
    "cpu_ms_per_booking",
    "page_cpu_ms",
    "booking_cpu_ms",
    "ticket_cpu_ms",
    "refused_cpu_ms",
    "ratio",
    "bookings_per_s",
    "pgbench_per_s",
    "answers_per_s",
    "seconds",
    "p50_ms",
    "p99_ms",
    "errors",
    "oversold",
    "client_cpu_share",
]
Rows = list[dict[str, float]]


def compare(roots: list[Path], *, rounds: int, applicants: int, places: int, clients: int) -> bool:
    """Print the table; False if any round had a fault."""
    rows: list[Rows] = [[], []]
    is_clean = True
    with (
        servers() as (database_url, redis_url),
        own_stores(database_url=database_url, redis_url=redis_url) as stores,
    ):
        templates = [f"{NAME}_{side}" for side in ("old", "new")]
        try:
            for root, template in zip(roots, templates, strict=True):
                stores.recreate()
                prepare_database(root, stores)
                stores.rename_database(template)
            for number in range(rounds):
                for side in (0, 1) if number % 2 == 0 else (1, 0):
                    stores.recreate(template=templates[side])
                    outcome = run_release(
                        roots[side], stores, applicants=applicants, places=places, clients=clients
                    )
                    rows[side].append(outcome.figures)
                    for fault in outcome.faults():
                        is_clean = False
                        print(f"round {number + 1}, {roots[side]}: {fault}", flush=True)
                print(f"round {number + 1} of {rounds} done", file=sys.stderr, flush=True)
        finally:
            for template in templates:
                stores.drop(template)
    print("\n".join(lines(*rows)))
    return is_clean


def lines(old: Rows, new: Rows) -> list[str]:
    """One line per figure: median and range of both sides."""
    header = f"{'median (lowest to highest)':<26} {'old':>32} {'new':>32}"
    return [header, *(f"{name:<26} {_cell(old, name)} {_cell(new, name)}" for name in SHOWN)]


def _cell(rows: Rows, name: str) -> str:
    values = [row[name] for row in rows]
    text = f"{statistics.median(values):.3f} ({min(values):.3f} to {max(values):.3f})"
    return f"{text:>32}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    for name, value in (("rounds", 5), ("applicants", 2000), ("places", 375), ("clients", 200)):
        parser.add_argument(f"--{name}", type=int, default=value)
    given = vars(parser.parse_args())
    roots = [given.pop("old").resolve(), given.pop("new").resolve()]
    try:
        return 0 if compare(roots, **given) else 1
    except BenchError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
