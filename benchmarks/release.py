"""One measured release: every applicant reads the slot page, posts, and reads the ticket or the refusal."""

import os
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg2

from benchmarks import pgbench
from benchmarks.checkout import Checkout, Load, Phase, load_client
from benchmarks.client import Answer
from benchmarks.cpu import Meter
from benchmarks.figures import Details, Figures, percentile, table
from benchmarks.stores import Stores
from passport_office.stack.places import free_port

SEE_OTHER: Final = (302, 303)
OK: Final = 200
CONFLICT: Final = 409
BOOKINGS: Final = "/bookings/"
WARM_UPS: Final = 128
WARM_UP_CLIENTS: Final = 32
SETTLE_SECONDS: Final = 1.2
MOST_REFUSALS: Final = 600


@dataclass(frozen=True)
class Outcome:
    """The figures of a release and what `verify` reports afterwards."""

    figures: Figures
    details: Details
    breaches: str

    def faults(self) -> list[str]:
        """Why this run fails or is void, each as a sentence."""
        return [*self.figures.faults(), *filter(None, [self.breaches])]

    def table(self) -> str:
        return table(self.figures, self.details)


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

    def refusals(self) -> int:
        return sum(answer.status == CONFLICT for answer in self.book.answers)

    def errors(self) -> int:
        """Answers that were neither what was requested nor a refusal."""
        pages = sum(answer.status != OK for answer in [*self.page.answers, *self.ticket.answers])
        late = sum(answer.status != CONFLICT for answer in self.refused.answers)
        return pages + late + len(self.book.answers) - len(self.won()) - self.refusals()

    def sold_at(self) -> float:
        """The moment the last place was taken, as its buyer learnt it."""
        return max((answer.ended for answer in self.won()), default=self.book.ended)


def is_won(answer: Answer) -> bool:
    """True for a redirect to a ticket; a redirect to another page is an error."""
    return answer.status in SEE_OTHER and answer.location.startswith(BOOKINGS)


def prepare_database(root: Path, stores: Stores) -> None:
    """Create the tables, and load what all offices share."""
    with tempfile.TemporaryDirectory(prefix="passport-bench-") as folder:
        checkout = Checkout.prepare(root, stores, folder)
        checkout.run("manage.py", "migrate", "--verbosity", "0")
        checkout.run("manage.py", "load_scenario", "scenarios/national.yaml")


def run_release(
    root: Path, stores: Stores, *, applicants: int, places: int, clients: int
) -> Outcome:
    """Measure one release of the checkout at `root` in a prepared database. Raises BenchError if it cannot."""
    with tempfile.TemporaryDirectory(prefix="passport-bench-") as folder:
        port = free_port()
        checkout = Checkout.prepare(root, stores, folder, PORT=str(port))
        bare_rate = pgbench.booking_rate(stores.database_url)
        world = checkout.build_world(applicants=applicants, places=places)
        with checkout.web_server(port) as web, load_client(world["headers"]) as load:
            roots = [web.pid, stores.postmaster, stores.redis_pid]
            with Meter(roots, excluded=stores.other_sessions()) as meter:
                phases = _measure(load, port, stores, world["people"], clients)
        is_complete = bool(stores.postmaster and stores.redis_pid)
        details = _details(phases, meter if is_complete else None, bare_rate)
        figures = _figures(phases, details, stores, places=places, clients=clients)
        return Outcome(figures=figures, details=details, breaches=checkout.verify())


def _measure(
    load: Load, port: int, stores: Stores, people: list[dict[str, str]], clients: int
) -> Phases:
    pages = [{"path": person["page"], "headers": person["headers"]} for person in people]
    warm_up = (pages * WARM_UPS)[:WARM_UPS]
    forms = [
        {"path": person["book"], "headers": person["headers"], "body": person["body"]}
        for person in people
    ]

    def transactions() -> int:
        # A session reports its transactions at most once a second, and only when it works.
        time.sleep(SETTLE_SECONDS)
        load.send(port, "GET", warm_up, clients=WARM_UP_CLIENTS)
        return stores.transactions()

    load.send(port, "GET", warm_up, clients=WARM_UP_CLIENTS)
    page = load.send(port, "GET", pages, clients=clients)
    before = transactions()
    book = load.send(port, "POST", forms, clients=clients)
    after = transactions()
    tickets = [
        {"path": answer.location, "headers": person["headers"]}
        for person, answer in zip(people, book.answers, strict=True)
        if is_won(answer)
    ]
    late = [
        form for form, answer in zip(forms, book.answers, strict=True) if answer.status == CONFLICT
    ]
    return Phases(
        page=page,
        book=book,
        ticket=load.send(port, "GET", tickets, clients=clients),
        refused=load.send(port, "POST", late[:MOST_REFUSALS], clients=clients),
        transactions=after - before,
    )


def _details(phases: Phases, meter: Meter | None, bare_rate: float) -> Details:
    """Processor milliseconds by kind of request; None where nothing was measured."""

    def cost(phase: Phase, ended: float, count: int) -> float | None:
        if meter is None or not count:
            return None
        return meter.between(phase.began, ended) / count * 1000

    page, book, ticket, refused = phases.page, phases.book, phases.ticket, phases.refused
    return Details(
        page_cpu_ms=cost(page, page.ended, len(page.answers)),
        booking_cpu_ms=cost(book, phases.sold_at(), len(phases.won())),
        ticket_cpu_ms=cost(ticket, ticket.ended, len(ticket.answers)),
        refused_cpu_ms=cost(refused, refused.ended, len(refused.answers)),
        pgbench_per_s=bare_rate,
    )


def _figures(
    phases: Phases, details: Details, stores: Stores, *, places: int, clients: int
) -> Figures:
    book, won = phases.book, len(phases.won())
    seconds = phases.sold_at() - book.began
    measured = (phases.page, book, phases.ticket)
    waits = [
        (answer.ended - answer.started) * 1000 for phase in measured for answer in phase.answers
    ]
    costs = [details.page_cpu_ms, details.booking_cpu_ms, details.ticket_cpu_ms]
    return Figures(
        places=places,
        applicants=len(book.answers),
        clients=clients,
        booked=won,
        bookings_in_db=_bookings_in(stores.database_url),
        refused=phases.refusals(),
        errors=phases.errors(),
        seconds=seconds,
        bookings_per_s=won / seconds,
        answers_per_s=book.rate,
        p50_ms=percentile(waits, 50),
        p95_ms=percentile(waits, 95),
        p99_ms=percentile(waits, 99),
        cpu_ms_per_booking=None if None in costs else sum(cost or 0.0 for cost in costs),
        db_tx_per_s=phases.transactions / book.seconds,
        ratio=won / seconds / details.pgbench_per_s,
        client_cpu_share=sum(phase.client_seconds for phase in measured)
        / sum(phase.seconds for phase in measured)
        / (os.cpu_count() or 1),
    )


def _bookings_in(database_url: str) -> int:
    sql = "SELECT count(*) FROM booking_booking WHERE status = 'booked' AND place_id IS NOT NULL"
    with closing(psycopg2.connect(database_url)) as connection, connection.cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0])


def as_row(outcome: Outcome) -> dict[str, float]:
    """The figures that `compare` shows, by name."""
    figures = {name: float(value or 0) for name, value in outcome.figures.as_json().items()}
    costs = {name: float(value or 0) for name, value in vars(outcome.details).items()}
    return {**figures, **costs, "oversold": float(outcome.figures.oversold)}
