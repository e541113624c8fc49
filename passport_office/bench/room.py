"""One measured opening of a waiting room: the crowd, a Redis that goes away, a web server that starts again."""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from benchmarks import client
from benchmarks.checkout import Checkout
from benchmarks.cpu import Meter
from benchmarks.release import percentile, prepare_database
from benchmarks.stores import BenchError, own_stores
from passport_office.bench.pace import MOST_ERROR
from passport_office.stack import places as programs
from passport_office.stack import state
from passport_office.stack.valkey import Valkey

JOIN_SECONDS: Final = 15
LOOKS: Final = 3_000
LOOKERS: Final = 32
TURNS: Final = 5
WORLD: Final = "passport_office.bench.room_world"
Say = Callable[[str], None]


@dataclass(frozen=True)
class RoomFigures:
    """What came of it.

    `largest_error` is how far the door was from its set pace in the worst of all stretches of
    `stretch_seconds`, which ended at second `worst_at`; `chance_error` is what chance does to one
    (a standard deviation). Both are shares.
    """

    people: int
    polling: int
    rate_set: float
    rate_seen: float
    largest_error: float
    worst_at: int
    stretch_seconds: int
    stretches: int
    chance_error: float
    ranks_changed: int
    out_of_order: int
    let_in_seen: int
    polls: int
    failed_polls: int
    polls_per_s: float
    p50_ms: float
    p99_ms: float
    cpu_ms_per_poll: float
    status_per_s: float
    empty_per_s: float
    breaches: str

    def as_json(self) -> dict[str, Any]:
        return {
            name: round(value, 4) if isinstance(value, float) else value
            for name, value in asdict(self).items()
        }

    def faults(self) -> list[str]:
        """Return why this run must not pass, each as a sentence."""
        found = []
        if self.ranks_changed:
            found.append(f"{self.ranks_changed} people were told two different places.")
        if self.out_of_order:
            found.append(f"{self.out_of_order} people were let in before or after their turn.")
        if self.largest_error > MOST_ERROR:
            found.append(
                f"The door was off its pace by {self.largest_error:.1%} in the {self.stretch_seconds} s "
                f"until second {self.worst_at}."
            )
        if not self.stretches:
            found.append("Too few people or seconds to judge the door's pace.")
        if self.breaches:
            found.append(f"verify found: {self.breaches}")
        return found


def run_room(
    *, people: int, polling: int, rate: float, seconds: int, database_url: str, redis_url: str, say: Say
) -> RoomFigures:  # fmt: skip
    """Open one waiting room and watch it. Raises BenchError with a sentence when it cannot."""
    with (
        own_stores(database_url=database_url, redis_url=redis_url) as stores,
        tempfile.TemporaryDirectory() as folder,
    ):
        valkey = Valkey(Path(folder))
        valkey.start()
        try:
            port = programs.free_port()
            checkout = Checkout.prepare(
                state.ROOT,
                replace(stores, redis_url=valkey.url),
                folder,
                PORT=str(port),
                DEMO_CLOCK_OFFSET="0",  # the crowd's own clock is the machine's
                WAITING_ROOM_RATE=str(rate),
                WAITING_ROOM_LEAST_RATE=str(rate),
                WAITING_ROOM_MOST_RATE=str(rate),
            )
            say("Making a database from the migrations ...")
            prepare_database(state.ROOT, stores)
            return _open(checkout, port, valkey, people, polling, seconds, say)
        finally:
            valkey.stop()


