"""Takes the guards off a throw-away database, so that a control test can show that a race is real."""

import re
import threading
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

# The rules that only the database can keep. A control test drops them by name.
GUARDED_TABLES = (
    "quotas_", "booking_", "counters_", "notices_", "offices_outage", "offices_rostershift",
)  # fmt: skip

_state = threading.local()
_active: list[Callable[..., Any]] = []


def without_locks(execute: Any, statement: Any, params: Any, many: bool, context: Any) -> Any:
    """Run the statement as if its author had forgotten the lock clause."""
    if isinstance(statement, str):
        statement = ADVISORY.sub("abs", LOCK_CLAUSE.sub("", statement))
    return execute(statement, params, many, context)


@contextmanager
def active_wrappers() -> Iterator[None]:
    """Let the current thread's connection run through the wrappers of `unguarded`, if any."""
    added = [wrapper for wrapper in _active if wrapper not in connection.execute_wrappers]
    connection.execute_wrappers.extend(added)
    try:
        yield
    finally:
        for wrapper in added:
            connection.execute_wrappers.remove(wrapper)


@contextmanager
def unguarded(*, locks: bool = True) -> Iterator[None]:
    """Drop every rule of the current (throw-away!) database and, with `locks`, every lock clause."""
    if "throwaway" not in connection.settings_dict["NAME"]:
        raise RuntimeError("guards come off throw-away databases only")
    _drop_constraints()
    if locks:
        _cut_locks_from_functions()
        _active.append(without_locks)
    try:
        with active_wrappers():
            yield
    finally:
        _active.clear()


def _cut_locks_from_functions() -> None:
    """Make our functions anew as if their author had forgotten the lock clauses."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT pg_get_functiondef(oid) FROM pg_proc
             WHERE pronamespace = 'public'::regnamespace AND prokind = 'f' AND prosrc ~* 'FOR NO KEY UPDATE'
            """
        )
        for (definition,) in cursor.fetchall():
            # It is over in a millisecond, and threads of one interpreter hardly come closer than that:
            # so it ends as late as on a slow machine.
            slow = definition.replace("RETURN party;", "PERFORM pg_sleep(0.02); RETURN party;")
            cursor.execute(ADVISORY.sub("abs", LOCK_CLAUSE.sub("", slow)))


def _drop_constraints() -> None:
    """Drop foreign keys, checks, exclusions, unique rules and triggers; primary keys stay."""
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
