"""One HTTP request with a signed event. The answer's status is all that is read of it."""

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, Final
from urllib.parse import SplitResult

from accounts.webhooks.addresses import NotPublic, resolve, split_url
from accounts.webhooks.models import WebhookEvent
from core.signatures import signed_headers

# For connecting and for each answer of the network, and for everything together: an endpoint that sends one
# byte a second must not hold a worker.
TIMEOUT: Final = 5.0
LONGEST: Final = 10.0
EVENT_ID: Final = "Idempotency-Key"
AGENT: Final = "Antrean-Paspor-Webhook/1"


class DeliveryFailed(Exception):
    """The endpoint has not accepted the event. `problem` is a short code without text of the endpoint."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(problem)


def body_of(event: WebhookEvent) -> bytes:
    """Return the body of an event: the same bytes at each attempt."""
    about = {"id": str(event.pk), "kind": event.kind, "at": event.created_at.isoformat()}
    return json.dumps({**about, **event.facts}).encode()


def send(event: WebhookEvent, *, now: datetime) -> None:
    """Send an event to its endpoint. Raises DeliveryFailed unless the answer is 2xx."""
    try:
        status = _post(event, now=now)
    except NotPublic:
        raise DeliveryFailed("not_public") from None
    except socket.gaierror:
        raise DeliveryFailed("unknown_name") from None
    except ssl.SSLError:
        raise DeliveryFailed("tls") from None
    except TimeoutError:
        raise DeliveryFailed("timeout") from None
    except (OSError, HTTPException, ValueError):
        raise DeliveryFailed("no_answer") from None
    if not 200 <= status < 300:
        raise DeliveryFailed(f"status_{status}")


def _post(event: WebhookEvent, *, now: datetime) -> int:
    parts, host, port = split_url(event.endpoint.url)
    numbers = resolve(event.endpoint.url)
    body = body_of(event)
    headers = signed_headers(body, key=event.endpoint.secret, now=now)
    headers |= {EVENT_ID: str(event.pk), "User-Agent": AGENT, "Connection": "close"}
    target = parts.path or "/"
    if parts.query:
        target = f"{target}?{parts.query}"
    with _connected(parts, host, port, numbers) as connection:
        connection.request("POST", target, body, headers)
        return connection.getresponse().status


@contextmanager
def _connected(
    parts: SplitResult, host: str, port: int, numbers: list[str]
) -> Iterator[HTTPConnection]:
    """Connect to one of the checked numbers, never to the name itself, and end everything after LONGEST."""
    plain = _connect(numbers, port)
    connection: HTTPConnection = HTTPConnection(host, port)
    used: socket.socket = plain
    if parts.scheme == "https":
        context = ssl.create_default_context()
        connection = HTTPSConnection(host, port, context=context)
        used = context.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
    is_late = threading.Event()
    timer = threading.Timer(LONGEST, _cut_off, (used, is_late))
    timer.daemon = True
    timer.start()
    try:
        if isinstance(used, ssl.SSLSocket):
            used.do_handshake()
        connection.sock = used
        yield connection
    except (OSError, HTTPException):
        if is_late.is_set():
            raise TimeoutError from None
        raise
    finally:
        timer.cancel()
        used.close()
        connection.close()


def _connect(numbers: list[str], port: int) -> socket.socket:
    """Return a connection to the first number that answers."""
    failure: OSError = OSError()
    for number in numbers[:2]:
        try:
            return socket.create_connection((number, port), timeout=TIMEOUT)
        except OSError as error:
            failure = error
    raise failure


def _cut_off(used: Any, is_late: threading.Event) -> None:
    """Shut a connection down from another thread; its reads then end at once."""
    is_late.set()
    try:
        socket.socket.shutdown(used, socket.SHUT_RDWR)
    except OSError:
        return  # it has ended by itself
