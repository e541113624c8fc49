"""Refused forms are shown by a GET, so that Back, reload and an expired session lose nothing.

A POST whose answer is a page (errors with the typed values, or a preview) is answered with 303 to the same address with
`?draft=`. The page is kept in the session: encrypted, at most 30 minutes, deleted when the form succeeds and, with the
session, at sign-out. A POST that meets an expired session keeps the typed values in the same way; after sign-in they
can be sent with one press. Nothing is ever sent again by a GET.
"""

import base64
import json
import re
import secrets
import zlib
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.middleware.csrf import get_token
from django.shortcuts import render, resolve_url
from django.utils.translation import gettext as _

from core import clock
from core.crypto import decrypt, encrypt

PARAMETER: Final = "draft"
SESSION_KEY: Final = "drafts"
# The names of drafts whose form succeeded: Back to one of them loses nothing, so the page says nothing.
SAVED_KEY: Final = "drafts_saved"
MOST_SAVED: Final = 20
KEPT_SECONDS: Final = 30 * 60
# The oldest draft of a session goes first.
MOST_DRAFTS: Final = 4
MOST_CHARACTERS: Final = 400_000
MOST_CHARACTERS_SIGNED_OUT: Final = 60_000
PAGES: Final = frozenset(
    {
        HTTPStatus.OK,
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.CONFLICT,
        HTTPStatus.UNPROCESSABLE_ENTITY,
    }
)
# In the minute of a release most booking forms are refused because the slot is full. That page holds no form, and
# keeping it would double the work of the busiest minute. Clients also rely on its status 409.
DIRECT: Final = {("booking:book", HTTPStatus.CONFLICT)}
TOKEN_FIELD: Final = re.compile(r'(name="csrfmiddlewaretoken" value=")[^"]*(")')
REDIRECT: Final = 302
LOGIN_NAMES: Final = ("account_login", "admin:login")


