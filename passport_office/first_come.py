"""The two answers of nearly everyone in a release minute, given before Django's frame: a ticket, and "this hour is full".

The first of each kind in each process is Django's, and so is the head of all that follow. From then on the same form is
looked at here, by Django's own look at the session and at the form's token, booked by the same statement and answered with
the same page; only what the frame does for other pages is left out. Whatever is not plain (several people, a form that
booked before, a person who may not book, a session that ran out, a forged form, a window behind a waiting room) is left to
Django as if nobody had looked.
"""

import io
import logging
import re
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from http import HTTPStatus
from importlib import import_module
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.core.exceptions import SuspiciousOperation
from django.core.handlers.wsgi import WSGIRequest
from django.db import Error, close_old_connections, connections
from django.http import HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.utils import translation

from accounts.middleware import is_proof_of
from booking import selectors, services
from booking.services import Asker, PlainForm
from booking.views.book import address_of_ticket, asked_people
from booking.views.devices import device_key
from booking.views.drawn import packing_of
from booking.views.full import full_page
from booking.views.room_tickets import tokens_of
from core import clock
from core.web import count_refusal
from notices.services import REQUEST_ID
from passport_office.metrics import REQUESTS
from passport_office.page_cache import (
    Application,
    Environ,
    Headers,
    StartResponse,
    cookies_of,
)
from passport_office.request_log import new_request_id, write_line
from quotas.errors import SlotFull

ADDRESS: Final = re.compile(r"/book/([0-9]{1,18})/", re.ASCII)
FORM: Final = "application/x-www-form-urlencoded"
LONGEST_FORM: Final = 4_096
MOST_KEPT: Final = 1_000
MESSAGES: Final = "messages"
PATIENCE: Final = 0.1  # seconds: an answer of Django takes less
STATUS: Final = {
    code: f"{code.value} {code.phrase}" for code in (HTTPStatus.FOUND, HTTPStatus.CONFLICT)
}
LEVELS: Final = {HTTPStatus.FOUND: logging.INFO, HTTPStatus.CONFLICT: logging.WARNING}
SECONDS: Final = {
    code: REQUESTS.labels("booking:book", f"{code.value // 100}xx") for code in STATUS
}
Key = tuple[str, ...]


@dataclass(frozen=True)
class Answered:
    """What is said, and to whom."""

    code: HTTPStatus
    head: Headers
    body: bytes
    account_id: int


class Sent:
    """A form that was sent for an hour, as it is looked at here."""

    def __init__(self, environ: Environ, slot_id: int) -> None:
        self.request = WSGIRequest(environ)
        self.slot_id = slot_id
        self.now: datetime = clock.now()

        chosen = self.request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        self.language = _language_of(chosen, environ.get("HTTP_ACCEPT_LANGUAGE", ""))

    def form(self) -> PlainForm:
        request = self.request
        return PlainForm(
            slot_id=self.slot_id,
            applicant_ids=asked_people(request),
            service_type=request.POST.get("service_type", ""),
            key=request.POST.get("key", ""),
            room_tickets=tokens_of(request),
            device_key=device_key(request),
        )


class UnlearnedError(Exception):
    """Django has not yet said under which head such an answer is given."""


class TokenCheck(CsrfViewMiddleware):
    """Django's check of a form's token, which says no without a page and without a line in the log."""

    def _reject(self, request: Any, reason: str) -> HttpResponse:
        return HttpResponse(status=403)


