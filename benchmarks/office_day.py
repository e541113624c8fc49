"""The office day under load: `python -m benchmarks.office_day`, about three minutes.

At 30 counters an officer calls or skips every ten seconds and opens the screen again; 60 boards and 300 ticket pages ask
at the pace of their scripts. Prints the 95th percentile of an action with its screen in ms, and its ratio to an empty view.
"""

import json
import os
import re
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from http.client import HTTPConnection
from random import random
from statistics import median
from threading import Thread
from urllib.parse import urlencode

from benchmarks.release import own_project, percentile
from devtools.stack.places import free_port

COUNTERS, BOARDS, TICKETS, PEOPLE, SECONDS = 30, 60, 300, 240, 60
ACTION_EVERY, BOARD_EVERY, TICKET_EVERY, EMPTY_EVERY = 10.0, 2.3, 5.0, 0.5  # seconds
NINE = datetime(2026, 11, 26, 2, tzinfo=UTC)  # on the day of the tests' office
COOKIES, TOKEN = "sessionid={}; csrftoken={}", "c" * 32
SKIP = re.compile(r'action="([^"]+/skip/)".*?name="version" value="(\d+)"', re.DOTALL)
ERRORS: list[str] = []


def build() -> tuple[str, list[str]]:
    """An office with open counters and people in the hall: its code, and the sessions of its officers."""
    from benchmarks.world import make_session
    from tests.counters.world import make_world

    world = make_world(counters=COUNTERS, places=PEOPLE * 8)
    officers = [world.colleague() for _number in range(COUNTERS)]
    for number, officer in enumerate(officers, start=1):
        world.sit(number, officer)
    for number in range(PEOPLE):
        world.arrive(8, number % 55)
    return world.office.code, [make_session(officer) for officer in officers]


def send(link: HTTPConnection, path: str, session: str = "", **form: str) -> str:
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
    headers |= {"Cookie": COOKIES.format(session, TOKEN)} if session else {}
    body = urlencode({"csrfmiddlewaretoken": TOKEN, **form}) if form else None
    link.request("POST" if form else "GET", path, body, headers)
    answer = link.getresponse()
    text = answer.read().decode()
    if answer.status not in (200, 302):
        ERRORS.append(f"{answer.status} {path}")
    return text


def repeat(work: Callable[[], object], every: float, until: float, times: list[float]) -> None:
    time.sleep(random() * every)  # noqa: S311 - not all at once; no secret
    while time.time() < until:
        began = time.time()
        try:
            work()
            times.append((time.time() - began) * 1000)
        except OSError as error:
            ERRORS.append(repr(error))
        time.sleep(max(0.0, every - (time.time() - began)))


def serve(link: HTTPConnection, session: str, screen: list[str]) -> str:
    """Skip who is called, or call the next person; then read the screen."""
    called = SKIP.search(screen[0])
    path, version = called.groups() if called else ("/admin/counter/next/", "")
    send(link, path, session, version=version)
    screen[0] = send(link, "/admin/counter/", session)
    return screen[0]


def main() -> bool:
    port, offset = free_port(), (NINE - datetime.now(UTC)).total_seconds()
    actions, documents, empty = list[float](), list[float](), list[float]()
    with own_project(DEMO_CLOCK_OFFSET=str(offset), PORT=str(port)) as (checkout, _valkey):
        code, sessions = build()
        with checkout.web_server(port):
            until, board = time.time() + SECONDS, f"/api/v1/offices/{code}/board/"
            document, empty_view = partial(send, path=board), partial(send, path="/healthz")
            works = [(document, BOARD_EVERY, documents)] * BOARDS
            works += [(document, TICKET_EVERY, documents)] * TICKETS
            works.append((empty_view, EMPTY_EVERY, empty))
            for one in sessions:
                works.append((partial(serve, session=one, screen=[""]), ACTION_EVERY, actions))
            for work, every, times in works:
                link = HTTPConnection("127.0.0.1", port, timeout=20)
                args = partial(work, link), every, until, times
                Thread(target=repeat, args=args, daemon=True).start()
            time.sleep(SECONDS + ACTION_EVERY)
    p95, reference = percentile(actions, 95), median(empty)
    figures = {"actions": len(actions), "p95": p95, "median": median(actions), "empty": reference}
    figures |= {"ratio": p95 / reference, "documents": len(documents), "load": os.getloadavg()[0]}
    figures |= {"document_p95": percentile(documents, 95), "errors": len(ERRORS)}
    print(json.dumps({name: round(value, 1) for name, value in figures.items()}), *ERRORS[:3])
    return not ERRORS


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
