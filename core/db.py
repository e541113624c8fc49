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
TURNS = 32
Read = TypeVar("Read", bound=Callable[..., Any])
Found = TypeVar("Found")
ByNumber = Callable[[int, int], dict[int, Found]]
OfNumber = Callable[[int], Found | None]
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
    """Let all who ask the same within a second have one answer, in their language where it `has_words`.

    For what a crowd looks at: nobody's place is ever decided by it. `now` is no part of the question. Threads
    share the answer, so nobody may change it. `times` SHARED_READ_SECONDS is how long it is kept: once for what
    changes with every place sold, ten times for what officers change, sixty for how such things are drawn; with 0
    seconds nothing is.
    """

    def decorate(read: Read) -> Read:
        kept: dict[tuple[Any, ...], tuple[float, Any]] = {}
        turns = [threading.RLock() for _turn in range(TURNS)]

        @wraps(read)
        def shared(*asked: Any, **given: Any) -> Any:
            seconds: float = settings.SHARED_READ_SECONDS * times
            if not seconds:
                return read(*asked, **given)
            is_named = len(given) > ("now" in given)
            named = sorted(pair for pair in given.items() if pair[0] != "now") if is_named else ()
            key = (get_language() if has_words else None, *asked, *named)
            found, at = kept.get(key), time.monotonic()
            if found is not None and at - found[0] < seconds:
                return found[1]
            # One reads, the others wait for the answer: a crowd would read it once for each thread.
            with turns[hash(key) % TURNS]:
                found = kept.get(key)
                if found is not None and at - found[0] < seconds:
                    return found[1]
                at = time.monotonic()
                answer = read(*asked, **given)
                if len(kept) >= MOST_KEPT:
                    kept.clear()
                kept[key] = (at, answer)
                return answer

        return shared  # type: ignore[return-value]

    return decorate


def shared_by_number(
    *, at_once: int, times: int = 1
) -> Callable[[ByNumber[Found]], OfNumber[Found]]:
    """Make a reader of rows from one number up to another the shared reader of a single row.

    Rows with neighbouring numbers were made together, and a crowd wants them all: they are read `at_once`. What has
    been made since is asked for by itself. `times` as with `shared_read`.
    """

    def decorate(read: ByNumber[Found]) -> OfNumber[Found]:
        @shared_read(times, has_words=False)
        def beside(block: int) -> dict[int, Found]:
            return read(block * at_once, (block + 1) * at_once)

        @shared_read(times, has_words=False)
        def made_since(number: int) -> Found | None:
            return read(number, number + 1).get(number)

        def one(number: int) -> Found | None:
            return beside(number // at_once).get(number) or made_since(number)

        return one

    return decorate
