"""Turns a DomainError into a page or JSON."""

import logging
from collections.abc import Callable, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any, TypeVar

import structlog
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from prometheus_client import CollectorRegistry, Counter
from rest_framework import exceptions as drf
from rest_framework.response import Response
from rest_framework.views import exception_handler as drf_handler

from core.db import is_busy, is_unavailable
from core.errors import (
    Busy,
    DatabaseUnavailable,
    DomainError,
    InvalidInput,
    NotAllowed,
    NotFound,
    SlowDown,
)

# Busy passes soon; the default wait after too many requests is a minute.
RETRY_AFTER_SECONDS = {HTTPStatus.SERVICE_UNAVAILABLE: 2, HTTPStatus.TOO_MANY_REQUESTS: 60}
# The counts of each process for /metrics, apart from the library's default registry of Python figures.
COUNTED = CollectorRegistry()
REFUSALS = Counter(
    "passport_office_refusals",
    "Refused requests, by reason.",
    ["code"],
    registry=COUNTED,
)

logger = logging.getLogger(__name__)
Answer = Callable[[HttpRequest], HttpResponse]
Answered = TypeVar("Answered", bound=HttpResponseBase)
View = TypeVar("View", bound=Callable[..., HttpResponse])


class DomainErrorMiddleware:
    """Show a page for a broken rule, or for a database timeout."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        error = as_domain_error(exception)
        return None if error is None else error_page(request, error)


def as_domain_error(exception: BaseException) -> DomainError | None:
    """Return the error to show, or None for a bug."""
    if isinstance(exception, DomainError):
        return exception
    if isinstance(exception, OperationalError) and is_busy(exception):
        return Busy()
    return DatabaseUnavailable() if is_unavailable(exception) else None


def count_refusal(error: DomainError) -> None:
    """Count the error where it is shown (not every raised error is), and name it in the request's log line."""
    _count_code(error.code)


def _count_code(code: str) -> None:
    _refusals(code).inc()
    structlog.contextvars.bind_contextvars(refusal=code)


@cache
def _refusals(code: str) -> Counter:
    return REFUSALS.labels(code)


def error_page(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Render the error with its reason and its alternatives."""
    count_refusal(error)
    if isinstance(error, DatabaseUnavailable):
        # Reading the account would need the unavailable database.
        text = render_to_string("503.html", {"error": error})
        return with_retry_after(HttpResponse(text, status=error.http_status), error)
    context = {
        "error": error,
        "status": error.http_status,
        "alternatives": error.alternatives,
        "back_url": _back_url(request),
    }
    answer = render(request, "errors/domain_error.html", context, status=error.http_status)
    return with_retry_after(answer, error)


def is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def error_response(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Answer outside of a view: JSON for an API client, a page for people."""
    if not is_api(request):
        return error_page(request, error)
    count_refusal(error)
    return error_json(error)


def error_json(error: DomainError) -> JsonResponse:
    return with_retry_after(JsonResponse(error_body(error), status=error.http_status), error)


def _back_url(request: HttpRequest) -> str:
    referer = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(referer, {request.get_host()})
    return referer if is_ours else "/"


def with_retry_after(answer: Answered, error: DomainError | None) -> Answered:
    """Return the answer, with Retry-After when the error is temporary."""
    seconds = RETRY_AFTER_SECONDS.get(HTTPStatus(error.http_status)) if error else None
    if error is not None and seconds is not None:
        answer["Retry-After"] = str(error.values.get("retry_after", seconds))
    return answer


def error_body(error: DomainError) -> dict[str, Any]:
    """Return the JSON of an error: code, detail, and optionally facts, fields and alternatives."""
    body: dict[str, Any] = {"code": error.code, "detail": str(error), **error.facts}
    if error.fields:
        body["fields"] = {
            name: [str(text) for text in texts] for name, texts in error.fields.items()
        }
    if error.alternatives:
        body["alternatives"] = error.alternatives
    return body


def api_exception_handler(exception: Exception, context: Mapping[str, Any]) -> Response | None:
    """Return every API error in the same format."""
    error = as_domain_error(exception)
    if error is not None:
        count_refusal(error)
        refusal = Response(error_body(error), status=error.http_status)
        return with_retry_after(refusal, error)
    answer = drf_handler(exception, dict(context))
    if answer is not None:
        answer.data = _drf_body(exception, answer.data)
        _count_code(answer.data["code"])
    return answer


def _drf_body(exception: Exception, data: Any) -> dict[str, Any]:
    if isinstance(exception, drf.ValidationError):
        fields = data if isinstance(data, dict) else {"non_field_errors": data}
        flat = {name: _texts(texts) for name, texts in fields.items()}
        return {"code": "invalid", "detail": str(DomainError.message), "fields": flat}
    if isinstance(exception, drf.ParseError):
        return error_body(InvalidInput(str(exception.detail)))
    if isinstance(exception, drf.Throttled):
        return error_body(SlowDown())
    if isinstance(exception, Http404 | drf.NotFound):
        return error_body(NotFound())
    if isinstance(exception, PermissionDenied | drf.PermissionDenied):
        return error_body(NotAllowed())
    if isinstance(exception, drf.APIException):
        code = exception.get_codes()
        return {
            "code": code if isinstance(code, str) else "invalid",
            "detail": str(exception.detail),
        }
    return {"code": "invalid", "detail": str(data)}


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _texts(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner)]
    return [str(value)]


def next_url(request: HttpRequest, default: str) -> str:
    """Return the URL to continue to, if the form has one on this site."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure())
    return target if is_ours else default
