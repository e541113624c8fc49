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


def test_liveness_needs_no_other_service(client: Client) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "alive"}


@pytest.mark.django_db
def test_readiness_needs_database_redis_migrations_and_worker(client: Client) -> None:
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
def test_a_missing_worker_is_named(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["worker"] == {"ok": False, "detail": "no heartbeat yet"}


@pytest.mark.django_db
def test_a_silent_worker_makes_it_not_ready(client: Client) -> None:
    broker.write_heartbeat(clock.now() - timedelta(minutes=5))
    assert client.get("/readyz").json()["checks"]["worker"]["ok"] is False


@pytest.mark.django_db
def test_a_missing_migration_makes_it_not_ready(client: Client) -> None:
    beat_heartbeat()
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM django_migrations WHERE app = 'booking' AND name = '0001_initial'"
        )
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["migrations"]["detail"] == "1 not applied"


@pytest.mark.django_db
def test_readiness_is_checked_at_most_once_a_second(client: Client) -> None:
    beat_heartbeat()
    client.get("/readyz")
    broker.write_heartbeat(datetime(2020, 1, 1, tzinfo=UTC))
    assert client.get("/readyz").status_code == 200
