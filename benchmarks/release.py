"""One measured release: every applicant reads the slot page, posts, and reads the ticket or the refusal."""

import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any, Final

import django
import psycopg2

from benchmarks import pgbench
from benchmarks.checkout import HERE, Checkout, Load, Phase, load_client
from benchmarks.client import Answer
from benchmarks.stores import Stores, embedded_servers
from devtools.stack.places import free_port
from devtools.stack.processor import Meter
from devtools.stack.valkey import Valkey

SIZES: Final = {"applicants": 2000, "places": 375, "clients": 200}
WARM_UPS: Final = 128
WARM_UP_CLIENTS: Final = 32
SETTLE_SECONDS: Final = 1.2
MOST_REFUSALS: Final = 600
MOST_CLIENT_SHARE: Final = 0.35
NAMES: Final = (
    "places applicants clients booked bookings_in_db refused errors seconds bookings_per_s answers_per_s "
    "p50_ms p95_ms p99_ms cpu_ms_per_booking db_tx_per_s ratio client_cpu_share"
)
JSON_KEYS: Final = tuple(NAMES.split())


@dataclass(frozen=True)
class Outcome:
    """All figures of a release by name, and what `verify` reports afterwards."""

    figures: dict[str, float]
    breaches: str

    def as_json(self) -> dict[str, float]:
        return {name: round(self.figures[name], 4) for name in JSON_KEYS}

    def faults(self) -> list[str]:
        """Why this run fails or is void, each as a sentence."""
        f = self.figures
        expected, in_database = min(f["places"], f["applicants"]), f["bookings_in_db"]
        faults = [self.breaches] if self.breaches else []
        if not f["booked"] == in_database == expected:
            counts = f"{f['booked']} confirmed, {in_database} are in the database"
            faults.append(f"{counts}, {expected} expected.")
        if f["errors"]:
            faults.append(f"{f['errors']} answers were neither a booking nor a refusal.")
        if f["client_cpu_share"] > MOST_CLIENT_SHARE:
            faults.append(f"The load client used {f['client_cpu_share']:.0%} of the machine: void.")
        return faults


@dataclass(frozen=True)
class Phases:
    """The measured phases in their order."""

    page: Phase
    book: Phase
    ticket: Phase
    refused: Phase
    transactions: int

    def won(self) -> list[Answer]:
        return [answer for answer in self.book.answers if is_won(answer)]

    def errors(self) -> int:
        """Answers that were neither what was requested nor a refusal."""
        pages = sum(answer.status != 200 for answer in [*self.page.answers, *self.ticket.answers])
        posts = sum(answer.status != 409 for answer in [*self.book.answers, *self.refused.answers])
        return pages + posts - len(self.won())

    def sold_at(self) -> float:
        """The time the last place was taken, as its buyer learnt it."""
        return max((answer.ended for answer in self.won()), default=self.book.ended)


def is_won(answer: Answer) -> bool:
    """True for a redirect to a ticket; a redirect to another page is an error."""
    return answer.status in (302, 303) and answer.location.startswith("/bookings/")


