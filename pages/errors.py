"""Answers to errors outside of views: a page for people, JSON for API clients."""

import sys

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from django.views import defaults

from core.errors import DomainError, NotAllowed, NotFound, SlowDown
from core.web import (
    as_domain_error,
    count_refusal,
    error_json,
    error_page,
    is_api,
    with_retry_after,
)
from notices.services import request_id


class ServerFault(DomainError):
    """A bug. Its details are in the log, not in the answer."""

    code = "server_error"
    http_status = 500
    message = _(
        "Terjadi kesalahan pada sistem kami. Data mungkin belum tersimpan; periksa dulu, lalu coba lagi."
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return (
        error_json(DomainError()) if is_api(request) else defaults.bad_request(request, exception)
    )


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return (
        error_json(NotAllowed())
        if is_api(request)
        else defaults.permission_denied(request, exception)
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return (
        error_json(NotFound()) if is_api(request) else defaults.page_not_found(request, exception)
    )


def too_many(request: HttpRequest) -> HttpResponse:
    """Answer too many requests to an account page."""
    error = SlowDown()
    count_refusal(error)
    return with_retry_after(HttpResponse(render_to_string("429.html"), status=429), error)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer an internal error; if the database became unavailable, say so."""
    error = as_domain_error(sys.exc_info()[1] or ServerFault()) or ServerFault()
    if not isinstance(error, ServerFault):
        return error_json(error) if is_api(request) else error_page(request, error)
    if is_api(request):
        return error_json(error)
    # Without the request: reading its user may be what failed. The log has the same number.
    return HttpResponse(
        render_to_string("500.html", {"request_number": request_id()}), status=error.http_status
    )
