"""Responses where no view runs."""

import pytest
import structlog
from django.test import Client, RequestFactory

from pages import errors


def test_the_page_of_a_fault_names_the_number_that_stands_in_the_log(rf: RequestFactory) -> None:
    with structlog.contextvars.bound_contextvars(request_id="4f0c-11"):
        answer = errors.server_error(rf.get("/"))
    assert answer.status_code == 500
    assert "4f0c-11" in answer.content.decode()


def test_the_api_hears_of_a_fault_in_its_one_form(rf: RequestFactory) -> None:
    answer = errors.server_error(rf.get("/api/v1/offices/"))
    assert answer.status_code == 500
    assert b'"code": "server_error"' in answer.content


@pytest.mark.django_db
def test_who_comes_too_often_is_told_when_to_come_back(rf: RequestFactory) -> None:
    answer = errors.too_many(rf.post("/akun/password/reset/"))
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) >= 60


@pytest.mark.django_db
def test_a_head_is_told_what_a_look_is_told(client: Client) -> None:
    look, head = client.get("/"), client.head("/")
    assert "public" in look["Cache-Control"]
    assert head["Cache-Control"] == look["Cache-Control"]
    assert head["Vary"] == look["Vary"]
