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
from PIL import Image

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
def test_a_page_is_valid_and_declares_its_language(client: Client, address: str) -> None:
    answer = client.get(address, headers={"accept-language": "id"})
    html = answer.content.decode()
    html5lib.HTMLParser(strict=True).parse(html)
    assert answer.status_code == 200
    assert '<html lang="id"' in html
    assert " style=" not in html
    assert html.count("<h1") == 1


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_page_needs_no_request_and_links_onwards(name: str) -> None:
    html = render_to_string(f"{name}.html")
    html5lib.HTMLParser(strict=True).parse(html)
    assert 'href="/"' in html


def test_the_language_is_remembered_and_the_page_stays(client: Client) -> None:
    answer = client.post("/pilihan/bahasa/", {"language": "en", "next": "/bantuan/"})
    assert answer.headers["Location"] == "/bantuan/"
    assert '<html lang="en"' in client.get("/bantuan/").content.decode()


def test_a_switch_never_redirects_to_another_host(client: Client) -> None:
    answer = client.post("/pilihan/tampilan/", {"theme": "dark", "next": "https://jahat.example/"})
    assert answer.headers["Location"] == "/"


def test_the_theme_is_remembered_without_a_script(client: Client) -> None:
    client.post("/pilihan/tampilan/", {"theme": "dark"})
    assert 'data-theme="dark"' in client.get("/bantuan/").content.decode()


def test_an_unknown_theme_is_not_saved(client: Client) -> None:
    assert "theme" not in client.post("/pilihan/tampilan/", {"theme": '"><script>'}).cookies


def test_public_pages_contain_no_csrf_token(client: Client) -> None:
    assert "csrfmiddlewaretoken" not in client.get("/bantuan/").content.decode()


def test_search_engines_see_public_pages_only(client: Client) -> None:
    answer = client.get("/robots.txt")
    assert answer["Content-Type"].startswith("text/plain")
    closed = re.findall(r"^Disallow: (.+)$", answer.content.decode(), re.MULTILINE)
    assert {"/admin/", "/akun/", "/api/"} <= set(closed)
    for address in ["/", "/offices/", "/releases/", *PAGES]:
        assert not address.startswith(tuple(closed))
    # Each of them still belongs to the site.
    known = [str(one.pattern) for one in get_resolver().url_patterns]
    known += [str(one.pattern) for one in get_resolver("booking.urls").url_patterns]
    known += [str(one.pattern) for one in get_resolver("counters.public_urls").url_patterns]
    known += [str(one.pattern) for one in get_resolver("pages.urls").url_patterns]
    known += [str(one.pattern) for one in get_resolver("devtools.urls").url_patterns]
    assert all(any(name.startswith(path[1:]) for name in known) for path in closed)


def test_the_old_icon_address_returns_the_icon(client: Client) -> None:
    answer = client.get("/favicon.ico")
    assert answer["Content-Type"] == "image/svg+xml"
    assert answer.content == (Path(settings.BASE_DIR) / "static/icons/mark.svg").read_bytes()
    assert set(answer["Cache-Control"].split(", ")) == {"public", "max-age=2592000"}
    assert not answer.cookies
    head = client.head("/favicon.ico")
    assert (head.status_code, head.content) == (200, b"")
    assert head["Content-Length"] == str(len(answer.content))
    assert client.post("/favicon.ico").status_code == 405


def test_the_style_bundle_matches_its_sources() -> None:
    assert (CSS / "site.bundle.css").read_text() == bundle(CSS)


def test_both_dark_theme_blocks_are_equal() -> None:
    tokens = (CSS / "tokens.css").read_text()
    blocks = [
        re.sub(r"\s+", " ", block)
        for block in re.findall(r"{([^{}]*color-scheme: dark;[^{}]*)}", tokens)
    ]
    assert len(blocks) == 2
    assert blocks[0] == blocks[1]


def test_printed_pages_use_the_light_theme() -> None:
    tokens = (CSS / "tokens.css").read_text()
    dark = [match.start() for match in re.finditer("color-scheme: dark;", tokens)]
    assert all(tokens.rfind("@media screen", 0, at) > tokens.rfind("\n  }", 0, at) for at in dark)


def test_the_admin_filter_override_differs_only_in_the_fix() -> None:
    name = "admin/js/SelectFilter2.js"
    theirs = Path(django.contrib.admin.__path__[0], "static", name).read_text()
    ours = (Path(settings.BASE_DIR) / "static" / name).read_text().split("\n", 1)[1]
    assert ours.replace("'role', 'img', ", "") == theirs


def test_the_manifest_names_icons_of_their_size(client: Client) -> None:
    answer = client.get("/manifest.webmanifest")
    assert answer["Content-Type"] == "application/manifest+json"
    icons = answer.json()["icons"]
    assert {icon["purpose"] for icon in icons} == {"any", "maskable"}
    for icon in icons:
        with Image.open(CSS.parent / "icons" / icon["src"].rpartition("/")[2]) as picture:
            assert icon["sizes"] == "{}x{}".format(*picture.size)
    assert 'rel="manifest"' in client.get("/bantuan/").content.decode()
