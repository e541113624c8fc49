"""The load client against a small server that behaves correctly or fails."""

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from benchmarks.client import build_requests, header_of, is_complete, send_all

WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
SMALL = b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\nx: y\r\n\r\nhow"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"
CLOSING = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi"
MOVED = b"HTTP/1.1 302 Found\r\nLocation: /bookings/ABC/\r\nContent-Length: 0\r\n\r\n"


class Server:
    """Sends the response in `answers` for each path; an empty response closes the connection."""

    def __init__(self, answers: dict[str, bytes]) -> None:
        self.answers = answers
        self.connections = 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.address = self.socket.getsockname()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        while True:
            try:
                connection, _address = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection: socket.socket) -> None:
        with connection:
            while data := connection.recv(65_536):
                answer = self.answers[data.split(b" ", 2)[1].decode()]
                if not answer:
                    return
                # In two halves: a response is rarely one packet.
                connection.sendall(answer[:10])
                connection.sendall(answer[10:])
                if answer is CLOSING:
                    return


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server(
        {"/": WHOLE, "/chunked": CHUNKED, "/book": MOVED, "/hang-up": b"", "/close": CLOSING}
    )
    yield made
    made.socket.close()


def send(server: Server, *paths: str, clients: int = 1, seconds: float = 10) -> Any:
    requests = build_requests(
        {"method": "GET", "headers": "Host: x\r\n", "items": [{"path": path} for path in paths]}
    )
    return send_all(server.address, requests, clients=clients, seconds=seconds)


def test_each_request_gets_its_own_response_over_few_connections(server: Any) -> None:
    answers = send(server, *["/", "/book", "/chunked"] * 50, clients=4)
    assert [answer.status for answer in answers] == [200, 302, 200] * 50
    assert {answer.location for answer in answers[1::3]} == {"/bookings/ABC/"}
    assert server.connections == 4


def test_measured_times_are_in_order(server: Any) -> None:
    first, second = send(server, "/", "/")
    assert first.started <= first.ended <= second.started <= second.ended


def test_a_closed_connection_fails_one_request_only(server: Any) -> None:
    answers = send(server, "/", "/hang-up", "/")
    assert [answer.status for answer in answers] == [200, 0, 200]


def test_a_silent_server_times_out() -> None:
    silent = Server({"/": b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"})
    answers = send(silent, "/", "/", seconds=0.5)
    silent.socket.close()
    assert [answer.status for answer in answers] == [0, 0]


def test_a_refused_connection_fails_each_request() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        address = gone.getsockname()
    answers = send_all(address, [b"GET / HTTP/1.1\r\n\r\n"] * 3, clients=2, seconds=5)
    assert [answer.status for answer in answers] == [0, 0, 0]


def test_a_form_is_sent_with_its_content_length() -> None:
    [request] = build_requests(
        {
            "method": "POST",
            "headers": "Host: x\r\n",
            "items": [{"path": "/book", "headers": "Cookie: a=b\r\n", "body": "k=v"}],
        }
    )
    head, body = request.split(b"\r\n\r\n")
    assert body == b"k=v"
    assert {b"Content-Length: 3", b"Cookie: a=b", b"Host: x"} <= set(head.split(b"\r\n"))


@pytest.mark.parametrize(
    "whole", [WHOLE, SMALL, CHUNKED, MOVED, b"HTTP/1.1 304 Not Modified\r\n\r\n"]
)
def test_a_response_ends_with_its_last_byte(whole: Any) -> None:
    assert is_complete(bytearray(whole))
    assert not is_complete(bytearray(whole[:-1]))


def test_a_missing_header_is_empty() -> None:
    assert header_of(bytearray(WHOLE), b"location") == ""


def test_a_get_has_no_body() -> None:
    [request] = build_requests(
        {"method": "GET", "headers": "Host: x\r\n", "items": [{"path": "/", "body": "k=v"}]}
    )
    assert request.endswith(b"\r\n\r\n")


def test_a_new_connection_is_opened_after_connection_close(server: Any) -> None:
    assert [answer.status for answer in send(server, "/close", "/", "/close")] == [200] * 3
    assert server.connections == 2
