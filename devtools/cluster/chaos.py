"""Kills one part after the other while people book, and counts what that did: `make chaos ROUNDS=1 MINUTES=12`.

Starts a cluster of its own in `.local/chaos`, bounded in rounds, minutes and applicants, and stops it at the end. After
the minutes no further round begins; the start counts. Two people at a time book through nginx. Whoever gets no ticket
sends the same form again, as the page says. Afterwards the database is compared with the tickets that were confirmed.
"""

import argparse
import http.client
import json
import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

from devtools.cluster import status, supervisor
from devtools.cluster.parts import HOST
from devtools.cluster.supervisor import Cluster
from devtools.stack import state
from devtools.stack.errors import StackError

CLIENTS: Final = 2
PAUSE: Final = 0.3
PEOPLE_A_ROUND, PEOPLE_BEFORE = 100, 150
BEFORE, AFTER, LONGEST = 3.0, 6.0, 60.0
HEALTHY_WITHIN: Final = 150.0
REQUEST_SECONDS: Final = 15.0
MOST_ROUNDS: Final = 20
MOST_MINUTES: Final = 120
REDIRECTS: Final = (302, 303)
KINDS: Final = (
    *("PostgreSQL, agent alive", "whole node", "Valkey's master", "web node", "worker"),
    *("leading beat", "nginx"),
)
PREPARATION: Final = (
    ("migrate", "--no-input"),
    ("load_scenario", "scenarios/national.yaml"),
    ("set_role_defaults",),
)
# Every person's live bookings, by identity: more than one is a double booking.
BOOKED: Final = (
    "import json; from booking.bookings.models import Booking; from collections import Counter; "
    "rows = Booking.objects.filter(slot__office__code='bench', status='booked'); "
    "print(json.dumps(Counter(str(pk) for pk in rows.values_list('applicant_id', flat=True))))"
)


@dataclass
class Try:
    """One request: when it was sent, how long it took, and its result (0: no answer)."""

    started: float
    seconds: float
    status: int
    is_booked: bool


@dataclass
class Load:
    """People who book one after the other until each has a ticket."""

    port: int
    headers: str
    people: Iterator[dict[str, str]]
    tries: list[Try] = field(default_factory=list)
    confirmed: set[str] = field(default_factory=set)
    may_run: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self) -> None:
        while not self.ended.is_set():
            if not self.may_run.wait(0.2):
                continue
            with self.lock:
                person = next(self.people, None)
            if person is None:
                self.ended.set()
                return
            while not self._book(person) and not self.ended.is_set():
                time.sleep(PAUSE)
            time.sleep(PAUSE)

    def _book(self, person: dict[str, str]) -> bool:
        headers = dict(
            line.split(": ", 1)
            for line in (self.headers + person["headers"]).splitlines()
            if line and not line.startswith("Accept-Encoding")
        )
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        started, code, place = time.monotonic(), 0, ""
        # A network of its own for each person: there are limits for one network.
        number = int(person["applicant"])
        own = (f"127.{1 + number // 250 % 250}.{number % 250}.1", 0)
        connection = http.client.HTTPConnection(
            HOST, self.port, timeout=REQUEST_SECONDS, source_address=own
        )
        try:
            connection.request("POST", person["book"], person["body"], headers)
            answer = connection.getresponse()
            code, place = answer.status, answer.getheader("Location") or ""
            answer.read()
        except (OSError, http.client.HTTPException):
            code = 0
        finally:
            connection.close()
        is_booked = code in REDIRECTS and place.startswith("/bookings/")
        with self.lock:
            self.tries.append(Try(started, time.monotonic() - started, code, is_booked))
            if is_booked:
                self.confirmed.add(person["applicant"])
        return is_booked


@dataclass(frozen=True)
class Round:
    """What one failure did."""

    kind: str
    without_bookings: float
    longest_failure: float
    failures: Counter[int]


