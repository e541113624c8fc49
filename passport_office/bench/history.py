"""What a booking costs in an office with a long past, against one that has just begun."""

import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from psycopg2.sql import SQL, Identifier

from passport_office.bench import processes
from passport_office.bench.stores import NAME, BenchError, Stores, own_stores, with_path
from passport_office.stack import places as programs
from passport_office.stack import state

WORLD: Final = "passport_office.bench.history_world"
FIRST: Final = 1_000
EACH: Final = 10
WARM_UPS: Final = 10
TURNS: Final = 100
Say = Callable[[str], None]
Figures = Mapping[str, float]


@dataclass(frozen=True)
class HistoryFigures:
    """The same measured twice: with a thousand past bookings and with many."""

    past: int
    few: Figures
    many: Figures
    grown: Figures

    @property
    def ratio(self) -> float:
        """How much more processor time a booking takes with the long past, of both processes together."""
        return cost(self.many) / cost(self.few)

    def as_json(self) -> dict[str, Any]:
        return {
            "past": self.past,
            "ratio": round(self.ratio, 3),
            "few": _rounded(self.few),
            "many": _rounded(self.many),
            "grown": _rounded(self.grown),
        }


def cost(figures: Figures) -> float:
    """Return the processor time of a booking, of the web's process and the database's."""
    return figures["web_cpu_ms"] + figures["database_cpu_ms"]


def _rounded(figures: Figures) -> dict[str, float]:
    return {name: round(value, 3) for name, value in figures.items()}


def run_history(*, past: int, database_url: str, redis_url: str, say: Say) -> HistoryFigures:
    """Measure with few and with many. Raises BenchError with a sentence when it cannot."""
    with own_stores(database_url=database_url, redis_url=redis_url) as stores:
        env = processes.environment(stores, programs.free_port(), DEMO_CLOCK_OFFSET="0")
        say("Making a database from the migrations ...")
        processes.python(["manage.py", "migrate", "--verbosity", "0"], env)
        say(f"Booking for {FIRST} people ...")
        world = _do(env, "build", past=FIRST, more=(WARM_UPS + TURNS) * EACH)
        with _copy(stores) as young:
            say(f"Living through {past} bookings ...")
            grown = _do(env, "grow", copies=max(1, past // FIRST), since=1)
            say(f"That took {grown['seconds']:.0f} s and {grown['bytes'] / 1e9:.1f} GB.")
            say(f"Booking {EACH} here and {EACH} there, {TURNS} times ...")
            few, many = _measure({**env, "DATABASE_URL": young}, env, world)
        return HistoryFigures(past=int(grown["bookings"]), few=few, many=many, grown=grown)


@contextmanager
def _copy(stores: Stores) -> Iterator[str]:
    """Keep the beginning as a database of its own, to measure it beside the other in the same minutes."""
    name, source = Identifier(f"{NAME}_young"), Identifier(NAME)
    with stores.home.cursor() as cursor:
        cursor.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        cursor.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(name, source))
    try:
        yield with_path(stores.database_url, f"{NAME}_young")
    finally:
        with stores.home.cursor() as cursor:
            cursor.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))


def _measure(
    young: Mapping[str, str], old: Mapping[str, str], world: Mapping[str, Any]
) -> tuple[Figures, Figures]:
    """Book a few here and a few there, again and again; return the medians of both."""
    turns: tuple[list[Figures], list[Figures]] = ([], [])
    with _server(young, world["slots"]) as first, _server(old, world["slots"]) as second:
        for number in range(WARM_UPS + TURNS):
            people = json.dumps(world["people"][number * EACH : (number + 1) * EACH])
            # Whoever goes first finds the processor cold: each does half of the time.
            order = ((0, first), (1, second)) if number % 2 else ((1, second), (0, first))
            for which, server in order:
                figures = _ask(server, people)
                if number >= WARM_UPS:
                    turns[which].append(figures)
    return _medians(turns[0]), _medians(turns[1])


def _medians(turns: Sequence[Figures]) -> Figures:
    return {name: statistics.median(turn[name] for turn in turns) for name in turns[0]}


@contextmanager
def _server(env: Mapping[str, str], slots: Sequence[int]) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", WORLD], cwd=state.ROOT, env=dict(env), stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdin is not None
        process.stdin.write(json.dumps({"deed": "serve", "slots": slots}) + "\n")
        process.stdin.flush()
        yield process
    finally:
        process.terminate()
        process.wait(timeout=10)


def _ask(server: "subprocess.Popen[str]", line: str) -> Figures:
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(line + "\n")
    server.stdin.flush()
    told = server.stdout.readline()
    if not told:
        raise BenchError("A measuring process ended before its time.")
    figures: Figures = json.loads(told)
    return figures


def _do(env: Mapping[str, str], deed: str, **asked: Any) -> Any:
    return processes.answer_of(WORLD, env, deed=deed, **asked)
