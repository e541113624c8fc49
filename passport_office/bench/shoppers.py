"""Twenty thousand with their phones: each takes a ticket, waits, and books when let in.

Run as a program, without Django. They share some hundred keep-alive connections, as they would behind a proxy. It
reads one order as JSON and writes what became of each.
"""

import asyncio
import heapq
import json
import random
import resource
import sys
import time
from collections import Counter
from itertools import count
from typing import Any

HEAD_END = b"\r\n\r\n"
FORM = "Content-Type: application/x-www-form-urlencoded\r\n"
MOST_TRIES = 6
LONGEST_PAUSE = 60.0
FINAL = frozenset({"booked", "sold_out", "over"})


class Line:
    """One keep-alive connection."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.address = address
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def send(self, request: bytes) -> tuple[int, str, bytes]:
        """Send a request; one that the server had hung up on is sent again, as browsers do. 0: nobody answered."""
        for is_kept in (self.writer is not None, False):
            try:
                return await self._send(request)
            except (OSError, EOFError, asyncio.IncompleteReadError):
                self.reader = self.writer = None
                if not is_kept:
                    break
        return 0, "", b""

    async def _send(self, request: bytes) -> tuple[int, str, bytes]:
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection(*self.address)
        assert self.reader is not None
        self.writer.write(request)
        head = (await self.reader.readuntil(HEAD_END)).decode("latin-1")
        length = next(
            (int(row.split(":")[1]) for row in head.split("\r\n") if row.lower().startswith("content-length:")), 0
        )  # fmt: skip
        return int(head[9:12]), head, await self.reader.readexactly(length)


class Shopper:
    """One person, step by step; each step says when the next one is due."""

    def __init__(self, order: dict[str, Any], who: dict[str, Any]) -> None:
        self.order, self.who = order, who
        self.ticket, self.state, self.tries, self.polls = "", "", 0, 0
        self.wrong: list[str] = []
        self.position: int | None = None
        self.booked_at = 0.0
        self.dice = random.Random(who["cookie"])  # noqa: S311 - when to ask, no secret

    async def step(self, line: Line) -> float | None:
        """Do what is due; return in how many seconds to come again, or None when all is settled."""
        if not self.ticket:
            return await self.join(line)
        if self.state == "admitted":
            return await self.book(line)
        return await self.ask(line)

    async def join(self, line: Line) -> float:
        status, head, _body = await line.send(
            self.post(f"/rooms/{self.who['window']}/join/", self.who["form"])
        )
        name = f"room_{self.who['window']}="
        for row in head.split("\r\n"):
            if row.lower().startswith("set-cookie:") and name in row:
                self.ticket = row.split(name, 1)[1].split(";", 1)[0].strip('"')
        if status not in (302, 303):
            self.wrong.append(f"join {status}")
        opens = self.order["opens_at"] - time.time()
        return max(1.0, opens) + self.dice.random() * self.order["spread"] if self.ticket else 1.0

    async def ask(self, line: Line) -> float | None:
        status, _head, body = await line.send(self.get(f"/rooms/{self.who['window']}/status/"))
        if status != 200:
            self.wrong.append(f"status {status}")
            return 1.0
        told = json.loads(body)
        self.polls += 1
        self.state, self.position = told["state"], told.get("position", self.position)
        if self.state in FINAL:
            return None
        if self.state == "admitted":
            return 0.0
        wait = told.get("wait_seconds")
        pause = (
            told["ask_again"] if wait is None else min(LONGEST_PAUSE, max(told["ask_again"], wait))
        )
        return float(pause) * (0.7 + 0.6 * self.dice.random())

    async def book(self, line: Line) -> float | None:
        """Press the button; where the hour is gone, choose another of the office."""
        self.tries += 1
        form = f"{self.who['form']}&key={self.who['cookie'][-16:]}{self.tries}&applicants={self.who['applicant']}"
        path = f"/book/{self.who['slot']}/"
        status, head, _body = await line.send(
            self.post(path, f"{form}&service_type={self.order['service']}")
        )
        location = next(
            (row[10:] for row in head.split("\r\n") if row.lower().startswith("location: ")), ""
        )
        if status in (302, 303) and location.startswith(self.order["bookings"]):
            self.state, self.booked_at = "booked", time.time()
            return None
        if status not in (302, 303, 409):
            self.wrong.append(f"book {status}")
        self.state = "waiting"
        self.who["slot"] = self.dice.choice(self.order["slots"][str(self.who["window"])])
        return 0.0 if self.tries < MOST_TRIES else 5.0

    def get(self, path: str) -> bytes:
        return f"GET {path} HTTP/1.1\r\n{self.order['headers']}{self.cookies()}\r\n".encode()

    def post(self, path: str, form: str) -> bytes:
        length = f"Content-Length: {len(form)}\r\n"
        return f"POST {path} HTTP/1.1\r\n{self.order['headers']}{self.cookies()}{FORM}{length}\r\n{form}".encode()

    def cookies(self) -> str:
        ticket = f"; room_{self.who['window']}={self.ticket}" if self.ticket else ""
        return f"Cookie: {self.who['cookie']}{ticket}\r\n"


async def shop(order: dict[str, Any]) -> list[Shopper]:
    """Let everyone do what is due, over so many connections at a time, until all is settled or time is over."""
    people = [Shopper(order, who) for who in order["people"]]
    ties = count()
    due = [(0.0, next(ties), person) for person in people]
    heapq.heapify(due)

    async def serve() -> None:
        line = Line(tuple(order["address"]))
        while due and time.time() < order["until"]:
            at, tie, person = heapq.heappop(due)
            if at > time.time():
                heapq.heappush(due, (at, tie, person))
                await asyncio.sleep(min(0.2, at - time.time()))
                continue
            again = await person.step(line)
            if again is not None:
                heapq.heappush(due, (time.time() + again, next(ties), person))

    await asyncio.gather(*(serve() for _each in range(order["lines"])))
    return people


def main() -> None:
    """Serve one order."""
    order = json.loads(sys.stdin.readline())
    people = asyncio.run(shop(order))
    used = resource.getrusage(resource.RUSAGE_SELF)
    report = {
        "people": [
            {"window": one.who["window"], "state": one.state, "position": one.position, "booked_at": one.booked_at}
            for one in people
        ],
        "joined": sum(bool(one.ticket) for one in people),
        "polls": sum(one.polls for one in people),
        "wrong": Counter(text for one in people for text in one.wrong),
        "cpu_seconds": used.ru_utime + used.ru_stime,
    }  # fmt: skip
    sys.stdout.write(json.dumps(report) + "\n")


if __name__ == "__main__":
    main()