class FirstCome:
    """A WSGI application around the others."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.tokens = TokenCheck(lambda _request: HttpResponse())
        self.sessions = import_module(settings.SESSION_ENGINE).SessionStore
        self.heads: dict[Key, Headers] = {}
        self.learning = threading.Lock()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        is_sent = environ["REQUEST_METHOD"] == "POST"
        asked = ADDRESS.fullmatch(environ.get("PATH_INFO", "")) if is_sent else None
        if asked is None or not _is_plain(environ):
            return self.application(environ, start_response)
        try:
            answered = self._answer(environ, int(asked[1]))
        except UnlearnedError:
            return self._learn_once(environ, int(asked[1]), start_response)
        return self._say(answered, environ, start_response)

    def _say(
        self, answered: Answered | None, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        if answered is None:
            return self.application(environ, start_response)
        start_response(STATUS[answered.code], answered.head)
        return [answered.body]

    def _learn_once(
        self, environ: Environ, slot_id: int, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Let one ask Django, and the others of its moment wait for what it says: but not long."""
        is_first = self.learning.acquire(timeout=PATIENCE)
        try:
            answered = self._answer(environ, slot_id)
        except UnlearnedError:
            return self._learn(environ, start_response)
        finally:
            if is_first:
                self.learning.release()
        return self._say(answered, environ, start_response)

    def _learn(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Let Django answer, and remember under which head it gives a plain answer."""
        answer: Any = self.application(environ, start_response)
        kind = getattr(answer, "is_plain", "")
        # What is in a head is for everyone: nothing that this reader had in store may be among it.
        expected = {MESSAGES} if kind == "ticket" else set()
        has_own = MESSAGES in cookies_of(environ.get("HTTP_COOKIE", ""))
        if kind and set(answer.cookies) == expected and not has_own:
            if len(self.heads) >= MOST_KEPT:
                self.heads.clear()
            packing = answer.get("Content-Encoding", "")
            head = [pair for pair in answer.items() if pair[0].lower() != "content-length"]
            head += [("Set-Cookie", row.OutputString()) for row in answer.cookies.values()]
            self.heads[_key(kind, environ, answer["Content-Language"], packing)] = head
        return answer

    def _answer(self, environ: Environ, slot_id: int) -> Answered | None:
        """Return what there is to say, or None, with the form put back to be read. Raises UnlearnedError."""
        began = time.perf_counter()
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        environ["wsgi.input"] = io.BytesIO(body)
        sent = Sent(environ, slot_id)
        request_id = new_request_id(sent.request)
        told = REQUEST_ID.set(request_id)
        try:
            with translation.override(sent.language):
                answered = self._plainly(sent)
        except SuspiciousOperation:
            answered = None
        except Error:
            connections.close_all()
            answered = None
        finally:
            REQUEST_ID.reset(told)
            environ["wsgi.input"].seek(0)
        if answered is not None:
            SECONDS[answered.code].observe(time.perf_counter() - began)
            level = LEVELS[answered.code]
            write_line(sent.request, answered.code.value, level, request_id, answered.account_id)
        return answered

    def _plainly(self, sent: Sent) -> Answered | None:
        close_old_connections()
        session_key = sent.request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
        if not session_key.isalnum() or not self._is_own_form(sent.request):
            return None
        asker = services.find_asker(sent.form(), session_key=session_key, now=sent.now)
        if asker is None or not self._is_signed_in(asker):
            return None
        if services.is_plainly_full(asker):
            return self._refused(sent, asker)
        return self._booked(sent, asker)

    def _is_signed_in(self, asker: Asker) -> bool:
        """Tell whether the session that came with a form is that of whoever may send it."""
        said = self.sessions().decode(asker.session_data)
        proof = said.get(HASH_SESSION_KEY)
        is_of_account = said.get(SESSION_KEY) == str(asker.account.pk)
        return bool(proof) and is_of_account and is_proof_of(proof, asker.account)

    def _is_own_form(self, request: WSGIRequest) -> bool:
        """Tell whether the form bears the token of its cookie, by Django's own look."""
        self.tokens.process_request(request)
        return self.tokens.process_view(request, _any_view, (), {}) is None

    def _booked(self, sent: Sent, asker: Asker) -> Answered | None:
        """Book, or change nothing and return None."""
        # Who has messages to read gets one more, which the head of another cannot say.
        if MESSAGES in sent.request.COOKIES:
            return None
        head = self._head("ticket", sent)
        try:
            party = services.book_plainly(asker)
        except SlotFull:
            return self._refused(sent, asker)
        if party is None:
            return None
        there = {"Location": address_of_ticket(*selectors.codes_of(party))}
        head = [(name, there.get(name, value)) for name, value in head]
        return Answered(HTTPStatus.FOUND, [*head, ("Content-Length", "0")], b"", asker.account.pk)

    def _refused(self, sent: Sent, asker: Asker) -> Answered | None:
        """Say that the hour is full; None when there is more to say."""
        refusal, packing = SlotFull(), packing_of(sent.request)
        head = self._head("full", sent, packing)
        page = full_page(sent.request, sent.slot_id, asker.form.applicant_ids, refusal, sent.now)
        if page is None:
            return None
        count_refusal(refusal)
        text = page.written(packing)
        head = [*head, ("Content-Length", str(len(text)))]
        return Answered(HTTPStatus.CONFLICT, head, text, asker.account.pk)

    def _head(self, kind: str, sent: Sent, packing: str = "") -> Headers:
        head = self.heads.get(_key(kind, sent.request.META, sent.language, packing))
        if head is None:
            raise UnlearnedError
        return head


def _any_view(_request: Any) -> HttpResponse:
    return HttpResponse()


@dataclass(frozen=True)
class _Preferences:
    """What Django's choice of a language looks at."""

    COOKIES: dict[str, str]
    META: dict[str, str]


@lru_cache(maxsize=1024)
def _language_of(chosen: str, accepted: str) -> str:
    """Return the language that Django will choose: a crowd brings few such headers."""
    cookies = {settings.LANGUAGE_COOKIE_NAME: chosen} if chosen else {}
    asked: Any = _Preferences(cookies, {"HTTP_ACCEPT_LANGUAGE": accepted})
    return str(translation.get_language_from_request(asked))


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


def _key(kind: str, environ: Environ, language: str, packing: str) -> Key:
    """Return what Django's head depends on, its look at the host and at the scheme included."""
    host, scheme = environ.get("HTTP_HOST", ""), environ.get("wsgi.url_scheme", "")
    return kind, host, scheme, environ.get("HTTP_X_FORWARDED_PROTO", ""), language, packing
