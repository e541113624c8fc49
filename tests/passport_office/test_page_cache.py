"""Pages for everyone are kept for a second in front of Django; nobody's own page ever is."""

import threading
import time
from collections.abc import Iterable
from typing import Any

import pytest

from passport_office import page_cache
from passport_office.page_cache import PageCache, key_of

PUBLIC = [("Content-Type", "text/html"), ("Cache-Control", "public, max-age=1"), ("Vary", "Cookie")]
PRIVATE = [("Content-Type", "text/html"), ("Cache-Control", "private")]


class Django:
    """Stands where Django's application does and counts how often it is asked."""

    def __init__(
        self, headers: list[tuple[str, str]], status: str = "200 OK", seconds: float = 0.0
    ) -> None:
        self.headers, self.status, self.seconds = headers, status, seconds
        self.asked = 0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.asked += 1
        body = f"page {self.asked}".encode()
        time.sleep(self.seconds)
        start_response(self.status, list(self.headers))
        return [body]


def ask(cache: PageCache, path: str = "/", **changes: str) -> tuple[str, dict[str, str], bytes]:
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "HTTP_HOST": "here",
        "wsgi.url_scheme": "http",
    }
    told: list[Any] = []
    body = b"".join(cache({**environ, **changes}, lambda *given: told.extend(given)))
    return told[0], dict(told[1]), body


def wait(seconds: float) -> None:
    time.sleep(seconds + 0.05)


def test_a_page_for_everyone_is_asked_of_django_once_in_a_moment():
    django = Django(PUBLIC)
    cache = PageCache(django)
    assert {ask(cache)[2] for _turn in range(20)} == {b"page 1"}
    assert django.asked == 1


def test_it_is_never_older_than_a_second():
    cache = PageCache(Django(PUBLIC))
    ask(cache)
    wait(page_cache.OLDEST)
    assert ask(cache)[2] == b"page 2"


def test_a_reader_who_has_the_page_is_told_so_in_a_few_bytes():
    cache = PageCache(Django(PUBLIC))
    tag = ask(cache)[1]["ETag"]
    status, headers, body = ask(cache, HTTP_IF_NONE_MATCH=tag)
    assert (status, body) == ("304 Not Modified", b"")
    assert set(headers) == {"ETag", "Cache-Control", "Vary"}


@pytest.mark.parametrize(
    "own",
    [
        {"HTTP_COOKIE": "theme=dark; sessionid=abc"},
        {"HTTP_COOKIE": "messages=told"},
        {"HTTP_AUTHORIZATION": "Token abc"},
        {"REQUEST_METHOD": "POST"},
        {"PATH_INFO": "/static/css/site.css"},
    ],
)
def test_what_is_one_readers_own_goes_to_django_each_time(own):
    django = Django(PUBLIC)
    cache = PageCache(django)
    ask(cache)
    assert ask(cache, **own)[2] == b"page 2"
    assert ask(cache, **own)[2] == b"page 3"
    assert ask(cache)[2] == b"page 1"


@pytest.mark.parametrize(
    "django",
    [
        Django(PRIVATE),
        Django([*PUBLIC, ("Set-Cookie", "csrftoken=abc")]),
        Django(PUBLIC, status="404 Not Found"),
        Django(PUBLIC, status="503 Service Unavailable"),
    ],
)
def test_only_a_good_page_that_its_view_calls_public_is_kept(django):
    cache = PageCache(django)
    ask(cache)
    assert ask(cache)[2] == b"page 2"


@pytest.mark.parametrize(
    "other",
    [
        {"QUERY_STRING": "service_type=new"},
        {"HTTP_ACCEPT_LANGUAGE": "en"},
        {"HTTP_COOKIE": "django_language=en"},
        {"HTTP_COOKIE": "theme=dark"},
        {"HTTP_ACCEPT_ENCODING": "gzip"},
        {"HTTP_HOST": "elsewhere"},
        {"HTTP_X_FORWARDED_PROTO": "https"},
    ],
)
def test_readers_who_see_another_page_do_not_get_this_one(other):
    cache = PageCache(Django(PUBLIC))
    ask(cache)
    assert ask(cache, **other)[2] == b"page 2"


def test_a_head_has_the_headers_of_the_page_and_no_body():
    django = Django(PUBLIC)
    cache = PageCache(django)
    page = ask(cache)
    head = ask(cache, REQUEST_METHOD="HEAD")
    assert (head[0], head[1], head[2]) == (page[0], page[1], b"")
    assert django.asked == 1


def test_a_head_before_the_page_is_kept_for_nobody():
    cache = PageCache(Django(PUBLIC))
    head = ask(cache, REQUEST_METHOD="HEAD")
    assert head[1]["ETag"].startswith("W/")
    assert head[2] == b""
    assert ask(cache)[2] == b"page 2"


def test_a_thousand_ways_to_ask_for_indonesian_share_one_page():
    keys = {
        key_of(
            {
                "REQUEST_METHOD": "GET",
                "PATH_INFO": "/",
                "HTTP_ACCEPT_LANGUAGE": f"id-ID,id;q=0.{n},fr;q=0.1",
            }
        )
        for n in range(2, 9)
    }
    assert len(keys) == 1


def test_while_one_renders_anew_the_others_get_the_page_that_is_there():
    django = Django(PUBLIC)
    cache = PageCache(django)
    ask(cache)
    wait(page_cache.RENEW_AFTER)
    django.seconds = 0.3
    renewing = threading.Thread(target=ask, args=(cache,))
    renewing.start()
    time.sleep(0.1)
    began = time.monotonic()
    assert ask(cache)[2] == b"page 1"
    assert time.monotonic() - began < 0.1
    renewing.join()
    assert ask(cache)[2] == b"page 2"


def test_readers_who_wait_for_a_slow_page_wait_once_and_not_in_a_row():
    django = Django(PUBLIC, seconds=0.0)
    cache = PageCache(django)
    ask(cache)
    wait(page_cache.OLDEST)
    django.seconds = page_cache.OLDEST + 0.1
    readers = [threading.Thread(target=ask, args=(cache,)) for _reader in range(8)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert django.asked == 2


def test_many_addresses_do_not_fill_the_memory():
    cache = PageCache(Django(PUBLIC))
    for number in range(page_cache.MOST_PAGES + 10):
        ask(cache, QUERY_STRING=str(number))
    assert len(cache.pages) == page_cache.MOST_PAGES
