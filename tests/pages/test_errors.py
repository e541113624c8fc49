"""Responses where no view runs."""

import pytest
import structlog
from django.test import Client, RequestFactory

from pages import errors


def test_the_error_page_shows_the_logged_number(rf: RequestFactory) -> None:
    with structlog.contextvars.bound_contextvars(request_id="4f0c-11"):
        answer = errors.server_error(rf.get("/"))
    assert answer.status_code == 500
    assert "4f0c-11" in answer.content.decode()


def test_api_errors_use_problem_details(rf: RequestFactory) -> None:
    answer = errors.server_error(rf.get("/api/v1/offices/"))
    assert answer.status_code == 500
    assert b'"code": "server_error"' in answer.content


@pytest.mark.django_db
def test_a_rate_limit_shows_when_to_retry(rf: RequestFactory) -> None:
    answer = errors.too_many(rf.post("/akun/password/reset/"))
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) >= 60


@pytest.mark.django_db
def test_head_and_get_have_the_same_cache_headers(client: Client) -> None:
    look, head = client.get("/"), client.head("/")
    assert "public" in look["Cache-Control"]
    assert head["Cache-Control"] == look["Cache-Control"]
    assert head["Vary"] == look["Vary"]
