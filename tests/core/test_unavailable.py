"""The database becomes unavailable during use: pages show when to retry, not a server error."""

import time
from collections.abc import Callable, Iterator

import pytest
from django.db import OperationalError, connection
from django.db.backends.postgresql.base import DatabaseWrapper
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from core.db import is_unavailable
from core.web import as_domain_error
from pages import errors
from tests.builders import make_user

pytestmark = pytest.mark.django_db(transaction=True)
GONE = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s"


@pytest.fixture
def lose_the_database() -> Iterator[Callable[[], None]]:
    """End our own connection from another one, as a server restart does."""

    def lose() -> None:
        connection.ensure_connection()
        pid = connection.connection.info.backend_pid
        other = connection.get_new_connection(connection.get_connection_params())
        other.autocommit = True
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
            while cursor.execute(GONE, [pid]) or cursor.fetchone()[0]:
                time.sleep(0.01)
        other.close()

    yield lose
    connection.close()


def test_a_page_shows_the_outage_and_retry_time(
    client: Client, lose_the_database: Callable[[], None]
) -> None:
    lose_the_database()
    answer = client.get("/syarat/", headers={"accept-language": "id"})
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    assert "sedang tidak dapat diakses" in answer.content.decode()
    assert "Belum ada yang berubah" not in answer.content.decode()
    assert "public" not in answer.get("Cache-Control", "")


def test_a_signed_in_users_page_shows_the_outage(
    client: Client, lose_the_database: Callable[[], None]
) -> None:
    client.force_login(make_user("siti@contoh.id"))
    client.raise_request_exception = False  # the account is read by a middleware, before the view
    lose_the_database()
    answer = client.get("/people/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "2")


def test_the_api_reports_the_outage(client: Client, lose_the_database: Callable[[], None]) -> None:
    lose_the_database()
    answer = client.get("/api/v1/offices/")
    assert answer.status_code == 503
    assert answer.json()["code"] == "unavailable"
    assert int(answer["Retry-After"]) > 0


def test_errors_outside_views_report_the_outage(rf: RequestFactory) -> None:
    def answer(path: str) -> HttpResponse:
        request: HttpRequest = rf.get(path)
        try:
            nowhere().ensure_connection()
        except OperationalError:
            return errors.server_error(request)
        raise AssertionError("somebody listens on port 1")

    assert (answer("/").status_code, answer("/")["Retry-After"]) == (503, "2")
    assert b"unavailable" in answer("/api/v1/offices/").content


def test_a_silent_server_counts_as_unavailable() -> None:
    with pytest.raises(OperationalError) as caught:
        nowhere().ensure_connection()
    assert is_unavailable(caught.value)


def test_a_lock_timeout_counts_as_busy() -> None:
    with pytest.raises(OperationalError) as caught, connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 1; SELECT pg_sleep(5)")
    connection.close()
    assert not is_unavailable(caught.value)
    error = as_domain_error(caught.value)
    assert error is not None
    assert error.code == "busy"


def nowhere() -> DatabaseWrapper:
    """A connection to a port on which nobody listens."""
    return DatabaseWrapper(
        {**connection.settings_dict, "HOST": "127.0.0.1", "PORT": "1"}, "nowhere"
    )
