"""Answers before Django for whoever has not signed in: a page that is the same for everyone, a second old.

A crowd that watches a calendar asks for the same page a thousand times a second. Each process renders it
about twice a second and gives everyone else what it has, so the crowd costs neither Django nor the database.
A page is kept only when its view says so by `Cache-Control: public` (`core.web.same_for_everyone`), and only
for readers without a session. Nothing here needs Redis, and nothing outlives a second.
"""

import gzip
import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from django.conf import settings
from django.utils.translation import get_supported_language_variant
from django.utils.translation.trans_real import parse_accept_lang_header

# One reader renders anew after half a second; the others get the old page until it is a second old.
RENEW_AFTER: Final = 0.5
OLDEST: Final = 1.0
MOST_PAGES: Final = 512
KEPT_COOKIES: Final = ("theme",)
OF_ONE_READER: Final = frozenset({settings.SESSION_COOKIE_NAME, "messages"})

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]
Key = tuple[str, ...]


@dataclass
class Page:
    """A rendered page, when it was rendered, and who is rendering it anew."""

    headers: Headers
    body: bytes
    etag: str
    made_at: float
    renewing: threading.Lock = field(default_factory=threading.Lock)

    def age_at(self, moment: float) -> float:
        """Return how old the page's truth is to someone who asked at that moment."""
        return moment - self.made_at


class PageCache:
    """A WSGI application around Django's."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.pages: OrderedDict[Key, Page] = OrderedDict()
        self.lock = threading.Lock()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        key = key_of(environ)
        if key is None:
            return self.application(environ, start_response)
        arrived = time.monotonic()
        page = self.pages.get(key)
        if environ["REQUEST_METHOD"] == "HEAD":
            # What Django makes for a head is kept for nobody who wants the page.
            if page is not None and page.age_at(arrived) < OLDEST:
                return _answer(page, environ, start_response)
            made = self._ask(environ, start_response)
            return _answer(made, environ, start_response) if isinstance(made, Page) else made
        if page is None:
            return self._render(key, environ, start_response)
        if page.age_at(arrived) < RENEW_AFTER:
            return _answer(page, environ, start_response)
        # Who comes while another renders takes the old page, or waits when that is too old to be true.
        if not page.renewing.acquire(blocking=page.age_at(arrived) >= OLDEST):
            return _answer(page, environ, start_response)
        try:
            newer = self.pages.get(key)
            if newer is not None and newer is not page and newer.age_at(arrived) < OLDEST:
                return _answer(newer, environ, start_response)
            return self._render(key, environ, start_response)
        finally:
            page.renewing.release()

    def _render(self, key: Key, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Let Django answer, and keep the answer when it is for everyone."""
        made = self._ask(environ, start_response)
        if not isinstance(made, Page):
            self._forget(key)
            return made
        self._keep(key, made)
        return _answer(made, environ, start_response)

    def _ask(self, environ: Environ, start_response: StartResponse) -> Page | Iterable[bytes]:
        """Return Django's answer as a page when it is for everyone; any other is begun already."""
        began = time.monotonic()
        told: list[Any] = []

        def take(status: str, headers: Headers, exc_info: Any = None) -> None:
            told[:] = [status, headers, exc_info]

        answer = self.application(environ, take)
        status, headers, exc_info = told
        if not status.startswith("200") or not _is_for_everyone(headers):
            start_response(status, headers, exc_info)
            return answer
        try:
            body = b"".join(answer)
        finally:
            close = getattr(answer, "close", None)
            if close is not None:
                close()
        page = Page(headers, body, _etag(headers, body), began)
        page.headers = [*headers, ("ETag", page.etag)]
        return page

    def _keep(self, key: Key, page: Page) -> None:
        with self.lock:
            self.pages[key] = page
            self.pages.move_to_end(key)
            while len(self.pages) > MOST_PAGES:
                self.pages.popitem(last=False)

    def _forget(self, key: Key) -> None:
        with self.lock:
            self.pages.pop(key, None)


def key_of(environ: Environ) -> Key | None:
    """Return what a public page depends on, or None when this request is for Django alone."""
    path = environ.get("PATH_INFO", "")
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or path.startswith(settings.STATIC_URL):
        return None
    if "HTTP_AUTHORIZATION" in environ:
        return None
    cookies = cookies_of(environ.get("HTTP_COOKIE", ""))
    if not OF_ONE_READER.isdisjoint(cookies):
        return None
    chosen = cookies.get(settings.LANGUAGE_COOKIE_NAME, "")
    return (
        environ.get("HTTP_HOST", ""),
        environ.get("wsgi.url_scheme", ""),
        environ.get("HTTP_X_FORWARDED_PROTO", ""),
        path,
        environ.get("QUERY_STRING", ""),
        chosen or _language(environ.get("HTTP_ACCEPT_LANGUAGE", "")),
        "gzip" if "gzip" in environ.get("HTTP_ACCEPT_ENCODING", "") else "",
        environ.get("HTTP_HX_REQUEST", ""),
        *(cookies.get(name, "") for name in KEPT_COOKIES),
    )


def cookies_of(header: str) -> dict[str, str]:
    """Return what a Cookie header says, by name."""
    pairs = (part.partition("=") for part in header.split(";") if part)
    return {name.strip(): value.strip() for name, _equals, value in pairs}


@lru_cache(maxsize=1024)
def _language(header: str) -> str:
    """Return the language that Django will choose, so that a thousand headers share two pages."""
    for name, _weight in parse_accept_lang_header(header.lower()):
        if name == "*":
            break
        try:
            return get_supported_language_variant(name)
        except LookupError:
            continue
    return settings.LANGUAGE_CODE


def _is_for_everyone(headers: Headers) -> bool:
    named = {name.lower(): value for name, value in headers}
    return "public" in named.get("cache-control", "") and "set-cookie" not in named


def _etag(headers: Headers, body: bytes) -> str:
    """Return a weak tag of what stands on the page; its compressed form differs each time."""
    packed = any(name.lower() == "content-encoding" and value == "gzip" for name, value in headers)
    text = gzip.decompress(body) if packed else body
    return f'W/"{hashlib.sha256(text).hexdigest()[:24]}"'


def _answer(page: Page, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    if environ.get("HTTP_IF_NONE_MATCH", "") == page.etag:
        short = ("etag", "cache-control", "vary", "content-language")
        start_response(
            "304 Not Modified", [pair for pair in page.headers if pair[0].lower() in short]
        )
        return [b""]
    start_response("200 OK", page.headers)
    return [b""] if environ["REQUEST_METHOD"] == "HEAD" else [page.body]
