"""The headers of an API response that help its caller: what is left of the limits, and the request's id."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog
from django.http import HttpRequest, HttpResponse

REQUEST_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class RateLimit:
    """How many calls are allowed, how many are left, and after how many seconds one is free again."""

    limit: int
    remaining: int
    reset: int


def note_limit(request: HttpRequest, limit: RateLimit) -> None:
    """Keep the strictest limit that applies to the request."""
    known: RateLimit | None = getattr(request, "rate_limit", None)
    if known is None or limit.remaining < known.remaining:
        request.rate_limit = limit  # type: ignore[attr-defined]


class ApiHeadersMiddleware:
    """Adds `RateLimit-*` and `X-Request-ID` to responses of the API, except to those that caches share."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path.startswith("/api/") or "public" in response.get("Cache-Control", ""):
            return response
        limit: RateLimit | None = getattr(request, "rate_limit", None)
        if limit is not None:
            response["RateLimit-Limit"] = str(limit.limit)
            response["RateLimit-Remaining"] = str(limit.remaining)
            response["RateLimit-Reset"] = str(limit.reset)
        request_id = str(structlog.contextvars.get_contextvars().get("request_id", ""))
        if REQUEST_ID.fullmatch(request_id):
            response["X-Request-ID"] = request_id
        return response
