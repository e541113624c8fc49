"""The benchmark's own database and Redis number: created for the run, removed afterwards, one run at a time."""

import os
from contextlib import suppress
from typing import Any

import psycopg2
import pytest
import redis

from benchmarks.stores import NAME, BenchError, own_stores, with_path

pytestmark = pytest.mark.xdist_group("bench")  # one benchmark at a time per cluster
DATABASE = os.environ["TEST_DATABASE_URL"]
REDIS = os.environ["TEST_REDIS_URL"]


def databases() -> set[str]:
    connection = psycopg2.connect(DATABASE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database")
        names = {name for (name,) in cursor.fetchall()}
    connection.close()
    return names


def open_stores(**changes: str) -> Any:
    return own_stores(**{"database_url": DATABASE, "redis_url": REDIS, **changes})


def test_the_stores_are_removed_at_the_end() -> None:
    with open_stores() as stores:
        assert NAME in databases()
        client = redis.Redis.from_url(stores.redis_url)
        client.set("left", "behind")
        assert all(stores.pids)
        assert len(stores.pids) == 2
    assert NAME not in databases()
    assert client.dbsize() == 0
    client.close()


def test_the_stores_are_removed_when_the_run_fails() -> None:
    with suppress(RuntimeError), open_stores():
        raise RuntimeError
    assert NAME not in databases()


def test_a_second_benchmark_run_is_refused() -> None:
    with open_stores():
        with pytest.raises(BenchError, match="Another benchmark"), open_stores():
            pass
        assert NAME in databases()


def test_a_redis_database_in_use_is_refused() -> None:
    with open_stores() as stores:
        taken = redis.Redis.from_url(stores.redis_url)
    taken.set("somebody", "else's")
    with open_stores() as others:
        assert others.redis_url != stores.redis_url
    assert taken.get("somebody") == b"else's"
    taken.flushdb()
    taken.close()


def test_an_unavailable_database_gives_one_error_line() -> None:
    with (
        pytest.raises(BenchError, match="PostgreSQL does not answer"),
        open_stores(database_url="postgres://nobody:no@127.0.0.1:1/none"),
    ):
        pass


def test_an_unavailable_redis_gives_one_error_line() -> None:
    with (
        pytest.raises(BenchError, match="Redis does not answer"),
        open_stores(redis_url="redis://127.0.0.1:1/0"),
    ):
        pass
    assert NAME not in databases()


def test_an_address_keeps_its_password_when_its_path_changes() -> None:
    assert with_path("postgres://a:b%20c@host:5/old?x=1", "new") == "postgres://a:b%20c@host:5/new"
