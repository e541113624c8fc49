"""Public pages are cached by known parameters only, and never for somebody who is signed in."""

from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client
from pytest_django import Settings

from tests.builders import make_open_slot, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _cached_for_a_minute(settings: Settings) -> None:
    settings.PUBLIC_PAGE_SECONDS = 60
    caches["pages"].clear()


@pytest.fixture
def page() -> str:
    return f"/offices/{make_open_slot().office.code}/"


def test_a_cached_page_needs_no_query(page: str, django_assert_num_queries: Any) -> None:
    first = Client().get(page)
    with django_assert_num_queries(0):
        second = Client().get(page)
    assert first.content == second.content
    assert first["Cache-Control"] == "public, max-age=1, stale-while-revalidate=10"


@pytest.mark.parametrize("query", ["?x=1", "?x=2&y=%00", "?utm_source=a"])
def test_an_unknown_parameter_neither_misses_nor_fills_the_cache(
    page: str, query: str, django_assert_num_queries: Any
) -> None:
    filled = Client().get(page + query).content
    assert query.removeprefix("?").encode() not in filled
    with django_assert_num_queries(0):
        assert Client().get(page).content == filled
        assert Client().get(page + query + "&z=9").content == filled


def test_a_known_parameter_makes_another_page(page: str) -> None:
    plain, later = Client().get(page), Client().get(f"{page}?from=2027-01-04")
    assert plain["ETag"] != later["ETag"]


def test_languages_and_themes_do_not_mix(page: str) -> None:
    dark = Client()
    dark.cookies["theme"] = "dark"
    english = Client(headers={"Accept-Language": "en"})
    pages = {one.get(page).content for one in (Client(), dark, english)}
    assert len(pages) == 3


def test_the_same_page_is_answered_304(page: str) -> None:
    etag = Client().get(page)["ETag"]
    again = Client().get(page, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")


def test_a_signed_in_reader_gets_a_private_page(page: str) -> None:
    Client().get(page)
    account = make_user("siti@example.org")
    client = Client()
    client.force_login(account)
    own = client.get(page)
    assert own["Cache-Control"] == "private"
    assert "ETag" not in own
    assert own.content != Client().get(page).content


def test_public_json_is_cached_too(page: str, django_assert_num_queries: Any) -> None:
    first = Client().get("/api/v1/offices/")
    with django_assert_num_queries(0):
        assert Client().get("/api/v1/offices/?x=1").json() == first.json()
    assert "public" in first["Cache-Control"]


def test_an_error_is_not_cached() -> None:
    answer = Client().get("/offices/tidak-ada/")
    assert answer.status_code == 404
    assert "public" not in answer.get("Cache-Control", "")
