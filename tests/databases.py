"""Test databases: one migrated template per schema, cloned in a moment."""

import fcntl
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from django.core.management import call_command
from django.db import connection, connections, transaction
from psycopg2 import sql

from devtools.stack.state import ROOT
from tests import servers

# Rows that the migrations wrote.
KEPT = frozenset({"django_migrations", "django_content_type", "auth_permission"})


def worker() -> str:
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


def own_name() -> str:
    """Return the name of this process's test database."""
    return f"test_{servers.suffix()}_{worker()}"


@contextmanager
def administration() -> Iterator[Any]:
    """Return a cursor outside any transaction, to create and drop databases."""
    parts = urlsplit(os.environ["TEST_DATABASE_URL"])
    link = psycopg2.connect(urlunsplit(parts._replace(path="/postgres")))
    link.autocommit = True
    try:
        with link.cursor() as cursor:
            yield cursor
    finally:
        link.close()


def point_to(name: str) -> None:
    """Connect all threads of this process to this database."""
    connections.close_all()
    connection.settings_dict["NAME"] = name


def clone(name: str, *, template: str) -> None:
    with administration() as cursor:
        drop_in(cursor, name)
        cursor.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )


def wait_until_unused(name: str) -> None:
    """Wait for the end of the server processes of closed connections; PostgreSQL copies no database in use."""
    last = time.monotonic() + 60
    with administration() as cursor:
        while time.monotonic() < last:
            cursor.execute("SELECT 1 FROM pg_stat_activity WHERE datname = %s", [name])
            if cursor.fetchone() is None:
                return
            time.sleep(0.05)


@cache
def _emptied_tables() -> tuple[str, ...]:
    with connection.cursor() as cursor:
        return tuple(sorted(set(connection.introspection.table_names(cursor)) - KEPT))


def written_tables() -> list[str]:
    """Return the tables that have rows besides those of the migrations."""
    name = sql.Identifier
    looks = [
        sql.SQL("(SELECT {} FROM {} LIMIT 1)").format(sql.Literal(table), name(table))
        for table in _emptied_tables()
    ]
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(" UNION ALL ").join(looks))
        return [table for (table,) in cursor.fetchall()]


def empty() -> None:
    """Delete what a test has committed, as Django's flush does.

    Flush truncates every table and recreates all permissions, which takes longer than most tests.
    """
    written = written_tables()
    if not written:
        return
    with connection.cursor() as cursor:
        with transaction.atomic():
            # Without foreign keys and triggers, some of which refuse deletion.
            cursor.execute("SET LOCAL session_replication_role = replica")
            for table in written:
                cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
        names = sql.SQL(", ").join(map(sql.Identifier, written))
        cursor.execute(sql.SQL("VACUUM {}").format(names))


def drop(name: str) -> None:
    with administration() as cursor:
        drop_in(cursor, name)


def drop_in(cursor: Any, name: str) -> None:
    cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def ready_template() -> str:
    """Return the name of the migrated template; create it if the migrations have changed."""
    name = f"template_{servers.suffix()}_{_schema_hash()}"
    lock_path = ROOT / ".local" / f"test-template-{servers.suffix()}.lock"
    lock_path.parent.mkdir(exist_ok=True)
    with lock_path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _exists(name):
            _make_template(name)
    return name


def _exists(name: str) -> bool:
    with administration() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        return cursor.fetchone() is not None


def _make_template(name: str) -> None:
    draft = f"draft_{servers.suffix()}"
    with administration() as cursor:
        pattern = f"template\\_{servers.suffix()}\\_%"
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [pattern])
        for (old,) in cursor.fetchall():
            drop_in(cursor, old)
        drop_in(cursor, draft)
        cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(draft)))
    point_to(draft)
    call_command("migrate", interactive=False, verbosity=0)
    connections.close_all()
    with administration() as cursor:
        cursor.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                sql.Identifier(draft), sql.Identifier(name)
            )
        )


def _schema_hash() -> str:
    digest = hashlib.sha256((ROOT / "requirements" / "runtime.txt").read_bytes())
    for path in sorted(ROOT.glob("*/migrations/*.py")):
        digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()[:12]


@contextmanager
def throwaway_database(name: str, *, template: str) -> Iterator[str]:
    """Create a database from the template, connect to it, and drop it afterwards."""
    before = connection.settings_dict["NAME"]
    full_name = f"{own_name()}_{name}"
    clone(full_name, template=template)
    point_to(full_name)
    try:
        yield full_name
    finally:
        point_to(before)
        drop(full_name)
