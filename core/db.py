"""Database errors, lock timeouts, prepared statements and shared reads."""

import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar

from django.conf import settings
from django.db import (
    DEFAULT_DB_ALIAS,
    IntegrityError,
    InterfaceError,
    OperationalError,
    connection,
    connections,
)
from django.db.models import Model
from django.utils.translation import get_language

from core.errors import Busy, DomainError
from core.replica import database_for_reads

LOCK_NOT_AVAILABLE = "55P03"
QUERY_CANCELED = "57014"
DEADLOCK_DETECTED = "40P01"
CONNECTION_FAILED = "08"
# Shut down by its administrator, crashed, still starting, too many connections.
_NOT_THERE = {"57P01", "57P02", "57P03", "53300"}
MOST_KEPT = 2_000
LOCKS = 32
Read = TypeVar("Read", bound=Callable[..., Any])
Row = TypeVar("Row", bound=Model)
_BUSY = {LOCK_NOT_AVAILABLE, QUERY_CANCELED, DEADLOCK_DETECTED}


def constraint_name(error: IntegrityError) -> str | None:
    """Return the name of the violated constraint."""
    diagnostics = getattr(error.__cause__, "diag", None)
    return getattr(diagnostics, "constraint_name", None)


@contextmanager
def constraints_as_errors(errors: Mapping[str, Callable[[], DomainError]]) -> Iterator[None]:
    """Translate a *named* constraint into its error; any other IntegrityError stays a bug.

    A deferred constraint fails only at commit, so wrap the atomic block, not its inside.
    """
    try:
        yield
    except IntegrityError as error:
        make = errors.get(constraint_name(error) or "")
        if make is None:
            raise
        raise make() from error


@contextmanager
def busy_on_timeout() -> Iterator[None]:
    """Raise `Busy` for a lock or statement timeout, or a deadlock. Nothing has been changed."""
    try:
        yield
    except OperationalError as error:
        if is_busy(error):
            raise Busy from error
        raise


def is_busy(error: BaseException) -> bool:
    """True for a lock or statement timeout, or a deadlock."""
    return getattr(error.__cause__, "pgcode", None) in _BUSY


def is_unavailable(error: BaseException) -> bool:
    """True if the connection to the database failed or was lost."""
    if isinstance(error, InterfaceError):
        return "connection already closed" in str(error)
    if not isinstance(error, OperationalError) or error.__cause__ is None:
        return False
    # No code when no server answered.
    code = getattr(error.__cause__, "pgcode", None)
    return code is None or code in _NOT_THERE or code.startswith(CONNECTION_FAILED)


def analyze_tables(*tables: str) -> None:
    """ANALYZE tables that have just grown: until then PostgreSQL plans as if they were empty.

    With such a plan a calendar took seconds. Autovacuum follows within a minute, which is too late
    for a release. Without names, all tables are analyzed.
    """
    names = ", ".join(connection.ops.quote_name(table) for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE (SKIP_LOCKED) {names}")


def prepared_statements() -> set[str]:
    """Return the names of the statements that the current thread's connection has prepared."""
    # Django's wrapper outlives its connection.
    kept: tuple[Any, set[str]] = getattr(connection, "planned", (None, set()))
    if kept[0] is not connection.connection:
        kept = (connection.connection, set())
        connection.planned = kept  # type: ignore[attr-defined]
    return kept[1]


class Planned:
    """A statement that each connection prepares once, where planning takes longer than running.

    Its values are `$1`, `$2` …; it names columns, never `*`, because a new column would invalidate
    the plan. Through a pooler of transactions (DATABASE_POOLED) it is planned at each call: the next
    transaction may have another connection.
    """

    def __init__(self, name: str, statement: str) -> None:
        self.name = name
        self.statement = statement
        self.with_values = re.sub(r"\$(\d+)", r"%(v\1)s", statement.replace("%", "%%"))

    def rows(self, *values: Any) -> list[tuple[Any, ...]]:
        """Run the statement on the current thread's connection and return its rows."""
        with connection.cursor() as cursor:
            if settings.DATABASE_POOLED:
                named = {f"v{number}": value for number, value in enumerate(values, 1)}
                cursor.execute(self.with_values, named)
                return list(cursor.fetchall())
            kept = prepared_statements()
            if self.name not in kept:
                cursor.execute(f"PREPARE {self.name} AS {self.statement}")
                kept.add(self.name)
            signs = ", ".join(["%s"] * len(values))
            cursor.execute(
                f"EXECUTE {self.name} ({signs})" if values else f"EXECUTE {self.name}", values
            )
            return list(cursor.fetchall())


def shared_read(times: int = 1, *, has_text: bool = True) -> Callable[[Read], Read]:
    """Share one result of a read for a second, by language where it `has_text`.

    For reads of many people at once that decide nothing. `now` is not part of the key. Threads
    share the result, so nothing may change it. It is kept for `times` SHARED_READ_SECONDS: one for
    what changes with every booking, ten for what officers change; with 0 seconds nothing is kept.
    This is the only cache inside the process: it holds objects, which a cache server would have to
    pickle each time.
    """

    def decorate(read: Read) -> Read:
        kept: dict[tuple[Any, ...], tuple[float, Any]] = {}
        locks = [threading.RLock() for _number in range(LOCKS)]

        @wraps(read)
        def shared(*args: Any, **kwargs: Any) -> Any:
            seconds: float = settings.SHARED_READ_SECONDS * times
            if not seconds:
                return read(*args, **kwargs)
            named = sorted(pair for pair in kwargs.items() if pair[0] != "now")
            # A reader who has just written does not share what others read from a replica.
            key = (get_language() if has_text else None, database_for_reads(), *args, *named)
            entry = kept.get(key)
            if entry is not None and time.monotonic() - entry[0] < seconds:
                return entry[1]
            # One thread reads and the others wait for its result.
            with locks[hash(key) % LOCKS]:
                entry, started_at = kept.get(key), time.monotonic()
                if entry is None or started_at - entry[0] >= seconds:
                    if len(kept) >= MOST_KEPT:
                        kept.clear()
                    entry = kept[key] = (started_at, read(*args, **kwargs))
                return entry[1]

        return shared  # type: ignore[return-value]

    return decorate


def fetch_rows(statement: str, **values: Any) -> list[tuple[Any, ...]]:
    """Return all rows of a statement with named parameters.

    Inside a selector marked `core.replica.may_lag` they may come from the replica.
    """
    with connections[database_for_reads()].cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def stored_row(model: type[Row], **values: Any) -> Row:
    """Return a row of the database from the values of some of its columns, by their names.

    `from_db` alone takes the values in the order of the model's fields, whatever names it gets.
    """
    names = [field.attname for field in model._meta.concrete_fields if field.attname in values]
    if len(names) < len(values):
        raise ValueError(f"{model.__name__} has not all of these columns: {', '.join(values)}")
    return model.from_db(DEFAULT_DB_ALIAS, names, [values[name] for name in names])
