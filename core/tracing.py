"""Traces from a click to its message, for a collector of OpenTelemetry. Off without TRACES_URL.

A trace has the id of its request: the one in the log lines, in the row of a message and on the
error page. So the delivery of a message, in another process and maybe an hour later, belongs to the
trace of the click that caused it, without a column of its own. Spans hold no personal data: no
address of a page, no values of statements.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from typing import Any, Final

import structlog
from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import connection
from django.http import HttpRequest, HttpResponse

HEXADECIMAL_DIGITS: Final = 32


def trace_id_of(request_id: str) -> int | None:
    """Return the trace id of a request or task id, or None if it is none (32 hexadecimal digits, maybe a UUID)."""
    digits = request_id.replace("-", "")
    try:
        return int(digits, 16) if len(digits) == HEXADECIMAL_DIGITS else None
    except ValueError:
        return None


@contextmanager
def span(name: str, *, request_id: str, **attributes: str | int) -> Iterator[Any]:
    """Record one step of a request; an exception marks it as failed. Without TRACES_URL nothing happens."""
    trace_id = trace_id_of(request_id) if settings.TRACES_URL else None
    if not trace_id:
        yield None
        return
    from opentelemetry import trace

    # A step inside another one follows it; the first one in this process follows the request.
    parent = trace.get_current_span().get_span_context()
    context = None if parent.trace_id == trace_id else _context_of(trace_id)
    with _started(name, context=context, attributes=attributes) as current:
        yield current


@contextmanager
def _started(name: str, **options: Any) -> Iterator[Any]:
    """Run a span. The text of an exception may hold personal data, so only its class is recorded."""
    from opentelemetry import trace

    with tracer().start_as_current_span(
        name, record_exception=False, set_status_on_exception=False, **options
    ) as current:
        try:
            yield current
        except BaseException as error:
            current.set_status(trace.StatusCode.ERROR, type(error).__name__)
            raise


def _context_of(trace_id: int) -> Any:
    from opentelemetry import trace

    beginning = trace.SpanContext(
        trace_id=trace_id,
        span_id=trace_id & 0xFFFFFFFFFFFFFFFF or 1,
        is_remote=True,
        trace_flags=trace.TraceFlags(trace.TraceFlags.SAMPLED),
    )
    return trace.set_span_in_context(trace.NonRecordingSpan(beginning))


@cache
def tracer() -> Any:
    """Return this process's tracer, made at its first span: a thread does not survive a fork."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.sampling import TraceIdRatioBased

    # Decided by the id alone, so that all processes keep the same traces.
    provider = TracerProvider(
        sampler=TraceIdRatioBased(settings.TRACES_SHARE),
        resource=Resource({"service.name": "passport_office"}),
    )
    exporter = OTLPSpanExporter(endpoint=f"{settings.TRACES_URL}/v1/traces", timeout=5)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider.get_tracer("passport_office")


class TracingMiddleware:
    """Records each request and its statements, under the name of its URL pattern."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.TRACES_URL:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        known = str(structlog.contextvars.get_contextvars().get("request_id") or "")
        with span(
            "request", request_id=known, **{"http.request.method": request.method or ""}
        ) as one:
            with connection.execute_wrapper(_statement) if one else nullcontext():
                response = self.get_response(request)
            if one:
                match = request.resolver_match
                one.update_name(f"{request.method} {match.view_name if match else 'unknown'}")
                one.set_attribute("http.response.status_code", response.status_code)
        return response


def _statement(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    words = sql.split(maxsplit=1)
    with _started(f"SQL {words[0].upper() if words else ''}"):
        return execute(sql, params, many, context)
