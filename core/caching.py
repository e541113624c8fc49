"""Answers to a person are kept by nobody: neither browser, nor proxy, nor back-forward cache."""

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils.cache import has_vary_header, patch_vary_headers

from core.public_pages import is_personal

PRIVATE: Final = "private, no-store"
# The page of a sign-out tells the browser to empty its cache; kept tickets are removed by the service worker.
SIGN_OUT_NAMES: Final = ("account_logout", "admin:logout")


class PrivateAnswersMiddleware:
    """Add `private, no-store` to every answer that is not public, and empty the browser's cache at sign-out."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        name = request.resolver_match.view_name if request.resolver_match else ""
        if request.method == "POST" and name in SIGN_OUT_NAMES:
            response["Clear-Site-Data"] = '"cache"'
        if _is_private(request, response):
            response["Cache-Control"] = PRIVATE
            patch_vary_headers(response, ("Cookie",))
        return response


def _is_private(request: HttpRequest, response: HttpResponse) -> bool:
    if "public" in response.get("Cache-Control", ""):
        return False
    return (
        is_personal(request)
        or request.method == "POST"
        or bool(response.cookies)
        or has_vary_header(response, "Cookie")
        or request.path.startswith("/api/")
    )