def targets(cluster: Cluster) -> dict[str, Callable[[], str]]:
    """Return what can be killed: the name of the part, looked up when its turn comes."""
    ports = cluster.ports

    def leading_node() -> int:
        node = status.leader(ports)
        if node is None:
            raise StackError("Nobody leads.")
        return node

    def master() -> str:
        address = status.redis_master(ports)
        if address is None:
            raise StackError("Sentinel names no master.")
        return f"valkey-{address[1] - ports.valkey(1) + 1}"

    def leading_beat() -> str:
        owner = status.beat_owner(ports)
        names = (name for name in cluster.children if name.startswith("beat"))
        return next(
            (one for one in names if owner.endswith(f":{cluster.children[one].pid}")), "beat-1"
        )

    parts = (
        lambda: f"postgres-{leading_node()}",
        lambda: f"node-{leading_node()}",
        master,
        lambda: "web-1",
        lambda: "worker-1",
        leading_beat,
        lambda: "nginx",
    )
    return dict(zip(KINDS, parts, strict=True))


def wait_until_healthy(cluster: Cluster) -> None:
    """Wait until every part runs and a synchronous standby follows. Raises StackError."""
    last = time.monotonic() + HEALTHY_WITHIN
    while not (
        cluster.has_synchronous_standby()
        and all(child.is_running for child in list(cluster.children.values()))
        and status.redis_master(cluster.ports)
    ):
        if time.monotonic() > last:
            raise StackError(f"The cluster did not recover.\n{status.as_text(cluster.table())}")
        time.sleep(0.5)


def play(cluster: Cluster, load: Load, kind: str, target: Callable[[], str]) -> Round:
    """Let people book, kill the target, and wait until people book again."""
    wait_until_healthy(cluster)
    load.may_run.set()
    time.sleep(BEFORE)
    name = target()
    killed = time.monotonic()
    cluster.kill(name)
    say(f"{time.strftime('%H:%M:%S')} killed {name}")
    while time.monotonic() - killed < LONGEST:
        time.sleep(0.2)
        with load.lock:
            booked = [one.started for one in load.tries if one.is_booked and one.started > killed]
        if booked and time.monotonic() - min(booked) > AFTER:
            break
    load.may_run.clear()
    time.sleep(1)
    with load.lock:
        tries = [one for one in load.tries if one.started + one.seconds > killed - BEFORE]
    ends = sorted(one.started + one.seconds for one in tries if one.is_booked)
    failed = [one for one in tries if not one.is_booked and one.started + one.seconds > killed]
    if load.ended.is_set():
        raise StackError("Everybody has booked: this machine needs more people for so many rounds.")
    has_recovered = bool(ends) and ends[-1] > killed
    done = Round(
        kind=kind,
        without_bookings=max(b - a for a, b in pairwise(ends)) if has_recovered else LONGEST,
        longest_failure=max((one.seconds for one in failed), default=0.0),
        failures=Counter(one.status for one in failed),
    )
    say(f"  {kind}: {done.without_bookings:.1f} s without bookings")
    return done


def python(cluster: Cluster, *arguments: str, stdin: str = "") -> str:
    """Return the output of a program with the settings of the site. Raises StackError."""
    env = {**os.environ, **cluster.layout.site_environment}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=state.ROOT,
        env=env,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no output"]
        raise StackError(f"{arguments[0]} failed: {lines[-1]}")
    return done.stdout


def build_world(cluster: Cluster, people: int) -> dict[str, Any]:
    """Create an office with an open window and people who are signed in (benchmarks/world.py)."""
    program = (state.ROOT / "benchmarks" / "world.py").read_text()
    output = python(cluster, "-", f"--applicants={people}", f"--places={people}", stdin=program)
    world = dict(json.loads(output.splitlines()[-1]))
    for person in world["people"]:
        pairs = dict(pair.split("=", 1) for pair in person["body"].split("&"))
        person["applicant"] = pairs["applicants"]
    return world


def say(text: str) -> None:
    print(text, flush=True)


