"""Traces, received by a small collector on this machine."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.test import Client
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from core import clock, tracing
from notices.models import Message
from notices.services import deliver_due
from tests.builders import make_user

pytestmark = pytest.mark.django_db
ADDRESS = "siti.jejak@contoh.id"


class Collector(BaseHTTPRequestHandler):
    received: list[bytes] = []

    def do_POST(self) -> None:
        self.received.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_given: Any) -> None:
        """Print nothing."""


@pytest.fixture
def collector(settings: Any) -> Iterator[type[Collector]]:
    """A collector of the whole traces, which every process sends to it."""
    Collector.received = []
    server = HTTPServer(("127.0.0.1", 0), Collector)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    tracing.tracer.cache_clear()
    settings.TRACES_URL = f"http://127.0.0.1:{server.server_port}"
    settings.TRACES_SHARE = 1.0
    yield Collector
    tracing.tracer.cache_clear()
    server.shutdown()
    server.server_close()
    thread.join()


def spans_of(collector: type[Collector]) -> list[Any]:
    tracing.tracer().span_processor.force_flush()
    bodies = [ExportTraceServiceRequest.FromString(body) for body in collector.received]
    return [
        span
        for body in bodies
        for resource in body.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


@pytest.mark.usefixtures("kept_connection")
def test_the_message_belongs_to_the_trace_of_the_click(collector: type[Collector]) -> None:
    make_user(ADDRESS)
    Client().post("/akun/password/reset/", {"email": ADDRESS})
    message = Message.objects.get()
    assert deliver_due(now=clock.now()) == 1
    spans = spans_of(collector)
    click = message.request_id.replace("-", "")
    own = [span for span in spans if span.trace_id.hex() == click]
    names = {span.name for span in own}
    assert {"POST account_reset_password", "deliver", "SQL INSERT"} <= names
    [request] = [span for span in own if span.name.startswith("POST")]
    statements = [span for span in own if span.name.startswith("SQL")]
    assert {span.parent_span_id for span in statements} == {request.span_id}
    everything = b"".join(collector.received)
    assert ADDRESS.encode() not in everything
    assert b"/akun/" not in everything, "an address of a page may hold a key"


@pytest.mark.usefixtures("kept_connection")
def test_a_failed_step_names_the_error_and_not_its_text(collector: type[Collector]) -> None:
    with pytest.raises(ValueError), tracing.span("step", request_id="0a" * 16):  # noqa: PT011
        raise ValueError(ADDRESS)
    [step] = spans_of(collector)
    assert step.status.message == "ValueError"
    assert ADDRESS.encode() not in b"".join(collector.received)


@pytest.mark.parametrize("known", ["", "no id", "0a" * 15, "0g" * 16])
def test_without_an_id_there_is_no_trace(settings: Any, known: str) -> None:
    settings.TRACES_URL = "http://127.0.0.1:1"
    with tracing.span("step", request_id=known) as step:
        assert step is None
