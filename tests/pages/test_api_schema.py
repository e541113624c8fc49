"""The API matches its schema: no warnings, and valid responses to unexpected input."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.core.management import call_command
from django.db import transaction
from django.urls import get_resolver
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from accounts.services import issue_token
from booking.bookings.changes import mark_no_show
from booking.restrictions.models import Restriction
from passport_office.wsgi import application
from tests.booking.integrity.test_contests import Squatted
from tests.booking.restrictions.test_services import after, make_rule
from tests.builders import (
    NOW,
    make_booking,
    make_officer,
    make_open_office,
    make_open_slot,
    make_person,
    make_user,
)

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    ignored_auth,
    unsupported_method,
]
EXAMPLES, MANY_EXAMPLES = 5, 30  # of `make test` and of `make test-long`


@cache
def _generated() -> str:
    return json.dumps(SchemaGenerator().get_schema(request=None, public=True))


def the_schema() -> dict[str, Any]:
    return json.loads(_generated())


OPERATIONS = [
    (method.upper(), path)
    for path, operations in the_schema()["paths"].items()
    for method in operations
]


def test_the_schema_is_valid_without_warnings(tmp_path: Any) -> None:
    written = tmp_path / "schema.yml"
    call_command("spectacular", "--fail-on-warn", "--validate", file=str(written))
    assert written.read_text().startswith("openapi: 3")


def test_the_schema_contains_every_api_call() -> None:
    described = {path for _method, path in OPERATIONS}
    known = {
        pattern.replace("<str:", "{")
        .replace("<int:", "{")
        .replace("<id:", "{")
        .replace("<slug:", "{")
        .replace("<uuid:", "{")
        .replace(">", "}")
        for pattern in _routes(get_resolver().url_patterns)
        if pattern.startswith("/api/v1/")
    }
    assert known == described


def _routes(patterns: Any, before: Any = "/") -> Iterator[Any]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from _routes(pattern.url_patterns, route)
        else:
            yield route


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_each_call_documents_its_purpose_and_errors(method: Any, path: Any) -> None:
    operation = the_schema()["paths"][path][method.lower()]
    assert operation["summary"]
    assert operation["tags"]
    for code, answer in operation["responses"].items():
        assert answer.get("description") or code.startswith("2"), code
        if code.startswith(("4", "5")):
            assert answer["content"]["application/json"]["schema"]["$ref"].endswith("/Error")


@pytest.fixture
def world(settings: Any, kept_connection: None) -> Any:
    """An office with bookings, and an account that owns one; no rate limits."""
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_CLASSES": []}
    settings.SECURE_SSL_REDIRECT = False
    office = make_open_office("palembang")
    account = make_user()
    person = make_person(account)
    booking = make_booking(person=person)
    supervisor = make_officer(office, "supervisor")
    return {
        "code": [office.code, booking.code],
        "applicant_id": [person.pk, make_person().pk],
        "tokens": [issue_token(user_id=account.pk), issue_token(user_id=supervisor.pk)],
    }


def with_known_values(schema: Any, world: Any) -> Any:
    """Use existing objects as path parameters about half of the time: only 404s would prove little."""
    for operations in schema["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "path" and parameter["name"] in world:
                    known = {"enum": world[parameter["name"]]}
                    parameter["schema"] = {"anyOf": [known, parameter["schema"]]}
    return schema


def app(environ: Any, start_response: Any) -> Any:
    """The application as behind a web server, which always sends the client address."""
    environ.setdefault("REMOTE_ADDR", "127.0.0.1")
    return application(environ, start_response)


@pytest.mark.django_db
def test_every_input_gets_a_documented_response(
    world: Any, subtests: Any, request: pytest.FixtureRequest
) -> None:
    examples = MANY_EXAMPLES if request.config.getoption("--slow") else EXAMPLES
    schema = schemathesis.openapi.from_dict(with_known_values(the_schema(), world))
    schema.app = app
    for method, path in OPERATIONS:
        with subtests.test(call=f"{method} {path}"), transaction.atomic():
            assert hammer(schema[path][method], world["tokens"], examples), "no input was sent"
            transaction.set_rollback(True)


def hammer(operation: Any, tokens: Any, examples: int) -> list[int]:
    """Send unexpected input and return the statuses; `call_and_validate` raises if one fails a check."""
    statuses: list[int] = []

    @hypothesis.settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy(), nth=hypothesis.strategies.integers(0, 1))
    def call(case: Any, nth: Any) -> None:
        headers = {"Authorization": f"Token {tokens[nth]}", "Accept-Encoding": "identity"}
        response = case.call_and_validate(headers=headers, checks=CHECKS)
        statuses.append(response.status_code)

    call()
    return statuses


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "word"), [("id", "Perlu token."), ("en", "OpenAPI")])
def test_the_api_manual_shows_every_call_without_scripts(
    client: Any, language: Any, word: Any
) -> None:
    answer = client.get("/api/docs/", headers={"Accept-Language": language})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert word in text
    for method, path in OPERATIONS:
        assert f"<code>{method} {path}</code>" in text
    assert "<style" not in text
    assert 'style="' not in text


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/api/v1/", "/api/v1/tidak/ada/", "/api/v1/applicants/-1/"])
def test_an_unknown_address_returns_problem_details(client: Any, path: Any) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


@pytest.mark.django_db
def test_a_server_error_returns_problem_details_without_internals(
    client: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core import clock

    def fail(*_args: Any) -> None:
        raise RuntimeError("Siti Rahmawati 1671014602900001")

    client.raise_request_exception = False
    monkeypatch.setattr(clock, "now", fail)
    token = issue_token(user_id=make_user().pk)
    answer = client.get("/api/v1/reports/daily-load/", headers={"Authorization": f"Token {token}"})
    assert answer.status_code == 500
    assert answer.json()["code"] == "server_error"
    assert "Siti" not in answer.content.decode()


IN_ORDER = (
    *("auth/register/", "auth/token/", "applicants/", "bookings/", "waiting-list/"),
    "webhooks/",
)
APPLICATION = "/api/v1/applicants/{applicant_id}/applications/{service_type}/"
CONTESTS = "/api/v1/contests/"
APPEAL = "/api/v1/restrictions/{restriction_id}/appeal/"


def example_of(method: Any, path: Any) -> Any:
    body = the_schema()["paths"][path][method]["requestBody"]["content"]["application/json"]
    return next(iter(body["examples"].values()))["value"]


def answer_example(method: Any, path: Any, code: Any) -> Any:
    answer = the_schema()["paths"][path][method]["responses"][code]["content"]["application/json"]
    return next(iter(answer["examples"].values()))["value"]


@pytest.mark.django_db
def test_the_examples_of_the_manual_work_in_order(set_clock: Any) -> None:
    set_clock(NOW)
    office = make_open_office("balikpapan")
    slot = make_open_slot(office=office)
    api = APIClient()
    known: dict[str, Any] = {}
    for name in IN_ORDER:
        path = f"/api/v1/{name}"
        body = example_of("post", path)
        if path.endswith("bookings/"):  # numbers differ between installations
            body |= {"slot": slot.pk, "applicants": [known["/api/v1/applicants/"]["id"]]}
        if path.endswith("waiting-list/"):
            body |= {"office": office.code, "applicants": [known["/api/v1/applicants/"]["id"]]}
        answer = api.post(path, body)
        assert answer.status_code in (200, 201), answer.content
        known[path] = answer.json()
        if path.endswith("applicants/"):
            person = known[path]["id"]
            body = example_of("put", APPLICATION)
            address = APPLICATION.format(applicant_id=person, service_type="replacement")
            assert api.put(address, body).status_code == 200
        if path.endswith("token/"):
            api.credentials(HTTP_AUTHORIZATION=f"Token {known[path]['token']}")
    for path, code in (("/api/v1/auth/register/", "201"), ("/api/v1/auth/token/", "200")):
        assert set(answer_example("post", path, code)) == set(known[path])
    api.force_authenticate(make_officer(office, "supervisor"))
    [shown] = answer_example("get", "/api/v1/reports/daily-load/", "200")
    assert set(shown) == set(api.get("/api/v1/reports/daily-load/").json()[0])


@pytest.mark.django_db
def test_the_examples_of_a_contest_and_an_appeal_work(set_clock: Any) -> None:
    set_clock(NOW)
    case, api = Squatted(), APIClient()
    api.force_authenticate(case.account)
    body = {"applicant": case.owner.pk, "office": case.owner_office.code}
    answer = api.post(CONTESTS, example_of("post", CONTESTS) | body)
    assert answer.status_code == 201, answer.content
    make_rule(case.booking.office)
    missed = mark_no_show(booking_id=case.booking.pk, now=after(case.booking))
    set_clock(after(missed))
    api.force_authenticate(missed.account)
    path = APPEAL.format(restriction_id=Restriction.objects.get().pk)
    answer = api.post(path, example_of("post", APPEAL))
    assert answer.status_code == 201, answer.content


def test_every_example_is_tested() -> None:
    with_example = {
        path
        for path, operations in the_schema()["paths"].items()
        for operation in operations.values()
        if "examples"
        in operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    }
    in_order = {f"/api/v1/{path}" for path in IN_ORDER}
    assert with_example == in_order | {APPLICATION, CONTESTS, APPEAL}
