"""Reads that may lag: from a replica whose data are at most a few seconds old.

Without a replica in DATABASES nothing here does anything. With one, a selector marked `may_lag`
reads it while answering a GET of somebody who has not just written. Everything else reads the
primary: writes, tasks, commands, other selectors.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from http import HTTPMethod
from math import ceil
from typing import Any, Final, TypeVar

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections
from django.http import HttpRequest, HttpResponse

REPLICA: Final = "replica"
WRITTEN_COOKIE: Final = "written"
SAFE: Final = frozenset({HTTPMethod.GET, HTTPMethod.HEAD})
MEASURED_EVERY: Final = 1.0
AFTER_FAILURE: Final = 10.0
MOST_MARKS: Final = 120
Read = TypeVar("Read", bound=Callable[..., Any])

_request_may_lag: ContextVar[bool] = ContextVar("request_may_lag", default=False)
_reads_replica: ContextVar[bool] = ContextVar("reads_replica", default=False)


def has_replica() -> bool:
    """True if the settings name a replica."""
    return REPLICA in connections.settings


def database_for_reads() -> str:
    """Return the alias of the database that the current selector reads."""
    is_replica = _reads_replica.get() and not connections[DEFAULT_DB_ALIAS].in_atomic_block
    return REPLICA if is_replica else DEFAULT_DB_ALIAS


def may_lag(read: Read) -> Read:
    """Mark a selector whose result may be a few seconds old, and which decides nothing.

    If the replica fails during the read, the selector runs again on the primary.
    """

    @wraps(read)
    def lagging(*args: Any, **kwargs: Any) -> Any:
        if not _request_may_lag.get() or not freshness.is_within_bound():
            return read(*args, **kwargs)
        token = _reads_replica.set(True)
        try:
            return read(*args, **kwargs)
        except (OperationalError, InterfaceError):
            freshness.forget()
        finally:
            _reads_replica.reset(token)
        return read(*args, **kwargs)

    return lagging  # type: ignore[return-value]


class ReplicaRouter:
    """Sends the reads of marked selectors to the replica, and everything else to the primary."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        """Also for rows that were read from the replica: what follows them is read anew."""
        return database_for_reads()

    def db_for_write(self, model: Any, **hints: Any) -> str:
        """Return the primary."""
        return DEFAULT_DB_ALIAS

    def allow_relation(self, *rows: Any, **hints: Any) -> bool:
        """Both databases hold the same rows."""
        return True

    def allow_migrate(self, db: str, *args: Any, **hints: Any) -> bool:
        """A replica follows the primary."""
        return db == DEFAULT_DB_ALIAS


class ReplicaMiddleware:
    """Lets a GET read the replica, unless its sender wrote within the bound or uses a token.

    Each answer to another method marks the browser with a cookie for as long as a replica may lag.
    A program with a token keeps no cookies, so it always reads the primary.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not has_replica():
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_safe = request.method in SAFE
        has_written = WRITTEN_COOKIE in request.COOKIES or "Authorization" in request.headers
        token = _request_may_lag.set(is_safe and not has_written)
        try:
            response = self.get_response(request)
        finally:
            _request_may_lag.reset(token)
        if not is_safe:
            response.set_cookie(
                WRITTEN_COOKIE,
                "1",
                max_age=ceil(settings.REPLICA_MAX_LAG) + 1,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response


class Freshness:
    """How old the replica's data are, as this process has measured it.

    Once a second it records where the primary's log ends and asks the replica how far it has
    replayed. The replica then holds every write up to the newest recorded moment that it has
    replayed. Times of the replica play no part, so an idle primary does not look like a lag.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._marks: deque[tuple[float, int]] = deque(maxlen=MOST_MARKS)
        self._next = float("-inf")
        self._complete_until = float("-inf")

    def is_within_bound(self) -> bool:
        """True if the replica lacks no write that is older than REPLICA_MAX_LAG seconds."""
        # Other threads use the last measurement while one measures.
        if time.monotonic() >= self._next and self._lock.acquire(blocking=False):
            try:
                self._measure()
            finally:
                self._lock.release()
        return time.monotonic() - self._complete_until <= settings.REPLICA_MAX_LAG

    def forget(self) -> None:
        """Do not use the replica for some seconds: it failed."""
        self._complete_until = float("-inf")
        self._marks.clear()
        self._next = time.monotonic() + AFTER_FAILURE

    def _measure(self) -> None:
        now = time.monotonic()
        self._next = now + MEASURED_EVERY
        try:
            [end] = _row(DEFAULT_DB_ALIAS, "SELECT pg_current_wal_lsn() - '0/0'::pg_lsn")
            self._marks.append((now, int(end)))
            is_replica, replayed = _row(
                REPLICA,
                "SELECT pg_is_in_recovery(), coalesce(pg_last_wal_replay_lsn() - '0/0'::pg_lsn, 0)",
            )
        except (OperationalError, InterfaceError):
            self.forget()
            return
        if not is_replica:
            # A promoted replica may lack writes of the primary that this process uses.
            self.forget()
            return
        while self._marks and self._marks[0][1] <= replayed:
            self._complete_until = self._marks.popleft()[0]


def _row(alias: str, statement: str) -> tuple[Any, ...]:
    with connections[alias].cursor() as cursor:
        cursor.execute(statement)
        return tuple(cursor.fetchone())


freshness: Final = Freshness()
