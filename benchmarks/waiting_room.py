"""A waiting room with a large crowd: `python -m benchmarks.waiting_room`, five to eight minutes.

200,000 people get tickets from the service. 500 more take theirs through HTTP, poll as static/js/room.js does, and open
a slot's page while it is their turn. Redis, then the web server are restarted. Prints JSON; exit code 1 for a fault.
"""

import argparse
import json
import random
import re
import sys
import time
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import datetime
from http.client import HTTPConnection, HTTPException
from threading import Event, Thread
from types import SimpleNamespace as World
from typing import Any, Final

from benchmarks.production import django_requests
from benchmarks.release import own_project, percentile
from benchmarks.stores import BenchError
from devtools.stack.places import free_port
from devtools.stack.processor import interpolate
from quotas.waiting_room.order import PARTS, lot

SIZES: Final = {"people": 200_000, "pollers": 500, "rate": 400, "seconds": 100}
JOIN_SECONDS, DOWN_SECONDS, RECOVERY_SECONDS, STRETCH, MOST_DEVIATION = 20, 5, 5, 10, 0.10


def build_world(people: int, pollers: int, seconds: int) -> World:
    """An office whose waiting room opens soon, tickets for the crowd, and the browsers that will poll."""
    from benchmarks.world import build_world, common_headers, model
    from core import clock
    from quotas.waiting_room.services import join_room
    from quotas.waiting_room.tally import TALLY

    made = build_world(pollers, 500, room_in=180 + people // 1000)
    window = model("quotas.ReleaseWindow").objects.get(has_waiting_room=True)
    slot = model("quotas.Place").objects.filter(window=window).earliest("id").slot_id
    accounts = range(10**9, 10**9 + people)  # a ticket needs no account row
    tickets = [join_room(window_id=window.pk, account_id=n, now=clock.now()) for n in accounts]
    TALLY.flush()
    if (window.opens_at - clock.now()).total_seconds() < 2 * JOIN_SECONDS:
        raise BenchError("This machine gives tickets too slowly. Use fewer --people.")
    lines = f"{common_headers()}Content-Type: application/x-www-form-urlencoded".split("\r\n")
    headers = dict(line.split(": ") for line in lines if "gzip" not in line)
    paths = {"room": f"/rooms/{window.pk}/", "page": f"/book/{slot}/?service_type=new"}
    codes = [re.split("[.~]", ticket)[2] for ticket in tickets]
    until = window.opens_at.timestamp() + seconds
    results: dict[str, Any] = {"checks": [], "documents": [], "polls": [], "errors": []}
    return World(**made | paths | results | {"headers": headers, "codes": codes, "until": until})


def position_in(document: Mapping[str, Any], code: str) -> float:
    """The position of an early ticket, from the public document alone."""
    part, share = divmod(lot(document["seed"], code) * PARTS, 1)
    before, after = document["lots_before"][int(part) : int(part) + 2]
    return float(before + (after - before) * share)


def browse(world: World, person: Mapping[str, str], port: int, starts_at: float) -> None:
    """One browser with a session and a ticket; what it observes is added to the world."""
    headers = {**world.headers, "Cookie": person["headers"][8:].strip()}
    code, pause = "", starts_at - time.time()

    def send(path: str, body: str | None = None) -> tuple[str, str]:
        """Text of an answer, none for a redirect, and cookies. Raises ValueError for another status."""
        with closing(HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
            connection.request("POST" if body else "GET", path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        if answer.status not in (200, 302):
            raise ValueError(f"{answer.status} {path}")
        return text if answer.status == 200 else "", answer.getheader("Set-Cookie") or ""

    def poll() -> float:
        began, document = time.time(), json.loads(send(f"{world.room}status/")[0])
        world.polls.append((began, (time.time() - began) * 1000))
        if "seed" not in document:
            return float(document["ask_again"])
        moment, place = datetime.fromisoformat(document["at"]), position_in(document, code)
        ahead = place - document["watermark"]
        world.documents.append((moment.timestamp(), document))
        world.checks.append((moment.timestamp(), place, ahead < 0))
        if ahead < 0:
            began, is_open = time.time(), bool(send(world.page)[0])
            world.checks.append((time.time() if is_open else began, place, is_open))
        return 4.0 if 0 <= ahead < 60 * document["rate"] else float(document["ask_again"])

    while time.time() + pause < world.until:
        time.sleep(max(0.0, pause))
        pause = 2.0
        try:
            if code:
                pause = poll() * random.uniform(0.7, 1.3)  # noqa: S311 - when to poll, no secret
                continue
            cookies = send(f"{world.room}join/", person["body"])[1]
            [(cookie, code)] = re.findall(r'(room_\d+="?\d+\.\d+\.(\w+)~[\w-]+"?)', cookies)
            headers["Cookie"] += f"; {cookie}"
            world.codes.append(code)
        except (OSError, HTTPException, ValueError) as error:
            world.errors.append((time.time(), repr(error)))


def inversions(checks: Sequence[tuple[float, float, bool]]) -> int:
    """How often someone (moment, position, admitted) was refused after they, or someone behind, were admitted."""
    furthest, count = -1.0, 0
    for _moment, place, is_admitted in sorted(checks):
        count += not is_admitted and place <= furthest
        furthest = max(furthest, place) if is_admitted else furthest
    return count


def worst_deviation(admitted: Sequence[int], rate: int) -> float:
    """The largest share by which any ten seconds miss the rate; people admitted until each full second."""
    counts = zip(admitted, admitted[STRETCH:], strict=False)
    return max(abs((after - before) / rate / STRETCH - 1) for before, after in counts)


def measure(people: int, pollers: int, rate: int, seconds: int) -> dict[str, Any]:
    """Run once; all moments are of the machine's clock."""
    env = {f"WAITING_ROOM_{name}RATE": str(rate) for name in ("", "LEAST_", "MOST_")}
    port = free_port()
    with own_project(DEMO_CLOCK_OFFSET="0", PORT=str(port), **env) as (checkout, valkey):
        world = build_world(people, pollers, seconds)
        opens = world.until - seconds
        redis_at, web_at = opens + seconds / 4, opens + seconds / 2
        with checkout.web_server(port):
            for number, person in enumerate(world.people):
                starts_at = opens - 10 - JOIN_SECONDS * number / pollers
                Thread(target=browse, args=(world, person, port, starts_at), daemon=True).start()
            Event().wait(redis_at - time.time())
            valkey.stop()
            Event().wait(DOWN_SECONDS)
            valkey.restart()
            Event().wait(web_at - time.time())
        with checkout.web_server(port):
            web_until = time.time() + RECOVERY_SECONDS
            Event().wait(world.until + 11 - time.time())  # a request takes ten seconds at most
            in_view = django_requests(port, "booking:room_status")
        breaches = checkout.verify()
    rows = sorted(world.documents, key=lambda row: row[0])
    moments, marks = [opens, *(at for at, _ in rows)], [0.0, *(d["watermark"] for _, d in rows)]
    order = [(document["seed"], document["lots_before"]) for _at, document in rows]
    places = sorted(position_in(rows[-1][1], code) for code in world.codes)
    judged = range(int(moments[-1] - opens) + 1)  # nothing is known after the last document
    reached = [interpolate(moments, marks, opens + n) for n in judged]
    deviation = worst_deviation([bisect_left(places, mark) for mark in reached], rate)
    errors = [text for at, text in world.errors if not web_at <= at <= web_until]
    waits = [wait for at, wait in world.polls if not web_at <= at <= web_until]
    figures: dict[str, Any] = {"people": people, "pollers": pollers, "rate": rate}
    figures |= {"seconds": seconds, "inversions": inversions(world.checks)}
    figures |= {"order_kept": not figures["inversions"] and order.count(order[0]) == len(order)}
    figures |= {"worst_deviation": round(deviation, 4), "polls": len(world.polls)}
    figures |= {"slot_pages": len(world.checks) - len(rows), "p99_ms": round(percentile(waits, 99))}
    figures |= {"errors": len(errors), "errors_in_restart": len(world.errors) - len(errors)}
    return figures | {"polls_in_view": int(in_view), "examples": errors[:3], "breaches": breaches}


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, value in SIZES.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    figures = measure(**vars(parser.parse_args()))
    print(json.dumps(figures))
    is_good = figures["order_kept"] and not figures["errors"] and not figures["breaches"]
    return bool(is_good and figures["worst_deviation"] <= MOST_DEVIATION)


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
