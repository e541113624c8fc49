"""A program of an integrator that receives events, and an endpoint that leads there."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from accounts.models import User
from accounts.webhooks import services
from accounts.webhooks.kinds import NAMES
from accounts.webhooks.models import WebhookEndpoint
from tests.builders import NOW


class Receiver:
    """Keeps the events that it received and answers with `status`."""

    def __init__(self) -> None:
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.status = 204
        self.waits = 0.0  # seconds between two bytes of the answer
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.received.append((dict(self.headers), body))
                if receiver.waits:
                    self._answer_slowly()
                    return
                self.send_response(receiver.status)
                self.send_header("Location", "/elsewhere/")
                self.end_headers()

            def do_GET(self) -> None:
                receiver.received.append(({"Method": "GET"}, b"{}"))
                self.send_response(204)
                self.end_headers()

            def _answer_slowly(self) -> None:
                try:
                    for byte in b"HTTP/1.0 200 OK\r\nX-Long: " + b"a" * 200:
                        self.wfile.write(bytes([byte]))
                        time.sleep(receiver.waits)
                except OSError:
                    return

            def log_message(self, *_args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/events?token=abc"

    @property
    def events(self) -> list[Any]:
        return [json.loads(body) for _headers, body in self.received]


def make_endpoint(account: User, url: str, *kinds: str) -> WebhookEndpoint:
    return services.create_endpoint(
        account_id=account.pk, url=url, event_kinds=kinds or NAMES, now=NOW
    )
