"""The load client: many keep-alive connections in one process, without Django and without threads.

Run as a program. Each input line is one phase as JSON, each output line its result. Times are readings of the
machine's monotonic clock in seconds, so that other processes can compare them with their own.
"""

import json
import selectors
import socket
import sys
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

CHUNK = 262_144
STEP_SECONDS = 1.0
HEAD_END = b"\r\n\r\n"
FORM = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n"


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

    def __init__(self, address: tuple[str, int], selector: selectors.BaseSelector) -> None:
        self.address, self.selector = address, selector
        self.socket: socket.socket | None = None
        self.buffer = bytearray()
        self.index, self.started = -1, 0.0

    def send(self, index: int, request: bytes) -> None:
        self.index, self.started = index, time.monotonic()
        self.buffer.clear()
        if self.socket is None:
            self.socket = socket.create_connection(self.address, timeout=10)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.selector.register(self.socket, selectors.EVENT_READ, self)
        self.socket.sendall(request)

    def receive(self) -> bool:
        """Read what has arrived. False if the connection is closed or broken."""
        assert self.socket is not None
        try:
            part = self.socket.recv(CHUNK)
        except OSError:
            return False
        self.buffer += part
        return bool(part)

    def answer(self) -> Answer:
        """The answer in the buffer, or one with status 0 if it is not complete."""
        status = int(self.buffer[9:12]) if is_complete(self.buffer) else 0
        location = header_of(self.buffer, b"location") if 300 <= status < 400 else ""
        return Answer(status, self.started, time.monotonic(), location)

    def close(self) -> None:
        if self.socket is not None:
            self.selector.unregister(self.socket)
            self.socket.close()
            self.socket = None


def is_complete(buffer: bytearray) -> bool:
    """True if the buffer holds one complete HTTP/1.1 answer."""
    end = buffer.find(HEAD_END)
    if end < 0:
        return False
    if int(buffer[9:12]) in (204, 304):
        return True
    length = header_of(buffer, b"content-length")
    if length:
        return len(buffer) >= end + len(HEAD_END) + int(length)
    return buffer.endswith(b"0\r\n\r\n")


def header_of(buffer: bytearray, name: bytes) -> str:
    """The value of a header, or an empty string."""
    head = bytes(buffer[: buffer.find(HEAD_END)])
    start = head.lower().find(b"\r\n" + name + b":")
    if start < 0:
        return ""
    return head[start + len(name) + 3 :].split(b"\r\n", 1)[0].strip().decode("latin-1")


def send_all(
    address: tuple[str, int], requests: Sequence[bytes], *, clients: int, seconds: float
) -> list[Answer]:
    """Send the requests in order; one without an answer after `seconds` gets status 0."""
    answers = [Answer(0, 0.0, 0.0, "")] * len(requests)
    queue = iter(enumerate(requests))
    deadline = time.monotonic() + seconds

    def send_next(connection: Connection) -> None:
        for index, request in queue:
            try:
                connection.send(index, request)
            except OSError:
                connection.close()
                continue
            return
        connection.close()

    with selectors.DefaultSelector() as selector:
        for _each in range(clients):
            send_next(Connection(address, selector))
        while selector.get_map() and time.monotonic() < deadline:
            for key, _mask in selector.select(STEP_SECONDS):
                is_open = key.data.receive()
                if is_open and not is_complete(key.data.buffer):
                    continue
                answers[key.data.index] = key.data.answer()
                if not is_open or header_of(key.data.buffer, b"connection") == "close":
                    key.data.close()
                send_next(key.data)
        for key in list(selector.get_map().values()):
            key.data.close()
    return answers


def build_requests(phase: dict[str, Any]) -> list[bytes]:
    """The bytes of each request of a phase: method, path and headers of one reader."""
    requests, method = [], phase["method"]
    for item in phase["items"]:
        body = item.get("body", "").encode() if method == "POST" else b""
        head = f"{method} {item['path']} HTTP/1.1\r\n{phase['headers']}{item.get('headers', '')}"
        head += FORM.format(len(body)) if method == "POST" else ""
        requests.append(head.encode("latin-1") + b"\r\n" + body)
    return requests * phase.get("repeat", 1)


def run_phase(phase: dict[str, Any]) -> dict[str, Any]:
    requests, address = build_requests(phase), (phase["host"], phase["port"])
    used, began = time.process_time(), time.monotonic()
    answers = send_all(address, requests, clients=phase["clients"], seconds=phase["seconds"])
    ended, used = time.monotonic(), time.process_time() - used
    return {"began": began, "ended": ended, "client_seconds": used, "answers": answers}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(run_phase(json.loads(line))), flush=True)
