"""One measured release minute, from an empty database to the last refusal."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg2
from django.conf import settings

from passport_office.bench import bare, processes
from passport_office.bench.client import Answer
from passport_office.bench.figures import Beside, Figures, percentile
from passport_office.bench.meters import Meter
from passport_office.bench.stores import BenchError, Stores, own_stores
from passport_office.stack import places as programs
from passport_office.stack import state

SEE_OTHER: Final = (302, 303)
OK: Final = 200
CONFLICT: Final = 409
PHASE_SECONDS: Final = 180.0
WARM_UPS: Final = 128
# Each for about a second, so that the calendar is drawn anew while it is measured, as often as in any second.
EMPTY_LOOKS: Final = 3_000
CALENDAR_LOOKS: Final = 12_000
LOOKERS: Final = 32
SETTLE_SECONDS: Final = 1.2
Say = Callable[[str], None]


@dataclass(frozen=True)
class Phase:
    """What one phase brought: when it ran, what the crowd itself used, and each answer."""

    began: float
    ended: float
    client_seconds: float
    answers: list[Answer]

    @property
    def seconds(self) -> float:
        return self.ended - self.began

    @property
    def rate(self) -> float:
        return len(self.answers) / self.seconds if self.seconds else 0.0

    def milliseconds(self) -> list[float]:
        return [(answer.ended - answer.started) * 1000 for answer in self.answers]


@dataclass(frozen=True)
class Outcome:
    """The figures, what was measured beside them, and what the laws say of the data afterwards."""

    figures: Figures
    beside: Beside
    breaches: str


class Crowd:
    """The load client, a process of its own that is told one phase at a time."""

    def __init__(self, process: "subprocess.Popen[str]", port: int, headers: str) -> None:
        self.process = process
        self.base = {
            "host": "127.0.0.1",
            "port": port,
            "headers": headers,
            "seconds": PHASE_SECONDS,
        }

    def get(self, items: Iterable[Mapping[str, str]], *, at_a_time: int) -> Phase:
        return self._run("GET", list(items), at_a_time)

    def post(self, items: Iterable[Mapping[str, str]], *, at_a_time: int) -> Phase:
        return self._run("POST", list(items), at_a_time)

    def _run(self, method: str, items: Sequence[Mapping[str, str]], at_a_time: int) -> Phase:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        order = {
            **self.base,
            "method": method,
            "items": items,
            "at_a_time": max(1, min(at_a_time, len(items))),
        }
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise BenchError("The load client ended before its work was done.")
        report = json.loads(line)
        return Phase(
            began=report["began"],
            ended=report["ended"],
            client_seconds=report["processor_seconds"],
            answers=[Answer(*row) for row in report["answers"]],
        )


def run_release(
    *, applicants: int, places: int, clients: int, database_url: str, redis_url: str, say: Say
) -> Outcome:
    """Measure one release minute. Raises BenchError with a sentence when it cannot."""
    with (
        own_stores(database_url=database_url, redis_url=redis_url) as stores,
        ExitStack() as opened,
    ):
        port = programs.free_port()
        env = _environment(stores, port)
        say("Making a database from the migrations ...")
        _python(["manage.py", "migrate", "--verbosity", "0"], env)
        say("Measuring the bare database by pgbench ...")
        bare_rate, sale_seconds = _measure_bare(stores.database_url, places)
        say(f"Signing in {applicants} applicants for {places} places ...")
        world = _build_world(env, applicants=applicants, places=places)
        server = opened.enter_context(processes.web_server(env, port))
        crowd = opened.enter_context(_crowd(port, world["headers"]))
        say(f"The release: {clients} at a time ...")
        roots = [pid for pid in (server.pid, stores.postmaster, stores.redis_pid) if pid]
        with Meter(roots, strangers=stores.strangers()) as meter:
            minute = _storm(crowd, stores, world, clients)
        say("Checking the laws on what came of it ...")
        return Outcome(
            figures=_figures(minute, stores, places, clients, meter, bare_rate),
            beside=_beside(minute, places, meter, stores, bare_rate, sale_seconds),
            breaches=processes.verify(env),
        )


# --- The phases ----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Minute:
    """The phases of a release, in their order."""

    empty: Phase
    calendar: Phase
    page: Phase
    book: Phase
    ticket: Phase
    transactions: int
    bookings: str

    def won(self) -> list[Answer]:
        return [row for row in self.book.answers if self.is_won(row)]

    def refused(self) -> list[Answer]:
        return [row for row in self.book.answers if row.status == CONFLICT]

    def is_won(self, answer: Answer) -> bool:
        """Tell whether the answer leads to a ticket; a redirect elsewhere is none."""
        return answer.status in SEE_OTHER and answer.location.startswith(self.bookings)

    def errors(self) -> int:
        seen = [*self.page.answers, *self.ticket.answers]
        pages = sum(answer.status != OK for answer in seen)
        return pages + len(self.book.answers) - len(self.won()) - len(self.refused())

    @property
    def sold_at(self) -> float:
        """The moment the last place was sold, as its buyer learnt it."""
        return max((answer.ended for answer in self.won()), default=self.book.ended)


def _storm(crowd: Crowd, stores: Stores, world: Mapping[str, Any], clients: int) -> Minute:
    people = world["people"]
    pages = [{"path": row["page"], "headers": row["headers"]} for row in people]
    few = (pages * WARM_UPS)[:WARM_UPS]
    crowd.get(few, at_a_time=LOOKERS)
    crowd.get([{"path": world["empty"]}] * WARM_UPS, at_a_time=LOOKERS)
    empty = crowd.get([{"path": world["empty"]}] * EMPTY_LOOKS, at_a_time=LOOKERS)
    crowd.get([{"path": world["calendar"]}] * LOOKERS, at_a_time=LOOKERS)
    calendar = crowd.get([{"path": world["calendar"]}] * CALENDAR_LOOKS, at_a_time=LOOKERS)
    page = crowd.get(pages, at_a_time=clients)
    # A session reports its transactions at most once a second: wait, make each speak, then count.
    # The same before and after, so what these few looks add stands on both sides.
    before = _settled(crowd, stores, few)
    forms = [
        {"path": row["book"], "headers": row["headers"], "body": row["body"]} for row in people
    ]
    book = crowd.post(forms, at_a_time=clients)
    after = _settled(crowd, stores, few)
    minute = Minute(empty, calendar, page, book, book, after - before, world["bookings"])
    tickets = [
        {"path": answer.location, "headers": row["headers"]}
        for row, answer in zip(people, book.answers, strict=True)
        if minute.is_won(answer)
    ]
    ticket = crowd.get(tickets, at_a_time=clients) if tickets else Phase(0.0, 0.0, 0.0, [])
    return Minute(empty, calendar, page, book, ticket, after - before, world["bookings"])


def _settled(crowd: Crowd, stores: Stores, few: Sequence[Mapping[str, str]]) -> int:
    time.sleep(SETTLE_SECONDS)
    crowd.get(few, at_a_time=LOOKERS)
    return stores.transactions()


# --- The figures ---------------------------------------------------------------------------------
def _figures(
    minute: Minute, stores: Stores, places: int, clients: int, meter: Meter, bare_rate: float
) -> Figures:
    seconds = minute.sold_at - minute.book.began
    won = len(minute.won())
    phases = (minute.page, minute.book, minute.ticket)
    waits = [wait for phase in phases for wait in phase.milliseconds()]
    costs = _costs(minute, stores, meter)
    wall = sum(phase.seconds for phase in phases)
    return Figures(
        places=places,
        applicants=len(minute.book.answers),
        clients=clients,
        booked=won,
        bookings_in_db=_bookings_in(stores.database_url),
        refused=len(minute.refused()),
        errors=minute.errors(),
        seconds=seconds,
        bookings_per_s=won / seconds,
        answers_per_s=minute.book.rate,
        p50_ms=percentile(waits, 50),
        p95_ms=percentile(waits, 95),
        p99_ms=percentile(waits, 99),
        cpu_ms_per_booking=sum(costs) if costs else None,
        db_tx_per_s=minute.transactions / minute.book.seconds,
        ratio=won / seconds / bare_rate,
        client_cpu_share=sum(p.client_seconds for p in phases) / wall / (os.cpu_count() or 1),
    )


def _costs(minute: Minute, stores: Stores, meter: Meter) -> tuple[float, float, float] | None:
    """Return the milliseconds of processor a page, a booking and a ticket took of server and stores."""
    won = len(minute.won())
    if not (stores.postmaster and stores.redis_pid and won):
        return None
    page = meter.between(minute.page.began, minute.page.ended) / len(minute.page.answers)
    # Who was refused in between is on the bookings' account.
    book = meter.between(minute.book.began, minute.sold_at) / won
    ticket = meter.between(minute.ticket.began, minute.ticket.ended) / won
    return page * 1000, book * 1000, ticket * 1000


def _beside(
    minute: Minute, places: int, meter: Meter, stores: Stores, bare_rate: float, sale_seconds: float
) -> Beside:
    late = [answer for answer in minute.refused() if answer.started > minute.sold_at]
    rest = minute.book.ended - min((answer.started for answer in late), default=minute.book.ended)
    page, book, ticket = _costs(minute, stores, meter) or (None, None, None)
    return Beside(
        bare_bookings_per_s=bare_rate,
        bare_sale_seconds=sale_seconds,
        refusals_per_s=len(late) / rest if rest and len(minute.won()) == places else 0.0,
        empty_per_s=minute.empty.rate,
        calendar_per_s=minute.calendar.rate,
        lookers_cpu_share=minute.calendar.client_seconds
        / minute.calendar.seconds
        / (os.cpu_count() or 1),
        page_cpu_ms=page,
        book_cpu_ms=book,
        ticket_cpu_ms=ticket,
    )


def _bookings_in(database_url: str) -> int:
    connection = psycopg2.connect(database_url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM booking_booking WHERE status = 'booked' AND place_id IS NOT NULL"
            )
            return int(cursor.fetchone()[0])
    finally:
        connection.close()


# --- Processes -----------------------------------------------------------------------------------
def _environment(stores: Stores, port: int) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": stores.database_url,
        "REDIS_URL": stores.redis_url,
        "PORT": str(port),
        "PYTHONUNBUFFERED": "1",
        # A checkout without kept keys makes new ones in every process: ours hold for the whole run.
        "SECRET_KEY": settings.SECRET_KEY,
        "PERSON_KEY": settings.PERSON_KEY,
        "FIELD_KEYS": ",".join(settings.FIELD_KEYS),
    }


def _python(arguments: Sequence[str], env: Mapping[str, str]) -> str:
    done = subprocess.run(  # noqa: S603 - our own programs
        [sys.executable, *arguments],
        cwd=state.ROOT,
        env=dict(env),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        words = (done.stderr or done.stdout).strip().splitlines() or ["no word"]
        raise BenchError(f"{' '.join(arguments[:2])} failed: {words[-1]}")
    return done.stdout


def _build_world(env: Mapping[str, str], *, applicants: int, places: int) -> dict[str, Any]:
    arguments = [
        "-m",
        "passport_office.bench.world",
        "--applicants",
        str(applicants),
        "--places",
        str(places),
    ]
    world: dict[str, Any] = json.loads(_python(arguments, env).splitlines()[-1])
    return world


def _measure_bare(database_url: str, places: int) -> tuple[float, float]:
    bare.prepare(database_url)
    try:
        rate = bare.measure_booking_rate(database_url)
        return rate, bare.measure_sale_seconds(database_url, places_to_sell=places)
    finally:
        bare.remove(database_url)


@contextmanager
def _crowd(port: int, headers: str) -> Iterator[Crowd]:
    """Start the load client by its file, so that it loads nothing of ours."""
    file = Path(__file__).with_name("client.py")
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-I", str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield Crowd(process, port, headers)
    finally:
        if process.stdin:
            process.stdin.close()
        process.terminate()
        process.wait(timeout=10)
