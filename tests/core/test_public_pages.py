"""Public pages are cached by what they depend on; personal pages never are."""

import gzip
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.cache import caches
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.test import Client
from django.utils import translation

from core.public_pages import public_page
from tests.builders import make_open_office, make_person

PERSONAL = [
    {"HTTP_COOKIE": f"{configured.SESSION_COOKIE_NAME}=abc"},
    {"HTTP_COOKIE": "theme=dark; messages=abc"},
    {"HTTP_AUTHORIZATION": "Token abc"},
]


@pytest.fixture
def shared(settings: Any) -> Iterator[Any]:
    """Turn the cache on, as outside the tests."""
    settings.SHARED_READ_SECONDS = 5
    caches["pages"].clear()
    yield
    caches["pages"].clear()


@pytest.fixture
def page(rf: Any, shared: Any) -> Any:
    """A public view that counts its calls, and a function to request it."""
    calls: list[str] = []
    path = f"/{uuid.uuid4().hex}/"

    @public_page("service_type", "from")
    def view(request: Any) -> Any:
        calls.append(request.get_full_path())
        status = int(request.GET.get("from", 200))
        return HttpResponse(f"page {len(calls)} {request.get_full_path()}", status=status)

    def get(query: Any = "", method: Any = "get", **extra: Any) -> Any:
        address = f"{path}?{query}" if query else path
        return view(getattr(rf, method)(address, **extra))

    requested: Any = get
    requested.calls, requested.path = calls, path
    return requested


def test_a_page_is_rendered_once_for_all_users(page: Any) -> None:
    assert {page().content for _turn in range(5)} == {f"page 1 {page.path}".encode()}
    assert len(page.calls) == 1


def test_an_unknown_parameter_does_not_affect_the_cache(page: Any) -> None:
    first = page("x=1").content
    assert page().content == page("x=2&utm=abc").content == first
    assert page.calls == [page.path]
    assert b"x=1" not in first


def test_known_parameters_are_cached_in_any_order(page: Any) -> None:
    page()
    one = page("service_type=new&x=1&from=200").content
    assert page("from=200&service_type=new").content == one
    assert len(page.calls) == 2


@pytest.mark.parametrize("extra", [{"HTTP_COOKIE": "theme=dark"}, {"language": "en"}])
def test_theme_and_language_are_cached_apart(page: Any, extra: Any) -> None:
    page()
    with translation.override(extra.pop("language", "id")):
        assert page(**extra).content.startswith(b"page 2")


def test_an_unrelated_cookie_does_not_miss_the_cache(page: Any) -> None:
    page()
    page(HTTP_COOKIE="theme=purple; other=1; notsessionid=abc")
    assert len(page.calls) == 1


@pytest.mark.parametrize("extra", PERSONAL)
def test_a_personal_page_is_private_and_bypasses_the_cache(page: Any, extra: Any) -> None:
    assert "private" in page(**extra)["Cache-Control"]
    assert "public" in page()["Cache-Control"]
    assert page(**extra).content.startswith(b"page 3")
    assert "public" not in page(**extra)["Cache-Control"]
    assert page().content.startswith(b"page 2")


def test_a_post_response_is_private(page: Any) -> None:
    assert page(method="post")["Cache-Control"] == "private"
    page(method="post")
    assert len(page.calls) == 2


def test_an_error_is_not_cached(page: Any) -> None:
    assert page("from=404")["Cache-Control"] == "private"
    page("from=404")
    assert len(page.calls) == 2


def test_a_response_with_a_cookie_or_token_is_not_cached(rf: Any, shared: Any) -> None:
    calls = []

    @public_page()
    def with_cookie(request: Any) -> Any:
        calls.append(1)
        response = HttpResponse("page")
        response.set_cookie("a", "b")
        return response

    @public_page()
    def with_token(request: Any) -> Any:
        calls.append(1)
        return HttpResponse(get_token(request))

    for view in (with_cookie, with_token):
        path = f"/{uuid.uuid4().hex}/"
        assert {view(rf.get(path))["Cache-Control"] for _turn in range(2)} == {"private"}
    assert len(calls) == 4


def test_public_pages_have_cache_control_and_an_etag(page: Any) -> None:
    first, second = page(), page()
    assert first.headers == second.headers
    assert "max-age=1" in first["Cache-Control"]
    assert "stale-while-revalidate=5" in first["Cache-Control"]
    assert {"Cookie", "Accept-Language"} <= set(first["Vary"].split(", "))
    again = page(HTTP_IF_NONE_MATCH=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    assert page(HTTP_IF_NONE_MATCH='"another"').status_code == 200


def test_a_head_response_has_the_headers_of_a_get(page: Any) -> None:
    assert page(method="head").headers == page().headers
    assert len(page.calls) == 1


def test_headers_are_the_same_without_the_cache(page: Any, settings: Any) -> None:
    first = page().headers
    settings.SHARED_READ_SECONDS = 0
    assert page().headers["Cache-Control"] == first["Cache-Control"]
    assert len(page.calls) == 2


def test_a_cached_response_keeps_its_content_type(rf: Any, shared: Any) -> None:
    @public_page()
    def proof(request: Any) -> Any:
        response = JsonResponse({"a": 1})
        response["Content-Disposition"] = 'inline; filename="a.json"'
        return response

    path = f"/{uuid.uuid4().hex}/"
    first, second = proof(rf.get(path)), proof(rf.get(path))
    assert first.headers == second.headers
    assert second["Content-Type"] == "application/json"


@pytest.mark.django_db
def test_public_pages_are_cacheable_and_account_pages_are_not(client: Client, shared: Any) -> None:
    office, person = make_open_office(), make_person()
    addresses = [
        "/",
        "/offices/",
        f"/offices/{office.code}/",
        "/releases/",
        "/releases.ics",
        "/syarat/",
        "/bantuan/",
        "/api/v1/offices/",
        f"/api/v1/offices/{office.code}/",
        f"/api/v1/offices/{office.code}/windows/",
        f"/api/v1/offices/{office.code}/calendar/?service_type=new",
        "/api/v1/releases/",
    ]
    for address in addresses:
        first = client.get(address)
        assert "public" in first["Cache-Control"], address
        head = client.head(address)
        assert {head[name] for name in ("ETag", "Cache-Control", "Vary")} == {
            first[name] for name in ("ETag", "Cache-Control", "Vary")
        }
        packed = client.get(address, headers={"accept-encoding": "gzip"})
        if packed.get("Content-Encoding") == "gzip":
            assert gzip.decompress(packed.content) == first.content
        known = client.get(address, headers={"if-none-match": packed["ETag"]})
        assert known.status_code == 304
        assert client.get(f"{address}{'&' if '?' in address else '?'}x=1").content == first.content
    client.force_login(person.account)
    for address in addresses:
        mine = client.get(address)
        assert "public" not in mine["Cache-Control"], address
    assert "Tiket" in client.get("/").content.decode()


@pytest.mark.django_db
def test_a_cached_page_costs_no_query(
    client: Client, shared: Any, django_assert_num_queries: Any
) -> None:
    make_open_office()
    client.get("/")
    with django_assert_num_queries(0):
        client.get("/?x=1")


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/offices/", "/releases/"])
def test_more_offices_do_not_add_queries_for_rules(
    client: Client, django_assert_max_num_queries: Any, address: Any
) -> None:
    """Rules, windows and admissions of all offices are read in one query each."""
    for _each in range(3):
        make_open_office()
    with django_assert_max_num_queries(16):
        client.get(address)
