from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client

from core import clock
from ops import broker, health
from ops.tasks import beat_heartbeat


@pytest.fixture(autouse=True)
def _look_again() -> None:
    """Clear the cached result of the last probe."""
    health._Recent.at = float("-inf")


def test_a_living_process_says_so_without_asking_anybody(client: Client) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "alive"}


@pytest.mark.django_db
def test_ready_when_database_redis_migrations_and_worker_are(client: Client) -> None:
    beat_heartbeat()
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert {name for name, check in answer.json()["checks"].items() if check["ok"]} == {
        "database",
        "migrations",
        "redis",
        "worker",
    }


@pytest.mark.django_db
def test_not_ready_without_a_worker_and_the_answer_names_it(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["worker"] == {"ok": False, "detail": "no heartbeat yet"}


@pytest.mark.django_db
def test_not_ready_when_the_worker_fell_silent(client: Client) -> None:
    broker.write_heartbeat(clock.now() - timedelta(minutes=5))
    assert client.get("/readyz").json()["checks"]["worker"]["ok"] is False


@pytest.mark.django_db
def test_not_ready_while_a_migration_is_missing(client: Client) -> None:
    beat_heartbeat()
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM django_migrations WHERE app = 'booking' AND name = '0001_initial'"
        )
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["migrations"]["detail"] == "1 not applied"


@pytest.mark.django_db
def test_asked_often_it_looks_once_a_second(client: Client) -> None:
    beat_heartbeat()
    client.get("/readyz")
    broker.write_heartbeat(datetime(2020, 1, 1, tzinfo=UTC))
    assert client.get("/readyz").status_code == 200
