"""A national Friday on one machine: 130 offices open at once; part of the crowd comes through HTTP."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from passport_office.bench import processes
from passport_office.bench.meters import family
from passport_office.bench.stores import BenchError, own_stores
from passport_office.stack import places as programs

WORLD: Final = "passport_office.bench.national_world"
LINES: Final = 120
SPREAD_SECONDS: Final = 20
LONGEST_SALE: Final = 900
HTTP_SHARE: Final = 10  # every tenth office, and every tenth of who wait
PROCESSES: Final = 2
Say = Callable[[str], None]


@dataclass(frozen=True)
class NationalFigures:
    """What came of it. Times are of this machine, with the crowd's own programs on it."""

    offices: int
    places: int
    waiting: int
    waiting_by_http: int
    tickets: int
    booked: int
    held: int
    bookings: int
    booked_by_http: int
    refused: int
    turned_away: int
    out_of_order: int
    errors: Mapping[str, int]
    prepare_seconds: float
    join_ms: float
    http_sale_seconds: float
    services_sale_seconds: float
    services_bookings_per_s: float
    polls: int
    room_rates: Sequence[float]
    web_memory_mb: float
    room_rows: int
    bytes_per_booking: float
    breaches: str

    def as_json(self) -> dict[str, Any]:
        return {
            name: round(value, 3) if isinstance(value, float) else value
            for name, value in asdict(self).items()
        }

    def faults(self) -> list[str]:
        """Return why this run must not pass, each as a sentence."""
        found = []
        if not self.booked == self.held == self.bookings == self.places:
            found.append(
                f"{self.places} places, {self.booked} told of a booking, {self.held} held, {self.bookings} bookings."
            )
        if self.out_of_order:
            found.append(f"{self.out_of_order} people were let in or refused out of their order.")
        if self.errors:
            found.append(
                f"Answers that were neither a booking nor an honest refusal: {self.errors}"
            )
        if self.breaches:
            found.append(f"verify found: {self.breaches}")
        return found


def run_national(
    *, offices: int, places: int, waiting: int, database_url: str, redis_url: str, say: Say
) -> NationalFigures:
    """Live through one national Friday. Raises BenchError with a sentence when it cannot."""
    with own_stores(database_url=database_url, redis_url=redis_url) as stores:
        env = processes.environment(stores, programs.free_port(), DEMO_CLOCK_OFFSET="0")
        say("Making a database from the migrations ...")
        processes.python(["manage.py", "migrate", "--verbosity", "0"], env)
        return Friday(env, waiting, say).live(offices, places)


