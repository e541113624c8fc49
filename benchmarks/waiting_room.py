"""A waiting room with a large crowd: `python -m benchmarks.waiting_room`, about four minutes.

200,000 people get tickets from the service. 500 more take theirs through HTTP, poll as static/js/room.js does, and open
a slot's page while it is their turn. Redis, then the web server are restarted. Prints JSON; exit code 1 if the order or
the rate was not kept or requests failed. Bounded in people, requests and time; on servers of its own, 127.0.0.1 only.
"""

import argparse
import json
import os
import random
import re
import sys
import tempfile
import time
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPException
from itertools import pairwise
from threading import Thread
from types import SimpleNamespace as World
from typing import Any, Final

from benchmarks.checkout import HERE, Checkout
from benchmarks.cpu import interpolate
from benchmarks.production import django_requests
from benchmarks.release import percentile, prepare_database
from benchmarks.stores import BenchError, Stores, embedded_servers
from passport_office.stack.places import free_port
from quotas.room import PARTS, lot

SIZES: Final = {"people": 200_000, "pollers": 500, "rate": 400, "seconds": 100}
JOIN_SECONDS, DOWN_SECONDS, RECOVERY_SECONDS, STRETCH = 20, 5, 5, 10
MOST_DEVIATION: Final = 0.10
Check = tuple[float, float, bool]  # moment, position, admitted


