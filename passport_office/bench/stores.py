"""A database and a Redis number of the benchmark's own, in the servers that are there, gone afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import redis
from psycopg2 import errors
from psycopg2.sql import SQL, Identifier

from passport_office.bench.meters import parent

NAME = "passport_office_bench"
LOCK = 20_261_127  # any number will do: who holds it runs the one benchmark of this cluster


class BenchError(Exception):
    """A sentence for the person at the terminal: what is missing and what to do."""


@dataclass(frozen=True)
class Stores:
    """Where the benchmark keeps its data, and the processes that serve it (0: not on this machine)."""

    database_url: str
    redis_url: str
    postmaster: int
    redis_pid: int
    home: Any

    def strangers(self) -> set[int]:
        """Return the sessions of the same cluster that serve other databases."""
        with self.home.cursor() as cursor:
            cursor.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname IS NOT NULL AND datname <> %s",
                [NAME],
            )
            return {pid for (pid,) in cursor.fetchall()}

    def transactions(self) -> int:
        """Return how many transactions the benchmark's database has finished, as far as it was told."""
        with self.home.cursor() as cursor:
            cursor.execute(
                "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = %s",
                [NAME],
            )
            return int(cursor.fetchone()[0])


def with_path(url: str, path: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{path}", query=""))


@contextmanager
def own_stores(*, database_url: str, redis_url: str) -> Iterator[Stores]:
    """Make an empty database and find an empty Redis number; forget both at the end.

    Raises BenchError when a server is away, when its user may make no database, or when another
    benchmark is running.
    """
    home = _connect(database_url)
    try:
        _lock(home)
    except BenchError:
        home.close()
        raise
    try:
        _make_database(home)
        with _own_redis(redis_url) as (own_redis_url, redis_pid):
            yield Stores(
                database_url=with_path(database_url, NAME),
                redis_url=own_redis_url,
                postmaster=_postmaster(home, database_url),
                redis_pid=redis_pid if _is_local(redis_url) else 0,
                home=home,
            )
    finally:
        with suppress(psycopg2.Error):
            _drop_database(home)
            # The server would let go of it only some time after the connection is closed.
            _unlock(home)
        home.close()


def _connect(url: str) -> Any:
    try:
        connection = psycopg2.connect(url, connect_timeout=5, application_name=NAME)
    except psycopg2.OperationalError as error:
        raise BenchError(
            f"PostgreSQL does not answer: {str(error).strip().splitlines()[0]}"
        ) from None
    connection.autocommit = True
    return connection


def _lock(home: Any) -> None:
    with home.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            raise BenchError(
                "Another benchmark is running here. Its figures and ours would spoil each other."
            )


def _unlock(home: Any) -> None:
    with home.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def _make_database(home: Any) -> None:
    _drop_database(home)  # what a killed run left behind
    try:
        with home.cursor() as cursor:
            cursor.execute(SQL("CREATE DATABASE {} TEMPLATE template0").format(Identifier(NAME)))
    except errors.InsufficientPrivilege:
        raise BenchError(
            "The database's user may not make a database of its own for this: ALTER USER … CREATEDB."
        ) from None


def _drop_database(home: Any) -> None:
    with home.cursor() as cursor:
        cursor.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(NAME)))


@contextmanager
def _own_redis(url: str) -> Iterator[tuple[str, int]]:
    client = _empty_number(url)
    try:
        number = client.connection_pool.connection_kwargs["db"]
        yield with_path(url, str(number)), int(client.info("server").get("process_id", 0))
    finally:
        with suppress(redis.RedisError):
            client.flushdb()
        client.close()


def _empty_number(url: str) -> Any:
    """Return a client of the highest Redis database that holds nothing."""
    try:
        first = redis.Redis.from_url(with_path(url, "0"))
        highest = _databases(first) - 1
        first.close()
        for number in range(highest, 0, -1):
            client = redis.Redis.from_url(with_path(url, str(number)))
            if client.dbsize() == 0:
                return client
            client.close()
    except redis.RedisError as error:
        raise BenchError(f"Redis does not answer: {type(error).__name__}") from None
    raise BenchError("Redis has no empty database left for the benchmark.")


def _databases(client: Any) -> int:
    try:
        return int(client.config_get("databases")["databases"])
    except (redis.ResponseError, KeyError):
        return 16  # a managed server tells nothing of its settings


def _is_local(url: str) -> bool:
    return urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")


def _postmaster(home: Any, url: str) -> int:
    """Return the server's first process, the parent of our session's."""
    if not _is_local(url):
        return 0
    with home.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return parent(int(cursor.fetchone()[0]))
