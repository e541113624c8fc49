"""Pages of no feature, and the rules of the style sheets."""

import re
from pathlib import Path

import django.contrib.admin
import html5lib
import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client
from django.urls import get_resolver

from devtools.management.commands.bundle_css import bundle

CSS = Path(settings.BASE_DIR) / "static" / "css"
PAGES = [
    "/syarat/",
    "/bantuan/",
    "/pengaduan/",
    "/data-pribadi/",
    "/aksesibilitas/",
    "/luring/",
    "/styleguide/",
]
ERRORS = ["400", "403", "403_csrf", "404", "409", "429", "500", "503"]


@pytest.mark.django_db
@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_valid_and_says_its_language(client: Client, address: str) -> None:
    answer = client.get(address, headers={"accept-language": "id"})
    html = answer.content.decode()
    html5lib.HTMLParser(strict=True).parse(html)
    assert answer.status_code == 200
    assert '<html lang="id"' in html
    assert " style=" not in html
    assert html.count("<h1") == 1


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_page_needs_no_request_and_shows_a_way_on(name: str) -> None:
    html = render_to_string(f"{name}.html")
    html5lib.HTMLParser(strict=True).parse(html)
    assert 'href="/"' in html


def test_the_language_is_remembered_and_the_reader_stays_where_they_were(client: Client) -> None:
    answer = client.post("/pilihan/bahasa/", {"language": "en", "next": "/bantuan/"})
    assert answer.headers["Location"] == "/bantuan/"
    assert '<html lang="en"' in client.get("/bantuan/").content.decode()


def test_a_switch_never_leads_to_another_host(client: Client) -> None:
    answer = client.post("/pilihan/tampilan/", {"theme": "dark", "next": "https://jahat.example/"})
    assert answer.headers["Location"] == "/"


def test_the_theme_is_remembered_without_a_script(client: Client) -> None:
    client.post("/pilihan/tampilan/", {"theme": "dark"})
    assert 'data-theme="dark"' in client.get("/bantuan/").content.decode()


def test_a_theme_that_does_not_exist_is_not_kept(client: Client) -> None:
    assert "theme" not in client.post("/pilihan/tampilan/", {"theme": '"><script>'}).cookies


def test_public_pages_carry_no_token_so_that_they_can_be_cached(client: Client) -> None:
    assert "csrfmiddlewaretoken" not in client.get("/bantuan/").content.decode()


def test_search_engines_are_sent_to_what_is_for_everyone(client: Client) -> None:
    answer = client.get("/robots.txt")
    assert answer["Content-Type"].startswith("text/plain")
    closed = re.findall(r"^Disallow: (.+)$", answer.content.decode(), re.MULTILINE)
    assert {"/admin/", "/akun/", "/api/"} <= set(closed)
    for address in ["/", "/offices/", "/releases/", *PAGES]:
        assert not address.startswith(tuple(closed))
    # Each of them still belongs to the site.
    known = [str(one.pattern) for one in get_resolver().url_patterns]
    known += [str(one.pattern) for one in get_resolver("booking.urls").url_patterns]
    known += [str(one.pattern) for one in get_resolver("pages.urls").url_patterns]
    known += [str(one.pattern) for one in get_resolver("devtools.urls").url_patterns]
    assert all(any(name.startswith(path[1:]) for name in known) for path in closed)


def test_browsers_that_ask_for_the_icon_by_its_old_name_get_the_pages_own(client: Client) -> None:
    answer = client.get("/favicon.ico")
    assert answer["Content-Type"] == "image/svg+xml"
    assert answer.content == (Path(settings.BASE_DIR) / "static/icons/mark.svg").read_bytes()
    assert set(answer["Cache-Control"].split(", ")) == {"public", "max-age=2592000"}
    assert not answer.cookies
    head = client.head("/favicon.ico")
    assert (head.status_code, head.content) == (200, b"")
    assert head["Content-Length"] == str(len(answer.content))
    assert client.post("/favicon.ico").status_code == 405


def test_the_bundle_is_made_from_the_sheets_as_they_are() -> None:
    assert (CSS / "site.bundle.css").read_text() == bundle(CSS)


def test_both_dark_blocks_are_equal() -> None:
    tokens = (CSS / "tokens.css").read_text()
    blocks = [
        re.sub(r"\s+", " ", block)
        for block in re.findall(r"{([^{}]*color-scheme: dark;[^{}]*)}", tokens)
    ]
    assert len(blocks) == 2
    assert blocks[0] == blocks[1]


def test_what_is_printed_is_light_whatever_was_chosen() -> None:
    tokens = (CSS / "tokens.css").read_text()
    dark = [match.start() for match in re.finditer("color-scheme: dark;", tokens)]
    assert all(tokens.rfind("@media screen", 0, at) > tokens.rfind("\n  }", 0, at) for at in dark)


def test_djangos_filter_selector_differs_only_where_it_was_mended() -> None:
    name = "admin/js/SelectFilter2.js"
    theirs = Path(django.contrib.admin.__path__[0], "static", name).read_text()
    ours = (Path(settings.BASE_DIR) / "static" / name).read_text().split("\n", 1)[1]
    assert ours.replace("'role', 'img', ", "") == theirs
