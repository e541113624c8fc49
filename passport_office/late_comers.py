"""Most of a release minute is a no: who asks for an hour that is full is told so before Django's frame.

The first one in each process is told by Django. From then on, the same question is put here, with Django's own
look at the session and at the form's token, the same statement and the same page; only what the frame does for
other pages is left out. Whatever is not plain (a form that booked before, a person who may not book, a session that
ran out, a forged form, a place that came back) is left to Django as if nobody had looked.
"""

import io
import logging
import re
import time
from collections.abc import Iterable
from importlib import import_module
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.handlers.wsgi import WSGIRequest
from django.db import Error, close_old_connections, connections
from django.http import HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.utils import translation
from django.utils.text import compress_string

from accounts.middleware import plain_account
from booking import services
from booking.views.book import asked_people
from booking.views.full import full_page
from booking.views.room_tickets import tokens_of
from core import clock
from core.web import count_refusal
from passport_office.metrics import REQUESTS
from passport_office.page_cache import Application, Environ, Headers, StartResponse
from passport_office.request_log import new_request_id, write_line
from quotas.errors import SlotFull

ADDRESS: Final = re.compile(r"/book/([0-9]{1,18})/", re.ASCII)
GZIP: Final = re.compile(r"\bgzip\b")
FORM: Final = "application/x-www-form-urlencoded"
LONGEST_FORM: Final = 4_096
MOST_KEPT: Final = 1_000
NOISE_BYTES: Final = 100  # as Django's own packing: the length of a page tells nothing of its token
STATUS: Final = "409 Conflict"
Key = tuple[str, str, str, str, str]


class TokenCheck(CsrfViewMiddleware):
    """Django's check of a form's token, which says no without a page and without a line in the log."""

    def _reject(self, request: Any, reason: str) -> HttpResponse:
        return HttpResponse(status=403)


class LateComers:
    """A WSGI application around the others."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.tokens = TokenCheck(lambda _request: HttpResponse())
        self.sessions = import_module(settings.SESSION_ENGINE).SessionStore
        # Hours of which Django has said that they are full, and the head with which it said so.
        self.full: set[int] = set()
        self.heads: dict[Key, Headers] = {}

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        is_sent = environ["REQUEST_METHOD"] == "POST"
        asked = ADDRESS.fullmatch(environ.get("PATH_INFO", "")) if is_sent else None
        if asked is None:
            return self.application(environ, start_response)
        slot_id = int(asked[1])
        if slot_id in self.full and _is_plain(environ):
            answered = self._answer(slot_id, environ)
            if answered is not None:
                start_response(STATUS, answered[0])
                return [answered[1]]
            self.full.discard(slot_id)
        return self._learn(slot_id, environ, start_response)

    def _learn(
        self, slot_id: int, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Let Django answer, and remember how it says that an hour is full."""
        answer: Any = self.application(environ, start_response)
        if getattr(answer, "is_surely_full", False) and not answer.cookies:
            if len(self.full) >= MOST_KEPT or len(self.heads) >= MOST_KEPT:
                self.full.clear()
                self.heads.clear()
            key = _key(environ, answer["Content-Language"], answer.get("Content-Encoding", ""))
            head = [pair for pair in answer.items() if pair[0].lower() != "content-length"]
            self.heads[key] = head
            self.full.add(slot_id)
        return answer

    def _answer(self, slot_id: int, environ: Environ) -> tuple[Headers, bytes] | None:
        """Return head and body for who is surely refused, or None, with the form put back to be read."""
        began = time.perf_counter()
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        environ["wsgi.input"] = io.BytesIO(body)
        request = WSGIRequest(environ)
        language = translation.get_language_from_request(request)
        packing = "gzip" if GZIP.search(environ.get("HTTP_ACCEPT_ENCODING", "")) else ""
        head = self.heads.get(_key(environ, language, packing))
        try:
            page = self._page(slot_id, request, language) if head is not None else None
        except SuspiciousOperation:
            page = None
        except Error:
            connections.close_all()
            page = None
        environ["wsgi.input"].seek(0)
        if head is None or page is None:
            return None
        account_id, text = page
        written = compress_string(text, max_random_bytes=NOISE_BYTES) if packing else text
        REQUESTS.labels("booking:book", "4xx").observe(time.perf_counter() - began)
        write_line(request, 409, logging.WARNING, new_request_id(request), account_id)
        return [*head, ("Content-Length", str(len(written)))], written

    def _page(self, slot_id: int, request: WSGIRequest, language: str) -> tuple[int, bytes] | None:
        """Return whose request it is and the page that refuses it, or None when more has to be said."""
        close_old_connections()
        now = clock.now()
        request.session = self.sessions(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
        account = plain_account(request.session)
        if account is None or not self._is_own_form(request):
            return None
        chosen, refusal = asked_people(request), SlotFull()
        is_refused = services.is_surely_refused(
            account_id=account.pk,
            slot_id=slot_id,
            applicant_ids=chosen,
            service_type=request.POST.get("service_type", ""),
            key=request.POST.get("key", ""),
            now=now,
            room_tickets=tokens_of(request),
        )
        if not is_refused:
            return None
        with translation.override(language):
            answer = full_page(request, slot_id, chosen, refusal, now)
        if answer is None:
            return None
        count_refusal(refusal)
        return account.pk, answer.content

    def _is_own_form(self, request: WSGIRequest) -> bool:
        """Tell whether the form bears the token of its cookie, by Django's own look."""
        self.tokens.process_request(request)
        return self.tokens.process_view(request, _any_view, (), {}) is None


def _any_view(_request: Any) -> HttpResponse:
    return HttpResponse()


def _is_plain(environ: Environ) -> bool:
    length = environ.get("CONTENT_LENGTH") or ""
    is_form = environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower() == FORM
    return (
        is_form
        and length.isascii()
        and length.isdigit()
        and 0 < int(length) <= LONGEST_FORM
        and "HTTP_AUTHORIZATION" not in environ
    )


def _key(environ: Environ, language: str, packing: str) -> Key:
    """Return what Django's head depends on, its look at the host and at the scheme included."""
    host, scheme = environ.get("HTTP_HOST", ""), environ.get("wsgi.url_scheme", "")
    return host, scheme, environ.get("HTTP_X_FORWARDED_PROTO", ""), language, packing
