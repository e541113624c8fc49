"""Removes the guards of a temporary database, so that a control test can show that a race is real."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from psycopg2 import sql

LOCK_CLAUSE = re.compile(
    r"\s+FOR\s+(NO\s+KEY\s+UPDATE|UPDATE|SHARE|KEY\s+SHARE)(\s+OF\s+[\w\".,\s]+?)?"
    r"(\s+NOWAIT|\s+SKIP\s+LOCKED)?(?=\s*(\)|$|;))",
    re.IGNORECASE,
)
ADVISORY = re.compile(r"pg_(try_)?advisory_(xact_)?lock", re.IGNORECASE)

# Rules that only the database can enforce. A control test drops them by name.
GUARDED_TABLES = (
    "quotas_",
    "booking_",
    "counters_",
    "notices_",
    "accounts_webhook",
    "offices_outage",
    "offices_rostershift",
    "offices_personread",
    "privacy_",
)

LAG = 0.03  # seconds

_own = threading.local()
_active: list[Callable[..., Any]] = []


def without_locks(execute: Any, statement: Any, params: Any, many: bool, context: Any) -> Any:
    """Run the statement without its lock clause; its result then ages before use."""
    if not isinstance(statement, str):
        return execute(statement, params, many, context)
    bare = ADVISORY.sub("abs", LOCK_CLAUSE.sub("", statement))
    result = execute(bare, params, many, context)
    slow, seconds = getattr(_own, "lingers", ("", 0))
    if slow and slow in statement:
        time.sleep(seconds)
    elif bare != statement:
        time.sleep(LAG)
    return result


@contextmanager
def lingering(over: str, *, seconds: float) -> Iterator[None]:
    """Let this thread wait after reading rows that only such a statement reads."""
    _own.lingers = (over, seconds)
    try:
        yield
    finally:
        del _own.lingers


@contextmanager
def racing() -> Iterator[None]:
    """Run the current thread's connection as `unguarded` requires, if it is on: without locks, with slow writes."""
    with active_wrappers():
        if _active:
            with connection.cursor() as cursor:
                cursor.execute("SET race.lag = %s", [str(LAG)])
        yield


@contextmanager
def active_wrappers() -> Iterator[None]:
    """Run the current thread's connection through the wrappers of `unguarded`, if any."""
    added = [wrapper for wrapper in _active if wrapper not in connection.execute_wrappers]
    connection.execute_wrappers.extend(added)
    try:
        yield
    finally:
        for wrapper in added:
            connection.execute_wrappers.remove(wrapper)


@contextmanager
def unguarded(*, locks: bool = True) -> Iterator[None]:
    """Drop every constraint of the current temporary database and, with `locks`, every lock clause."""
    if "throwaway" not in connection.settings_dict["NAME"]:
        raise RuntimeError("guards come off throw-away databases only")
    _drop_constraints()
    _write_slowly()
    if locks:
        _active.append(without_locks)
    try:
        with active_wrappers():
            yield
    finally:
        _active.clear()


def _write_slowly() -> None:
    """Delay every write of a racing connection, as on a slow machine.

    A race happens between reading and writing. That takes a millisecond, and threads of one interpreter hardly
    meet within it: without the delay a control would show its race only sometimes.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            CREATE FUNCTION write_slowly() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM pg_sleep(current_setting('race.lag')::float8);
                RETURN NULL;
            END $$
            """
        )
        for table in connection.introspection.table_names(cursor):
            if table.startswith(GUARDED_TABLES):
                cursor.execute(
                    sql.SQL(
                        "CREATE TRIGGER write_slowly BEFORE INSERT OR UPDATE ON {} FOR EACH STATEMENT"
                        " WHEN (current_setting('race.lag', true) <> '') EXECUTE FUNCTION write_slowly()"
                    ).format(sql.Identifier(table))
                )


def _drop_constraints() -> None:
    """Drop foreign keys, checks, exclusions, unique constraints and triggers; primary keys stay."""
    with connection.cursor() as cursor:
        for kind in ("f", "c", "x", "u"):
            cursor.execute(
                """
                SELECT conrelid::regclass::text, conname FROM pg_constraint
                 WHERE contype = %s AND connamespace = 'public'::regnamespace AND conrelid <> 0
                """,
                [kind],
            )
            for table, name in cursor.fetchall():
                if table.startswith(GUARDED_TABLES):
                    cursor.execute(
                        sql.SQL("ALTER TABLE {} DROP CONSTRAINT {} CASCADE").format(
                            sql.Identifier(table), sql.Identifier(name)
                        )
                    )
        cursor.execute(
            """
            SELECT i.indexrelid::regclass::text, i.indrelid::regclass::text FROM pg_index i
             WHERE i.indisunique AND NOT i.indisprimary
            """
        )
        for index, table in cursor.fetchall():
            if table.startswith(GUARDED_TABLES):
                cursor.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(index)))
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal"
        )
        for table, name in cursor.fetchall():
            if table.startswith(GUARDED_TABLES):
                cursor.execute(
                    sql.SQL("DROP TRIGGER {} ON {}").format(
                        sql.Identifier(name), sql.Identifier(table)
                    )
                )
