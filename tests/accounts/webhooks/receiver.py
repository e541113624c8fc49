"""A program of an integrator that receives events, and an endpoint that leads there."""

import datetime as dt
import json
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from accounts.models import User
from accounts.webhooks import services
from accounts.webhooks.kinds import NAMES
from accounts.webhooks.models import WebhookEndpoint
from tests.builders import NOW

HOST: Final = "sistem.contoh.id"


def make_certificate(folder: Path) -> Path:
    """Write a certificate of HOST with its key, signed by itself, and return its file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2090, 1, 1, tzinfo=dt.UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8
    encoding, nothing = serialization.Encoding.PEM, serialization.NoEncryption()
    file = folder / "certificate.pem"
    file.write_bytes(key.private_bytes(encoding, form, nothing) + made.public_bytes(encoding))
    return file


class Receiver:
    """Keeps the events that it received and answers with `status`; with a certificate, by TLS."""

    def __init__(self, certificate: Path | None = None) -> None:
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
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
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