def percentile(values: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile: always a measured value; 0 for an empty list."""
    ordered = sorted(values)
    return ordered[max(1, ceil(len(ordered) * percent / 100)) - 1] if ordered else 0.0


def prepare_database(root: Path, stores: Stores, **env: str) -> None:
    """Create the tables, and load what all offices share."""
    with tempfile.TemporaryDirectory(prefix="passport-bench-") as folder:
        checkout = Checkout.prepare(root, stores, folder, **env)
        checkout.run("manage.py", "migrate", "--verbosity", "0")
        checkout.run("manage.py", "load_scenario", "scenarios/national.yaml")


@contextmanager
def own_project(**env: str) -> Iterator[tuple[Checkout, Valkey]]:
    """This checkout in a prepared database on servers of its own, with Django set up for it in this process."""
    with embedded_servers() as (postgres, valkey), tempfile.TemporaryDirectory() as folder:
        stores = Stores(postgres.url, valkey.url, (), None)
        env |= {"PROMETHEUS_MULTIPROC_DIR": f"{folder}/metrics"}
        checkout = Checkout.prepare(HERE.parent, stores, folder, **env)
        prepare_database(HERE.parent, stores)
        os.environ.update(checkout.env)
        django.setup()
        yield checkout, valkey


def run_release(
    root: Path, stores: Stores, *, applicants: int, places: int, clients: int
) -> Outcome:
    """Measure one release of the checkout at `root` in a prepared database. Raises BenchError if it cannot."""
    with tempfile.TemporaryDirectory(prefix="passport-bench-") as folder:
        port = free_port()
        checkout = Checkout.prepare(root, stores, folder, PORT=str(port))
        bare_rate = pgbench.booking_rate(stores.database_url)
        world = checkout.build_world(applicants=applicants, places=places)
        with (
            checkout.web_server(port) as web,
            load_client(world["headers"]) as load,
            Meter([web.pid, *stores.pids], excluded=stores.other_sessions()) as meter,
        ):
            phases = _measure(load, port, stores, world["people"], clients)
        figures = _figures(phases, meter, bare_rate)
        figures |= {"places": places, "applicants": applicants, "clients": clients}
        figures["bookings_in_db"] = _bookings_in(stores.database_url)
        figures["oversold"] = max(0, figures["bookings_in_db"] - places)
        return Outcome(figures=figures, breaches=checkout.verify())


def _measure(
    load: Load, port: int, stores: Stores, people: list[dict[str, str]], clients: int
) -> Phases:
    pages = [{"path": person["page"], "headers": person["headers"]} for person in people]
    forms = [{**person, "path": person["book"]} for person in people]

    def warm_up() -> None:
        load.send(port, "GET", (pages * WARM_UPS)[:WARM_UPS], clients=WARM_UP_CLIENTS)

    def transactions() -> int:
        # A session reports its transactions at most once a second, and only when it works.
        time.sleep(SETTLE_SECONDS)
        warm_up()
        return stores.transactions()

    warm_up()
    page = load.send(port, "GET", pages, clients=clients)
    before = transactions()
    book = load.send(port, "POST", forms, clients=clients)
    after = transactions()
    results = list(zip(forms, book.answers, strict=True))
    tickets = [{**form, "path": answer.location} for form, answer in results if is_won(answer)]
    late = [form for form, answer in results if answer.status == 409][:MOST_REFUSALS]
    return Phases(
        page=page,
        book=book,
        ticket=load.send(port, "GET", tickets, clients=clients),
        refused=load.send(port, "POST", late, clients=clients),
        transactions=after - before,
    )


def _figures(phases: Phases, meter: Meter, bare_rate: float) -> dict[str, float]:
    """Rates are per second; `seconds` from the first POST to the last place; costs in milliseconds of processor."""
    book, won = phases.book, len(phases.won())
    seconds = phases.sold_at() - book.began
    measured = (phases.page, book, phases.ticket)
    waits = [answer.milliseconds for phase in measured for answer in phase.answers]
    costs = {
        "page_cpu_ms": _cost(meter, phases.page),
        "booking_cpu_ms": meter.between(book.began, phases.sold_at()) / max(1, won) * 1000,
        "ticket_cpu_ms": _cost(meter, phases.ticket),
    }
    return {
        "booked": won,
        "refused": sum(answer.status == 409 for answer in book.answers),
        "errors": phases.errors(),
        "seconds": seconds,
        "bookings_per_s": won / seconds,
        "answers_per_s": book.rate,
        **{f"p{percent}_ms": percentile(waits, percent) for percent in (50, 95, 99)},
        **costs,
        "cpu_ms_per_booking": sum(costs.values()),
        "refused_cpu_ms": _cost(meter, phases.refused),
        "db_tx_per_s": phases.transactions / book.seconds,
        "pgbench_per_s": bare_rate,
        "ratio": won / seconds / bare_rate,
        "client_cpu_share": sum(phase.client_seconds for phase in measured)
        / sum(phase.seconds for phase in measured)
        / (os.cpu_count() or 1),
    }


def _cost(meter: Meter, phase: Phase) -> float:
    return meter.between(phase.began, phase.ended) / max(1, len(phase.answers)) * 1000


def _bookings_in(database_url: str) -> int:
    sql = "SELECT count(*) FROM booking_booking WHERE status = 'booked' AND place_id IS NOT NULL"
    connection: Any = psycopg2.connect(database_url)
    with closing(connection), connection.cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0])