class FormDraftMiddleware:
    """Answer a refused form with 303, and show kept pages and values. See the module's text."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in ("GET", "HEAD") and PARAMETER in request.GET:
            return _show(request)
        response = self.get_response(request)
        return _keep(request, response) if request.method == "POST" else response


# --- Keeping --------------------------------------------------------------------------------------
def _keep(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate":
        return response
    if _leads_to_sign_in(request, response):
        return _keep_values(request, response)
    if 300 <= response.status_code < 400:
        _forget(request)
        return response
    return _keep_page(request, response) if _is_kept_page(request, response) else response


def _is_kept_page(request: HttpRequest, response: HttpResponse) -> bool:
    name = request.resolver_match.view_name if request.resolver_match else ""
    return (
        response.status_code in PAGES
        and not response.streaming
        and response.get("Content-Type", "").startswith("text/html")
        and "Content-Disposition" not in response
        and (name, response.status_code) not in DIRECT
        and (_is_signed_in(request) or response.status_code != HTTPStatus.FORBIDDEN)
    )


def _keep_page(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    text = response.content.decode(response.charset)
    draft = _add(request, {"text": text, "status": response.status_code})
    if draft is None:
        return response
    redirect = HttpResponseRedirect(_address(request, draft), status=HTTPStatus.SEE_OTHER)
    redirect.cookies = response.cookies
    return redirect


def _keep_values(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    values = [
        (name, value)
        for name, values in request.POST.lists()
        if name != "csrfmiddlewaretoken" and "password" not in name
        for value in values
    ]
    draft = _add(request, {"values": values})
    if draft is None:
        return response
    location = urlsplit(response["Location"])
    query = dict(parse_qsl(location.query)) | {"next": _address(request, draft)}
    response["Location"] = location._replace(query=urlencode(query)).geturl()
    return response


def _leads_to_sign_in(request: HttpRequest, response: HttpResponse) -> bool:
    if response.status_code != REDIRECT or _is_signed_in(request):
        return False
    target = urlsplit(response["Location"])
    is_sign_in = target.path in {resolve_url(name) for name in LOGIN_NAMES}
    return is_sign_in and dict(parse_qsl(target.query)).get("next") == request.get_full_path()


def _add(request: HttpRequest, draft: dict[str, Any]) -> str | None:
    """Add a draft to the session; return its name, or None if it is too long to be kept."""
    sealed = _seal(draft)
    is_signed_in = _is_signed_in(request)
    if len(sealed) > (MOST_CHARACTERS if is_signed_in else MOST_CHARACTERS_SIGNED_OUT):
        return None
    if not is_signed_in and request.session.session_key is None:
        request.session.set_expiry(KEPT_SECONDS)
    name = secrets.token_urlsafe(9)
    entry = {
        "path": request.path,
        "account": request.user.pk,
        "at": clock.now().timestamp(),
        "sealed": sealed,
    }
    kept = list(_drafts(request).items())[1 - MOST_DRAFTS :]
    request.session[SESSION_KEY] = dict([*kept, (name, entry)])
    return name


def _forget(request: HttpRequest) -> None:
    """Delete the drafts of this address after its form succeeded."""
    drafts = _drafts(request)
    others = {name: entry for name, entry in drafts.items() if entry["path"] != request.path}
    if len(others) < len(drafts):
        saved = [*request.session.get(SAVED_KEY, []), *(drafts.keys() - others.keys())]
        request.session[SAVED_KEY] = saved[-MOST_SAVED:]
        request.session[SESSION_KEY] = others


# --- Showing --------------------------------------------------------------------------------------
def _show(request: HttpRequest) -> HttpResponse:
    entry = _drafts(request).get(request.GET[PARAMETER])
    is_current = (
        entry is not None
        and entry["path"] == request.path
        and clock.now().timestamp() - entry["at"] <= KEPT_SECONDS
    )
    draft = _unseal(entry["sealed"]) if entry and is_current else None
    if draft is None or entry is None:
        if request.GET[PARAMETER] not in request.session.get(SAVED_KEY, []):
            text = _("Isian ini sudah dihapus. Kami menyimpan isian selama 30 menit saja.")
            messages.info(request, text)
        return HttpResponseRedirect(_address(request))
    if "values" in draft and _is_signed_in(request):
        return _show_values(request, draft["values"])
    if "text" not in draft or entry["account"] != request.user.pk:
        return HttpResponseRedirect(_address(request))
    token = get_token(request)
    page = TOKEN_FIELD.sub(lambda field: f"{field[1]}{token}{field[2]}", draft["text"])
    return HttpResponse(page, status=draft["status"])


def _show_values(request: HttpRequest, values: list[list[str]]) -> HttpResponse:
    context = {"values": values, "action": _address(request)}
    return render(request, "pages/send_again.html", context)


# --- Helpers --------------------------------------------------------------------------------------
def _drafts(request: HttpRequest) -> dict[str, dict[str, Any]]:
    return dict(request.session.get(SESSION_KEY) or {})


def _is_signed_in(request: HttpRequest) -> bool:
    return bool(request.user.is_authenticated)


def _address(request: HttpRequest, draft: str = "") -> str:
    """Return the request's address with this draft, or without one."""
    query = QueryDict(request.META.get("QUERY_STRING", ""), mutable=True)
    query.pop(PARAMETER, None)
    if draft:
        query[PARAMETER] = draft
    return f"{request.path}?{query.urlencode()}" if query else request.path


def _seal(draft: dict[str, Any]) -> str:
    packed = zlib.compress(json.dumps(draft).encode())
    return encrypt(base64.b85encode(packed).decode())


def _unseal(sealed: str) -> dict[str, Any] | None:
    """Return the draft, or None if its key is no longer in use."""
    try:
        packed = base64.b85decode(decrypt(sealed))
    except ValueError:
        return None
    draft: dict[str, Any] = json.loads(zlib.decompress(packed))
    return draft