def report(rounds: list[Round]) -> str:
    """Return the table of the documentation."""
    by_kind: dict[str, list[Round]] = defaultdict(list)
    for one in rounds:
        by_kind[one.kind].append(one)
    lines = [
        "| Killed | Rounds | Seconds without bookings: median, worst | Longest failed request | Failed requests |",
        "|---|---|---|---|---|",
    ]
    for kind, own in by_kind.items():
        gaps = [one.without_bookings for one in own]
        failures = sum((one.failures for one in own), Counter[int]())
        shown = ", ".join(f"{n} x {code or 'no answer'}" for code, n in sorted(failures.items()))
        longest = max(one.longest_failure for one in own)
        lines.append(
            f"| {kind} | {len(own)} | {statistics.median(gaps):.1f}, {max(gaps):.1f} | "
            f"{longest:.1f} s | {shown or 'none'} |"
        )
    return "\n".join(lines)


def compare(cluster: Cluster, load: Load) -> bool:
    """Print what was lost or doubled, and whether `verify` is clean; return whether all is well."""
    rows = json.loads(
        python(cluster, "manage.py", "shell", "-v", "0", "-c", BOOKED).splitlines()[-1]
    )
    lost = load.confirmed - set(rows)
    double = [person for person, count in rows.items() if count > 1]
    say(
        f"{len(load.confirmed)} bookings confirmed, {len(lost)} of them lost, {len(double)} double."
    )
    python(cluster, "manage.py", "verify")
    say("verify: clean")
    return not lost and not double


def run(rounds: int, minutes: int, only: Sequence[str] = ()) -> int:
    """Run the rounds of all kinds, or of `only` these; 1 if a booking was lost or doubled."""
    last = time.monotonic() + minutes * 60
    os.environ["CLUSTER_DIR"] = str(state.ROOT / ".local" / "chaos")
    cluster = Cluster(PREPARATION)
    at_end = threading.Event()

    def keep() -> None:
        while not at_end.wait(0.2):
            cluster.revive()

    keeper = threading.Thread(target=keep)
    results: list[Round] = []
    try:
        cluster.start()
        keeper.start()
        kinds = {kind: one for kind, one in targets(cluster).items() if kind in (only or KINDS)}
        people = PEOPLE_BEFORE + PEOPLE_A_ROUND * rounds * len(kinds)
        world = build_world(cluster, people)
        load = Load(cluster.ports.site, world["headers"], iter(world["people"]))
        clients = [threading.Thread(target=load.run) for _each in range(CLIENTS)]
        for client in clients:
            client.start()
        try:
            for kind, target in list(kinds.items()) * rounds:
                if time.monotonic() > last:
                    say(f"{minutes} minutes are over: no further round begins.")
                    break
                results.append(play(cluster, load, kind, target))
        finally:
            load.ended.set()
            for client in clients:
                client.join()
            say(report(results))
        wait_until_healthy(cluster)
        return int(not compare(cluster, load))
    finally:
        at_end.set()
        if keeper.is_alive():
            keeper.join()
        cluster.stop()
        supervisor.forget()


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.chaos")
    parser.add_argument("rounds", nargs="?", type=int, default=1)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=", ".join(KINDS))
    parser.add_argument("--minutes", type=int, default=MOST_MINUTES)
    given = parser.parse_args(arguments)
    if not 1 <= given.rounds <= MOST_ROUNDS:
        raise StackError(f"ROUNDS must be a number from 1 to {MOST_ROUNDS}.")
    if not 1 <= given.minutes <= MOST_MINUTES:
        raise StackError(f"MINUTES must be a number from 1 to {MOST_MINUTES}.")
    if unknown := set(given.kinds) - set(KINDS):
        raise StackError(f"{unknown} cannot be killed. Kinds: {', '.join(KINDS)}")
    # A signal to this program also stops the servers in order.
    signal.signal(signal.SIGTERM, lambda *_given: sys.exit(1))
    return run(given.rounds, given.minutes, given.kinds)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except StackError as error:
        sys.exit(str(error))