class Friday:
    """The parts of the run, in their order."""

    def __init__(self, env: Mapping[str, str], waiting: int, say: Say) -> None:
        self.env, self.waiting, self.say = env, waiting, say
        self.by_http = waiting // HTTP_SHARE

    def live(self, offices: int, places: int) -> NationalFigures:
        # The crowd by HTTP has to be signed in, and its tickets taken, before the opening.
        lead = 40 + offices // 3 + self.by_http // 80 + self.waiting // 2_000
        self.say(f"Preparing {offices} offices, which open in {lead} s or a little more ...")
        world = self.do("offices", count=offices, places=places, lead=lead)
        windows = world["windows"]
        first, rest = (
            windows[: max(1, offices // HTTP_SHARE)],
            windows[max(1, offices // HTTP_SHARE) :],
        )
        crowd = self.gather(rest)
        report, keeper, memory = self.shop(first, world["opens_at"])
        between = self.do("count")
        sold = self.sell(rest, crowd)
        last = self.do("count")
        made = last["bookings"] - between["bookings"]
        booked = [row for row in report["people"] if row["state"] == "booked"]
        return NationalFigures(
            offices=offices,
            places=last["places"],
            waiting=self.waiting,
            waiting_by_http=report["joined"],
            tickets=last["tickets"],
            booked=len(booked) + sold["booked"],
            held=last["held"],
            bookings=last["bookings"],
            booked_by_http=len(booked),
            refused=sold["refused"],
            turned_away=sold["ahead"],
            out_of_order=sold["out_of_order"],
            errors=report["wrong"],
            prepare_seconds=world["seconds"],
            join_ms=crowd["join_ms"],
            http_sale_seconds=max((row["booked_at"] for row in booked), default=world["opens_at"]) - world["opens_at"],
            services_sale_seconds=sold["seconds"],
            services_bookings_per_s=made / sold["seconds"],
            polls=report["polls"],
            room_rates=[round(rate, 1) for rate in keeper["rates"]],
            web_memory_mb=memory,
            room_rows=last["room_rows"],
            bytes_per_booking=(last["bytes"] - between["bytes"]) / max(1, made),
            breaches=processes.verify(self.env),
        )  # fmt: skip

    # --- through HTTP -----------------------------------------------------------------------------
    def shop(self, windows: Sequence[int], opens_at: float) -> tuple[Any, Any, float]:
        """Let a tenth of the crowd wait and book by browser, with the doors kept as beat keeps them."""
        self.say(f"Signing in {self.by_http} people for {len(windows)} offices ...")
        world = self.do("browsers", windows=windows, people=self.by_http)
        until = opens_at + LONGEST_SALE
        port = int(self.env["PORT"])
        with processes.web_server(self.env, port) as server, ThreadPoolExecutor(1) as pool:
            self.say(
                f"{opens_at - time.time():.0f} s are left to take tickets; then the doors open ..."
            )
            order = {
                **{name: world[name] for name in ("people", "slots", "headers", "service", "bookings")},
                "address": ["127.0.0.1", port], "opens_at": opens_at, "until": until, "lines": LINES,
                "spread": SPREAD_SECONDS,
            }  # fmt: skip
            crowd = self.shoppers(order)
            keeper: Future[Any] = pool.submit(self.do, "keep", until=until, windows=windows)
            report = _read(crowd)
            memory = sum(_peak_megabytes(pid) for pid in family(server.pid))
            return report, keeper.result(), memory

    def shoppers(self, order: Mapping[str, Any]) -> "subprocess.Popen[str]":
        """Start the crowd by its file, so that it loads nothing of ours."""
        file = Path(__file__).with_name("shoppers.py")
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-I", str(file)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdin is not None
        process.stdin.write(json.dumps(order) + "\n")
        process.stdin.flush()
        return process

    # --- through the services ---------------------------------------------------------------------
    def gather(self, windows: Sequence[int]) -> Any:
        """Give tickets to all who do not come through HTTP, before the opening."""
        people = self.waiting - self.by_http
        self.say(f"Giving tickets to {people} people for {len(windows)} offices ...")
        return self.do("crowd", windows=windows, people=people, since=self.by_http)

    def sell(self, windows: Sequence[int], crowd: Mapping[str, Any]) -> dict[str, Any]:
        """Let them in and book through the services, as many processes at once as there are processors."""
        people = self.waiting - self.by_http
        self.say("Letting the others in by their turns ...")
        each = -(-len(windows) // PROCESSES)
        asked = [
            {
                "windows": windows[offset : offset + each], "all_windows": len(windows), "offset": offset,
                "people": people, "first_account": crowd["first_account"], "since": self.by_http,
            }
            for offset in range(0, len(windows), each)
        ]  # fmt: skip
        began = time.monotonic()
        with ThreadPoolExecutor(PROCESSES) as pool:
            parts = list(pool.map(lambda part: self.do("sell", **part), asked))
        total = {
            name: sum(part[name] for part in parts)
            for name in ("booked", "refused", "ahead", "out_of_order")
        }
        seconds = time.monotonic() - began
        return {**total, "seconds": seconds}

    def do(self, deed: str, **asked: Any) -> Any:
        return processes.answer_of(WORLD, self.env, deed=deed, **asked)


def _read(process: "subprocess.Popen[str]") -> Any:
    assert process.stdout is not None
    line = process.stdout.readline()
    process.wait(timeout=30)
    if not line:
        raise BenchError("The crowd ended before its time.")
    return json.loads(line)


def _peak_megabytes(pid: int) -> float:
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1000
    except OSError:
        pass  # it has ended: it has no peak to tell
    return 0.0