def build_world(people: int, pollers: int, places: int = 500) -> World:
    """An office whose waiting room opens soon, tickets for the crowd, and the browsers that will poll."""
    from benchmarks.world import build_world, common_headers, model
    from core import clock
    from quotas.services import join_room
    from quotas.services.room_tally import TALLY

    made = build_world(pollers, places, room_in=180 + people // 1500)
    window = model("quotas.ReleaseWindow").objects.get(has_waiting_room=True)
    slot = model("quotas.Place").objects.filter(window=window).earliest("id").slot_id
    accounts = range(10**9, 10**9 + people)  # a ticket needs no account's row
    tickets = [join_room(window_id=window.pk, account_id=n, now=clock.now()) for n in accounts]
    TALLY.tell()
    if clock.now() > window.opens_at - timedelta(seconds=2 * JOIN_SECONDS):
        raise BenchError("This machine gives tickets too slowly. Use fewer --people.")
    lines = f"{common_headers()}Content-Type: application/x-www-form-urlencoded".split("\r\n")
    headers = dict(line.split(": ") for line in lines if "gzip" not in line)
    paths = {"room": f"/rooms/{window.pk}/", "page": f"/book/{slot}/?service_type=new"}
    codes = [re.split("[.~]", ticket)[2] for ticket in tickets]
    seen: dict[str, Any] = {"checks": [], "documents": [], "polls": [], "errors": []}
    opens = window.opens_at.timestamp()
    return World(**paths, **seen, opens=opens, headers=headers, people=made["people"], codes=codes)


def position_in(document: Mapping[str, Any], code: str) -> float:
    """The position of an early ticket, from the public document alone."""
    part, share = divmod(lot(document["seed"], code) * PARTS, 1)
    before, after = document["lots_before"][int(part) : int(part) + 2]
    return float(before + (after - before) * share)


class Browser:
    """A connection, a session and a ticket; what it observes is added to the world."""

    def __init__(self, world: World, person: Mapping[str, str], port: int) -> None:
        self.world, self.person, self.code, self.place = world, person, "", -1.0
        self.headers = {**world.headers, "Cookie": person["headers"][8:].strip()}
        self.connection = HTTPConnection("127.0.0.1", port, timeout=10)

    def run(self, starts_at: float, until: float) -> None:
        pause = starts_at - time.time()
        while time.time() + pause < until:
            time.sleep(max(0.0, pause))
            try:
                pause = self.poll() if self.code else self.join()
            except (OSError, HTTPException, ValueError) as error:
                self.world.errors.append((time.time(), f"{type(error).__name__} {error}"))
                self.connection.close()
                pause = 2.0
            pause *= random.uniform(0.7, 1.3)  # noqa: S311 - when to poll, no secret

    def send(self, path: str, body: str | None = None) -> tuple[str, str]:
        """Text of an answer, none for a redirect, and cookies. Raises ValueError for another status."""
        self.connection.request("POST" if body else "GET", path, body, self.headers)
        answer = self.connection.getresponse()
        text = answer.read().decode()
        if answer.status not in (200, 302):
            raise ValueError(f"{answer.status} {path}")
        return text if answer.status == 200 else "", answer.getheader("Set-Cookie") or ""

    def join(self) -> float:
        _text, cookies = self.send(f"{self.world.room}join/", self.person["body"])
        [(cookie, code)] = re.findall(r'(room_\d+="?\d+\.\d+\.(\w+)~[\w-]+"?)', cookies)
        self.headers["Cookie"] += f"; {cookie}"
        place = re.search(r'data-room-position="([\d.]+)"', self.send(self.world.room)[0])
        self.code, self.place = code, float(place[1]) if place else -1.0
        self.world.codes += [] if place else [code]
        return 1.0

    def poll(self) -> float:
        began = time.time()
        document = json.loads(self.send(f"{self.world.room}status/")[0])
        self.world.polls.append((began, (time.time() - began) * 1000))
        if "seed" not in document:
            return float(document["ask_again"])
        moment = datetime.fromisoformat(document["at"]).timestamp()
        place = self.place if self.place >= 0 else position_in(document, self.code)
        ahead = place - document["watermark"]
        self.world.documents.append((moment, document))
        self.world.checks.append((moment, place, ahead < 0))
        if ahead < 0:
            began, is_open = time.time(), bool(self.send(self.world.page)[0])
            self.world.checks.append((time.time() if is_open else began, place, is_open))
        return 4.0 if 0 <= ahead < 60 * document["rate"] else float(document["ask_again"])


def inversions(checks: Sequence[Check]) -> int:
    """How often someone was refused after someone behind them had been admitted."""
    furthest, count = -1.0, 0
    for _moment, place, is_admitted in sorted(checks):
        count += not is_admitted and place < furthest
        furthest = max(furthest, place) if is_admitted else furthest
    return count


def worst_deviation(admitted: Sequence[int], rate: int) -> tuple[float, int]:
    """The largest deviation from the rate over ten seconds, as a share, and the second in which they end.

    `admitted` is the number of people admitted until each full second since the opening.
    """
    counts = zip(admitted, admitted[STRETCH:], strict=False)
    shares = [abs((after - before) / rate / STRETCH - 1) for before, after in counts]
    return max((share, second) for second, share in enumerate(shares, STRETCH))


def measure(people: int, pollers: int, rate: int, seconds: int) -> dict[str, Any]:
    """Run once; all moments are of the machine's clock."""
    import django

    env = {f"WAITING_ROOM_{name}RATE": str(rate) for name in ("", "LEAST_", "MOST_")}
    with embedded_servers() as (postgres, valkey), tempfile.TemporaryDirectory() as folder:
        env |= {"DEMO_CLOCK_OFFSET": "0", "PROMETHEUS_MULTIPROC_DIR": f"{folder}/metrics"}
        stores, port = Stores(postgres.url, valkey.url, 0, 0, None), free_port()
        checkout = Checkout.prepare(HERE.parent, stores, folder, PORT=str(port), **env)
        prepare_database(HERE.parent, stores)
        os.environ.update(checkout.env)
        django.setup()
        world = build_world(people, pollers)
        opens, until = world.opens, world.opens + seconds
        redis_at, web_at = opens + seconds / 4, opens + seconds / 2

        def wait_until(moment: float) -> None:
            time.sleep(max(0.0, moment - time.time()))

        with checkout.web_server(port):
            for number, person in enumerate(world.people):
                early = opens - 10 - JOIN_SECONDS * number / pollers
                starts_at = redis_at + 1 if number % 25 == 0 else early
                browser = Browser(world, person, port)
                Thread(target=browser.run, args=(starts_at, until), daemon=True).start()
            wait_until(redis_at)
            valkey.stop()
            wait_until(redis_at + DOWN_SECONDS)
            valkey.restart()
            wait_until(web_at)
            stopped = time.time()
        with checkout.web_server(port):
            recovered = time.time() + RECOVERY_SECONDS
            wait_until(until + 11)  # a request takes at most ten seconds
            in_view = django_requests(port, "booking:room_status")
        breaches = checkout.verify()
    rows = sorted(world.documents, key=lambda row: row[0])
    moments, marks = [opens, *(at for at, _ in rows)], [0.0, *(d["watermark"] for _, d in rows)]
    first, last = ([position_in(rows[n][1], code) for code in world.codes] for n in (0, -1))
    order = [place for _first, place in sorted(zip(first, last, strict=True))]
    places = sorted(last)
    admitted = [bisect_left(places, interpolate(moments, marks, opens + n)) for n in range(seconds)]
    deviation, ended = worst_deviation(admitted, rate)
    errors, waits = (
        [value for moment, value in rows if not stopped <= moment <= recovered]
        for rows in (world.errors, world.polls)
    )
    if os.environ.get("DUMP"):
        import pickle

        pickle.dump(
            {
                "polls": world.polls,
                "errors": world.errors,
                "checks": world.checks,
                "stopped": stopped,
                "recovered": recovered,
                "opens": opens,
                "docs": [(m, d["watermark"]) for m, d in world.documents],
            },
            open(os.environ["DUMP"], "wb"),
        )
    reordered = sum(after < before for before, after in pairwise(order))
    figures = {"people": people, "pollers": pollers, "rate": rate, "seconds": seconds}
    figures |= {"restart_seconds": round(recovered - RECOVERY_SECONDS - stopped, 1)}
    figures |= {"inversions": inversions(world.checks), "reordered": reordered}
    figures |= {"worst_deviation": round(deviation, 4), "worst_ended_at": ended}
    figures |= {"polls": len(world.polls), "polls_in_view": in_view, "errors": len(errors)}
    figures |= {
        "errors_in_restart": len(world.errors) - len(errors),
        "slot_pages": len(world.checks) - len(rows),
    }
    figures |= {f"p{n}_ms": round(percentile(waits, n), 1) for n in (50, 99)}
    is_kept = not (figures["inversions"] or reordered)
    is_good = is_kept and not errors and not breaches and deviation <= MOST_DEVIATION
    return {**figures, "order_kept": is_kept, "passed": is_good, "first_errors": errors[:3]}


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, value in SIZES.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    figures = measure(**vars(parser.parse_args()))
    print(json.dumps(figures))
    return bool(figures["passed"])


if __name__ == "__main__":
    try:
        sys.exit(0 if main() else 1)
    except BenchError as error:
        sys.exit(str(error))