def _open(
    checkout: Checkout, port: int, valkey: Valkey, people: int, polling: int, seconds: int, say: Say
) -> RoomFigures:  # fmt: skip
    say(f"Giving tickets to {people - polling} people, sessions to {polling} ...")
    lead = 20 + people // 400 + polling // 40
    asked = {"people": people, "polling": polling, "places": max(500, people), "lead": lead}
    world = _answer_of(checkout, asked)
    until = world["opens_at"] + seconds
    with _people(world, port, until) as crowd:
        with checkout.web_server(port) as server:
            crowd.start()
            _sleep_until(world["opens_at"])
            say(f"The door opens. Redis goes away for {seconds // 6} s ...")
            with Meter([server.pid]) as meter:
                _sleep_until(world["opens_at"] + seconds // 6)
                valkey.stop()
                _sleep_until(world["opens_at"] + seconds // 3)
            calm = meter.between(meter.times[0], meter.times[-1]) / (
                meter.times[-1] - meter.times[0]
            )
            valkey.restart()
            _sleep_until(world["opens_at"] + seconds // 2)
        say("The web server starts again ...")
        with checkout.web_server(port):
            reports = crowd.finish()
            say("Asking as fast as the server answers ...")
            cookie = f"Cookie: {world['ticket_cookie']}={world['tickets'][0]}\r\n"
            status, empty = _answers_per_s(
                port, world["headers"], ((world["status"], cookie), ("/healthz", ""))
            )
    say("Reckoning everyone's place anew ...")
    seen: dict[str, Any] = {
        "window": world["window"],
        "tickets": world["tickets"],
        "reports": reports,
        "seconds": seconds,
        "rate": float(checkout.env["WAITING_ROOM_RATE"]),
    }
    found = _answer_of(checkout, seen)
    rates = {"status_per_s": status, "empty_per_s": empty}
    return _figures(
        reports, calm, seconds, **found, **rates, polling=polling, breaches=checkout.verify()
    )


def _answer_of(checkout: Checkout, order: Mapping[str, Any]) -> Any:
    output = checkout.run("-m", WORLD, stdin=json.dumps(order))
    return json.loads(output.splitlines()[-1])


def _figures(
    reports: Sequence[Mapping[str, Any]], calm: float, seconds: int, **found: Any
) -> RoomFigures:
    """Add what the polls took; `calm` is the processor time of the server in a second before it was stopped."""
    polled = [row for report in reports for row in report["milliseconds"]]
    rate = len(polled) / (seconds + JOIN_SECONDS)
    return RoomFigures(
        **found,
        polls=len(polled),
        failed_polls=sum(report["failures"] for report in reports),
        polls_per_s=rate,
        p50_ms=percentile(polled, 50),
        p99_ms=percentile(polled, 99),
        cpu_ms_per_poll=calm / rate * 1000 if rate else 0.0,
    )


def _answers_per_s(port: int, headers: str, asked: Sequence[tuple[str, str]]) -> tuple[float, ...]:
    """Return how often a second each address is answered, asked by 32 at a time; by turns, the medians."""
    orders = [
        {
            "host": "127.0.0.1", "port": port, "headers": headers, "seconds": 60.0, "method": "GET",
            "clients": LOOKERS, "items": [{"path": path, "headers": cookie}] * LOOKS,
        }
        for _turn in range(TURNS) for path, cookie in asked
    ]  # fmt: skip
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-I", client.__file__],
        input="".join(f"{json.dumps(order)}\n" for order in orders), capture_output=True, text=True, check=True,
    )  # fmt: skip
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    rates = [LOOKS / (report["ended"] - report["began"]) for report in reports]
    return tuple(statistics.median(rates[number :: len(asked)]) for number in range(len(asked)))


def _sleep_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.time()))


class Crowd:
    """The program that waits with so many phones."""

    def __init__(self, process: "subprocess.Popen[str]", order: Mapping[str, Any]) -> None:
        self.process, self.order = process, order

    def start(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(self.order) + "\n")
        self.process.stdin.flush()

    def finish(self) -> Sequence[Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise BenchError("The waiting crowd ended before its time.")
        reports: Sequence[Any] = json.loads(line)
        return reports


@contextmanager
def _people(world: Mapping[str, Any], port: int, until: float) -> Iterator[Crowd]:
    """Start the crowd by its file, so that it loads nothing of ours."""
    file = Path(__file__).with_name("pollers.py")
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-I", str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    names = ("headers", "join", "status", "ticket_cookie", "people")
    order = {name: world[name] for name in names} | {
        "address": ["127.0.0.1", port],
        "until": until,
        "join_seconds": JOIN_SECONDS,
    }
    try:
        yield Crowd(process, order)
    finally:
        process.terminate()
        process.wait(timeout=10)
