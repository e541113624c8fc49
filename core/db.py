"""What the database alone can decide, turned into an error that a person can read."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar

from django.conf import settings
from django.db import IntegrityError, InterfaceError, OperationalError, connection
from django.utils.translation import get_language

from core.errors import Busy, DomainError

LOCK_NOT_AVAILABLE = "55P03"
QUERY_CANCELED = "57014"
DEADLOCK_DETECTED = "40P01"
CONNECTION_FAILED = "08"
# Ended by its administrator, by a crash, not up yet, no connection left.
_NOT_THERE = {"57P01", "57P02", "57P03", "53300"}
MOST_KEPT = 2_000
LOCKS = 32
Read = TypeVar("Read", bound=Callable[..., Any])
_BUSY = {LOCK_NOT_AVAILABLE, QUERY_CANCELED, DEADLOCK_DETECTED}


def constraint_name(error: IntegrityError) -> str | None:
    """Return the name of the constraint that refused, as PostgreSQL tells it."""
    diagnostics = getattr(error.__cause__, "diag", None)
    return getattr(diagnostics, "constraint_name", None)


@contextmanager
def constraints_as_errors(errors: Mapping[str, Callable[[], DomainError]]) -> Iterator[None]:
    """Translate a *named* constraint into its error; any other IntegrityError stays a bug.

    A deferred constraint speaks at commit only, so wrap the atomic block, not its inside.
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
    """Turn a timeout of lock or statement, or a deadlock, into `Busy`: nothing has been changed."""
    try:
        yield
    except OperationalError as error:
        if is_busy(error):
            raise Busy from error
        raise


def is_busy(error: BaseException) -> bool:
    """Tell whether the database gave up waiting, as against having failed."""
    return getattr(error.__cause__, "pgcode", None) in _BUSY


def is_away(error: BaseException) -> bool:
    """Tell whether the database could not be reached, or was lost on the way."""
    if isinstance(error, InterfaceError):
        return "connection already closed" in str(error)
    if not isinstance(error, OperationalError) or error.__cause__ is None:
        return False
    # Where no server answered, there is nobody to give a code.
    code = getattr(error.__cause__, "pgcode", None)
    return code is None or code in _NOT_THERE or code.startswith(CONNECTION_FAILED)


def set_lock_timeout(*, milliseconds: int) -> None:
    """Bound every wait for a lock in the current transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{milliseconds}ms"])


def count_rows_anew(*tables: str) -> None:
    """Have PostgreSQL look at tables that have just grown: until it has, it plans for empty ones.

    A calendar then took seconds. Its own look comes within a minute, but people come at once. Without a
    name it looks at every table.
    """
    names = ", ".join(connection.ops.quote_name(table) for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE (SKIP_LOCKED) {names}")


def kept_by_connection() -> set[str]:
    """Return what the present thread's connection has been told to keep; a new connection keeps nothing yet."""
    # The wrapper outlives its connection.
    kept: tuple[Any, set[str]] = getattr(connection, "planned", (None, set()))
    if kept[0] is not connection.connection:
        kept = (connection.connection, set())
        connection.planned = kept  # type: ignore[attr-defined]
    return kept[1]


class Planned:
    """A statement that each connection plans once and keeps, for where planning takes longer than running.

    Its values are `$1`, `$2` …; it may name columns, never `*`, so that a new column does not spoil the plan.
    """

    def __init__(self, name: str, statement: str) -> None:
        self.name = name
        self.statement = statement

    def rows(self, *values: Any) -> list[tuple[Any, ...]]:
        """Run it on the current thread's connection and return what it finds."""
        with connection.cursor() as cursor:
            kept = kept_by_connection()
            if self.name not in kept:
                cursor.execute(f"PREPARE {self.name} AS {self.statement}")
                kept.add(self.name)
            signs = ", ".join(["%s"] * len(values))
            cursor.execute(
                f"EXECUTE {self.name} ({signs})" if values else f"EXECUTE {self.name}", values
            )
            return list(cursor.fetchall())


def shared_read(times: int = 1, *, has_words: bool = True) -> Callable[[Read], Read]:
    """Share one result of a read among all who need it within a second, by language where it `has_words`.

    For what many people read at once; no place is ever given by it. `now` is not part of the key. Threads share the
    result, so nobody may change it. It is kept for `times` SHARED_READ_SECONDS: once for what changes with every
    booking, ten times for what officers change; with 0 seconds nothing is kept. This is the only cache inside the
    process: it holds objects, which a cache server would have to pickle each time.
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
            key = (get_language() if has_words else None, *args, *named)
            entry = kept.get(key)
            if entry is not None and time.monotonic() - entry[0] < seconds:
                return entry[1]
            # One reads, the others wait for the result: else each thread would read it.
            with locks[hash(key) % LOCKS]:
                entry, started_at = kept.get(key), time.monotonic()
                if entry is None or started_at - entry[0] >= seconds:
                    if len(kept) >= MOST_KEPT:
                        kept.clear()
                    entry = kept[key] = (started_at, read(*args, **kwargs))
                return entry[1]

        return shared  # type: ignore[return-value]

    return decorate
