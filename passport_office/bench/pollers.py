"""People with their phones in a waiting room: each takes a ticket and asks again and again, none at the same moment.

Run as a program, without Django. It reads one order as JSON and writes what each of them saw. Times are of the
wall clock, so that they can be compared with the opening.
"""

import asyncio
import json
import random
import sys
import time
from datetime import datetime
from typing import Any

CONNECT_AGAIN_SECONDS = 0.5
HEAD_END = b"\r\n\r\n"


class Person:
    """One browser: a connection, a session, a ticket, and what it was told."""

    def __init__(self, order: dict[str, Any], who: dict[str, str]) -> None:
        self.order, self.who = order, who
        self.ticket = ""
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None
        self.seen: list[tuple[float, str, int | None]] = []
        self.door: list[tuple[float, int]] = []
        self.milliseconds: list[float] = []
        self.failures = 0
        self.dice = random.Random(who["cookie"])  # noqa: S311 - when to ask, no secret

    async def live(self) -> None:
        await self.join()
        while time.time() < self.order["until"]:
            told = await self.ask()
            again = float(told["ask_again"]) if told else 1.0
            await asyncio.sleep(again * (0.7 + 0.6 * self.dice.random()))
        await self.hang_up()

    async def join(self) -> None:
        """Press the button: the answer brings the ticket as a cookie."""
        await asyncio.sleep(self.dice.random() * self.order["join_seconds"])
        body = self.who["form"].encode()
        head, _body = await self.send(
            f"POST {self.order['join']} HTTP/1.1\r\n{self.order['headers']}Cookie: {self.who['cookie']}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        name = f"{self.order['ticket_cookie']}="
        for line in head.split("\r\n"):
            if line.lower().startswith("set-cookie:") and name in line:
                self.ticket = line.split(name, 1)[1].split(";", 1)[0].strip('"')

    async def ask(self) -> dict[str, Any] | None:
        cookie = f"{self.who['cookie']}; {self.order['ticket_cookie']}={self.ticket}"
        began = time.time()
        try:
            _head, body = await self.send(
                f"GET {self.order['status']} HTTP/1.1\r\n{self.order['headers']}Room-Ticket: {cookie.partition('=')[2]}\r\n\r\n".encode()
            )
            told: dict[str, Any] = json.loads(body)
        except (OSError, ValueError, EOFError, asyncio.IncompleteReadError):
            self.failures += 1
            await self.hang_up()
            return None
        self.milliseconds.append((time.time() - began) * 1000)
        self.seen.append((began, told["state"], told.get("position")))
        if "let_in" in told:
            self.door.append((datetime.fromisoformat(told["at"]).timestamp(), told["let_in"]))
        return told

    async def send(self, request: bytes) -> tuple[str, bytes]:
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection(*self.order["address"])
        assert self.reader is not None
        self.writer.write(request)
        await self.writer.drain()
        head = (await self.reader.readuntil(HEAD_END)).decode("latin-1")
        length = 0
        for line in head.split("\r\n"):
            if line.lower().startswith("content-length:"):
                length = int(line.split(":", 1)[1])
        return head, await self.reader.readexactly(length)

    async def hang_up(self) -> None:
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None

    def report(self) -> dict[str, Any]:
        return {
            "account": self.who["account"],
            "ticket": self.ticket,
            "seen": self.seen,
            "door": self.door,
            "milliseconds": self.milliseconds,
            "failures": self.failures,
        }


async def wait_together(order: dict[str, Any]) -> list[dict[str, Any]]:
    """Let all of them wait until the order's time is over."""
    people = [Person(order, who) for who in order["people"]]
    await asyncio.gather(*(person.live() for person in people))
    return [person.report() for person in people]


def main() -> None:
    """Serve one order."""
    order = json.loads(sys.stdin.readline())
    sys.stdout.write(json.dumps(asyncio.run(wait_together(order))) + "\n")


if __name__ == "__main__":
    main()
