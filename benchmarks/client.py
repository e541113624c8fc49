"""The load client: many keep-alive connections in one process, without Django and without threads.

Run as a program. Each input line is one phase as JSON, each output line its result. Times are readings of the
machine's monotonic clock in seconds, so that other processes can compare them with their own.
"""

import json
import selectors
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

CHUNK = 262_144
STEP_SECONDS = 1.0
HEAD_END = b"\r\n\r\n"


class Answer(NamedTuple):
    """The result of one request. Status 0: the connection broke or no answer came in time."""

    status: int
    started: float
    ended: float
    location: str

    @property
    def milliseconds(self) -> float:
        return (self.ended - self.started) * 1000


class Connection:
    """One keep-alive connection with at most one request in flight."""

    __slots__ = ("address", "buffer", "index", "is_watched", "socket", "started")

    def __init__(self, address: tuple[str, int]) -> None:
        self.address = address
        self.socket: socket.socket | None = None
        self.buffer = bytearray()
        self.index = -1
        self.started = 0.0
        self.is_watched = False

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
        """Read what has arrived. False if the connection is closed or broken."""
        assert self.socket is not None
        try:
            part = self.socket.recv(CHUNK)
        except OSError:
            return False
        self.buffer += part
        return bool(part)

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close()
            self.socket = None


def is_complete(buffer: bytearray) -> bool:
    """True if the buffer holds one complete HTTP/1.1 answer."""
    end = buffer.find(HEAD_END)
    if end < 0:
        return False
    if status_of(buffer) in (204, 304):
        return True
    length = header_of(buffer, b"content-length")
    if length:
        return len(buffer) >= end + len(HEAD_END) + int(length)
    return buffer.endswith(b"0\r\n\r\n")


def status_of(buffer: bytearray) -> int:
    return int(buffer[9:12])


def header_of(buffer: bytearray, name: bytes) -> str:
    """The value of a header, or an empty string."""
    head = bytes(buffer[: buffer.find(HEAD_END)])
    start = head.lower().find(b"\r\n" + name + b":")
    if start < 0:
        return ""
    return head[start + len(name) + 3 :].split(b"\r\n", 1)[0].strip().decode("latin-1")


class LoadClient:
    """Sends the requests of a phase in order, over a number of connections at a time."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.address = address
        self.idle: list[Connection] = []
        self.selector = selectors.DefaultSelector()

    def run(self, requests: Sequence[bytes], *, clients: int, seconds: float) -> list[Answer]:
        """Send all requests; one without an answer after `seconds` gets status 0."""
        answers = [Answer(0, 0.0, 0.0, "")] * len(requests)
        waiting = iter(enumerate(requests))
        deadline = time.monotonic() + seconds
        while len(self.idle) < clients:
            self.idle.append(Connection(self.address))
        in_flight = sum(
            self._send_next(self.idle.pop(), waiting, answers) for _each in range(clients)
        )
        while in_flight and time.monotonic() < deadline:
            for key, _mask in self.selector.select(STEP_SECONDS):
                in_flight -= self._read(key.data, waiting, answers)
        self._abandon(answers)
        return answers

    def close(self) -> None:
        for connection in self.idle:
            connection.close()
        self.selector.close()

    def _send_next(
        self, connection: Connection, waiting: Iterator[tuple[int, bytes]], answers: list[Answer]
    ) -> bool:
        """Send the next request. False if there is none left."""
        for index, request in waiting:
            try:
                connection.send(index, request)
            except OSError:
                answers[index] = Answer(0, connection.started, time.monotonic(), "")
                self._disconnect(connection)
                continue
            if not connection.is_watched:
                self.selector.register(connection.connect(), selectors.EVENT_READ, connection)
                connection.is_watched = True
            return True
        self._unwatch(connection)
        self.idle.append(connection)
        return False

    def _read(
        self, connection: Connection, waiting: Iterator[tuple[int, bytes]], answers: list[Answer]
    ) -> int:
        """Read from a connection. Returns 1 if it has nothing left to do, else 0."""
        is_open = connection.receive()
        is_done = is_complete(connection.buffer)
        if is_open and not is_done:
            return 0
        status = status_of(connection.buffer) if is_done else 0
        location = header_of(connection.buffer, b"location") if 300 <= status < 400 else ""
        answers[connection.index] = Answer(status, connection.started, time.monotonic(), location)
        if not is_open:
            self._disconnect(connection)
        return 0 if self._send_next(connection, waiting, answers) else 1

    def _unwatch(self, connection: Connection) -> None:
        if connection.is_watched and connection.socket is not None:
            self.selector.unregister(connection.socket)
        connection.is_watched = False

    def _disconnect(self, connection: Connection) -> None:
        self._unwatch(connection)
        connection.close()

    def _abandon(self, answers: list[Answer]) -> None:
        for key in list(self.selector.get_map().values()):
            connection: Connection = key.data
            answers[connection.index] = Answer(0, connection.started, time.monotonic(), "")
            self._disconnect(connection)


def build_requests(phase: dict[str, Any]) -> list[bytes]:
    """The bytes of each request of a phase: method, path and headers of one reader."""
    requests = []
    for item in phase["items"]:
        body = item.get("body", "").encode() if phase["method"] == "POST" else b""
        head = f"{phase['method']} {item['path']} HTTP/1.1\r\n{phase['headers']}{item.get('headers', '')}"
        if phase["method"] == "POST":
            head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        requests.append(head.encode("latin-1") + b"\r\n" + body)
    return requests * phase.get("repeat", 1)


def run_phase(phase: dict[str, Any]) -> dict[str, Any]:
    client = LoadClient((phase["host"], phase["port"]))
    requests = build_requests(phase)
    used, began = time.process_time(), time.monotonic()
    answers = client.run(requests, clients=phase["clients"], seconds=phase["seconds"])
    ended, used = time.monotonic(), time.process_time() - used
    client.close()
    return {"began": began, "ended": ended, "client_seconds": used, "answers": answers}


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.write(json.dumps(run_phase(json.loads(line))) + "\n")
        sys.stdout.flush()
