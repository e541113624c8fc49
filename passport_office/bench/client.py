"""The crowd: many keep-alive connections in one light process, without Django and without threads.

Run as a program. Each line it reads is one phase as JSON, each line it writes is what came of it. It knows
no business: it sends what it is told and reports status, times and where it was sent to. All times are of
the machine's monotonic clock, in seconds, so that other processes can compare them with their own.
"""

import json
import resource
import selectors
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

CHUNK = 262_144
STEP_SECONDS = 1.0
HEAD_END = b"\r\n\r\n"
# As our server writes it; any other way of writing it is found by a longer look.
LENGTH = b"\r\ncontent-length: "


class Answer(NamedTuple):
    """What became of one request; status 0 is a connection that broke or an answer that never came."""

    status: int
    started: float
    ended: float
    location: str


class Connection:
    """One keep-alive connection with at most one request in flight."""

    __slots__ = ("address", "buffer", "index", "is_watched", "socket", "started")

    def __init__(self, address: tuple[str, int]) -> None:
        self.is_watched = False
        self.address = address
        self.socket: socket.socket | None = None
        self.buffer = bytearray()
        self.index = -1
        self.started = 0.0

    def connect(self) -> socket.socket:
        if self.socket is None:
            self.socket = socket.create_connection(self.address, timeout=10)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self.socket

    def send(self, index: int, request: bytes) -> None:
        self.index, self.started = index, time.monotonic()
        self.buffer.clear()
        self.connect().sendall(request)

    def receive(self) -> bool:
        """Read what is there; tell whether the server still keeps the connection."""
        assert self.socket is not None
        part = self.socket.recv(CHUNK)
        self.buffer += part
        return bool(part)

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close()
            self.socket = None


def is_whole(buffer: bytearray) -> bool:
    """Tell whether the buffer holds one complete HTTP/1.1 answer."""
    end = buffer.find(HEAD_END)
    if end < 0:
        return False
    at = buffer.find(LENGTH, 0, end)
    if at >= 0 and buffer[9:12] != b"304":
        begins = at + len(LENGTH)
        length = int(buffer[begins : buffer.find(b"\r", begins)])
        return len(buffer) >= end + len(HEAD_END) + length
    head = bytes(buffer[:end]).lower()
    if status_of(buffer) in (204, 304):
        return True
    at = head.find(b"\r\ncontent-length:")
    if at >= 0:
        length = int(head[at + 17 :].split(b"\r\n", 1)[0])
        return len(buffer) >= end + len(HEAD_END) + length
    return buffer.endswith(b"0\r\n\r\n")


def status_of(buffer: bytearray) -> int:
    return int(buffer[9:12])


def location_of(buffer: bytearray) -> str:
    head = bytes(buffer[: buffer.find(HEAD_END)])
    at = head.lower().find(b"\r\nlocation:")
    return "" if at < 0 else head[at + 11 :].split(b"\r\n", 1)[0].strip().decode("latin-1")


class Crowd:
    """Sends the requests of a phase, in order, over so many connections at a time."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.address = address
        self.idle: list[Connection] = []
        self.selector = selectors.DefaultSelector()

    def run(self, requests: Sequence[bytes], *, at_a_time: int, seconds: float) -> list[Answer]:
        """Send all; whatever is unanswered after `seconds` counts as an error with status 0."""
        answers = [Answer(0, 0.0, 0.0, "")] * len(requests)
        waiting = iter(enumerate(requests))
        last = time.monotonic() + seconds
        while len(self.idle) < at_a_time:
            self.idle.append(Connection(self.address))
        in_flight = sum(self._next(self.idle.pop(), waiting, answers) for _turn in range(at_a_time))
        while in_flight and time.monotonic() < last:
            for key, _mask in self.selector.select(STEP_SECONDS):
                in_flight -= self._read(key.data, waiting, answers)
        self._abandon(answers)
        return answers

    def _next(
        self, connection: Connection, waiting: Iterator[tuple[int, bytes]], answers: list[Answer]
    ) -> bool:
        """Send the next request; tell whether one is now in flight."""
        for index, request in waiting:
            try:
                connection.send(index, request)
            except OSError:
                answers[index] = Answer(0, connection.started, time.monotonic(), "")
                self._forget(connection)
                connection.close()
                continue
            self._watch(connection)
            return True
        self._forget(connection)
        self.idle.append(connection)
        return False

    def _watch(self, connection: Connection) -> None:
        """Wait for what comes in; a connection stays watched from one request to the next."""
        if not connection.is_watched:
            self.selector.register(connection.connect(), selectors.EVENT_READ, connection)
            connection.is_watched = True

    def _forget(self, connection: Connection) -> None:
        if connection.is_watched and connection.socket is not None:
            self.selector.unregister(connection.socket)
        connection.is_watched = False

    def _read(
        self, connection: Connection, waiting: Iterator[tuple[int, bytes]], answers: list[Answer]
    ) -> int:
        """Take what came in; return 1 when this connection has nothing left to do."""
        try:
            is_open = connection.receive()
        except OSError:
            is_open = False
        is_done = is_whole(connection.buffer)
        if is_open and not is_done:
            return 0
        buffer = connection.buffer
        status = status_of(buffer) if is_done else 0
        location = location_of(buffer) if 300 <= status < 400 else ""
        answers[connection.index] = Answer(status, connection.started, time.monotonic(), location)
        if not is_open:
            self._forget(connection)
            connection.close()
        return 0 if self._next(connection, waiting, answers) else 1

    def close(self) -> None:
        """Hang up everywhere."""
        for connection in self.idle:
            connection.close()
        self.selector.close()

    def _abandon(self, answers: list[Answer]) -> None:
        for key in list(self.selector.get_map().values()):
            connection: Connection = key.data
            answers[connection.index] = Answer(0, connection.started, time.monotonic(), "")
            self._forget(connection)
            connection.close()


def build(phase: dict[str, Any]) -> list[bytes]:
    """Make each request's bytes: a method, a path, and the headers of one reader."""
    requests = []
    for item in phase["items"]:
        body = item.get("body", "").encode()
        head = f"{phase['method']} {item['path']} HTTP/1.1\r\n{phase['headers']}{item.get('headers', '')}"
        if phase["method"] == "POST":
            head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        requests.append(head.encode("latin-1") + b"\r\n" + body)
    return requests


def processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Serve phases until the input ends."""
    crowd: Crowd | None = None
    for line in sys.stdin:
        phase = json.loads(line)
        crowd = crowd or Crowd((phase["host"], phase["port"]))
        requests = build(phase)
        used, began = processor_seconds(), time.monotonic()
        answers = crowd.run(requests, at_a_time=phase["at_a_time"], seconds=phase["seconds"])
        ended = time.monotonic()
        report = {
            "began": began,
            "ended": ended,
            "processor_seconds": processor_seconds() - used,
            "answers": answers,
        }
        sys.stdout.write(json.dumps(report) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
