"""A database and a Redis number of the benchmark's own, in servers that are running, removed afterwards."""

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import redis
from psycopg2 import errors
from psycopg2.sql import SQL, Identifier

from devtools.stack.postgres import Postgres
from devtools.stack.processor import parent
from devtools.stack.valkey import Valkey

NAME, LOCAL = "passport_office_bench", {"127.0.0.1", "localhost", "::1"}
LOCK = 20_261_127  # an advisory lock of the cluster: one benchmark at a time


class BenchError(Exception):
    """A sentence for the person at the terminal: what is missing and what to do."""


@dataclass(frozen=True)
class Stores:
    """Where the benchmark keeps its data, and the server processes."""

    database_url: str
    redis_url: str
    pids: tuple[int, ...]
    admin: Any

    def recreate(self) -> None:
        """Start again with a new database and an empty Redis number."""
        self.drop(NAME)
        try:
            _execute(self.admin, "CREATE DATABASE {} TEMPLATE template0", NAME)
        except errors.InsufficientPrivilege:
            raise BenchError("The database user needs the right CREATEDB.") from None
        self.empty_redis()

    def empty_redis(self) -> None:
        with redis.Redis.from_url(self.redis_url) as client:
            client.flushdb()

    def drop(self, name: str) -> None:
        _execute(self.admin, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def other_sessions(self) -> set[int]:
        """Server processes of the same cluster that serve other databases."""
        sql = "SELECT pid FROM pg_stat_activity WHERE datname <> %s"
        return {pid for (pid,) in _select(self.admin, sql, NAME)}

    def transactions(self) -> int:
        """Finished transactions of the benchmark's database, as far as its sessions reported them."""
        sql = "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = %s"
        return int(_select(self.admin, sql, NAME)[0][0])


@contextmanager
def own_stores(*, database_url: str, redis_url: str) -> Iterator[Stores]:
    """An empty database and an empty Redis number; both are removed at the end.

    Raises BenchError if a server does not answer or is on another machine, its user may not create
    databases, or another benchmark is running.
    """
    admin = _connect(database_url)
    try:
        if not _select(admin, "SELECT pg_try_advisory_lock(%s)", LOCK)[0][0]:
            raise BenchError("Another benchmark is running in this cluster. Wait until it ends.")
        number, redis_pid = _empty_redis_number(redis_url)
        postmaster = parent(_select(admin, "SELECT pg_backend_pid()")[0][0])
        if not LOCAL.issuperset(urlsplit(url).hostname for url in (database_url, redis_url)):
            raise BenchError("Processor times need PostgreSQL and Redis on this machine.")
        urls = with_path(database_url, NAME), with_path(redis_url, str(number))
        stores = Stores(*urls, (postmaster, redis_pid), admin)
        stores.recreate()
        try:
            yield stores
        finally:
            with suppress(psycopg2.Error):
                stores.drop(NAME)
            with suppress(redis.RedisError):
                stores.empty_redis()
    finally:
        with suppress(psycopg2.Error):
            _select(admin, "SELECT pg_advisory_unlock(%s)", LOCK)  # closing takes a moment
        admin.close()


@contextmanager
def servers() -> Iterator[tuple[str, str]]:
    """Addresses of PostgreSQL and Redis: DATABASE_URL and REDIS_URL, else servers started for this run."""
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        yield os.environ["DATABASE_URL"], os.environ["REDIS_URL"]
        return
    with embedded_servers() as (postgres, valkey):
        yield postgres.url, valkey.url


@contextmanager
def embedded_servers() -> Iterator[tuple[Postgres, Valkey]]:
    """PostgreSQL and Redis of the benchmark's own, stopped at the end."""
    with tempfile.TemporaryDirectory(prefix="passport-bench-") as folder:
        Path(folder).chmod(0o755)  # as root, PostgreSQL runs as another user
        postgres, valkey = Postgres(Path(folder), secrets.token_hex(12)), Valkey(Path(folder))
        try:
            postgres.start()
            valkey.start()
            yield postgres, valkey
        finally:
            valkey.stop()
            postgres.stop()


def with_path(url: str, path: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{path}", query=""))


def _connect(url: str) -> Any:
    try:
        connection = psycopg2.connect(url, connect_timeout=5, application_name=NAME)
    except psycopg2.OperationalError as error:
        raise BenchError(f"PostgreSQL does not answer: {str(error).splitlines()[0]}") from None
    connection.autocommit = True
    return connection


def _execute(admin: Any, text: str, *names: str) -> None:
    with admin.cursor() as cursor:
        cursor.execute(SQL(text).format(*map(Identifier, names)))


def _select(admin: Any, sql: str, *values: object) -> list[Any]:
    with admin.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def _empty_redis_number(url: str) -> tuple[int, int]:
    """The highest Redis database that holds nothing, and the server's process id."""
    try:
        for number in range(15, 0, -1):
            with redis.Redis.from_url(with_path(url, str(number))) as client:
                if client.dbsize() == 0:
                    return number, int(client.info("server").get("process_id", 0))
    except redis.RedisError as error:
        raise BenchError(f"Redis does not answer: {type(error).__name__}") from None
    raise BenchError("Redis has no empty database left for the benchmark.")
