"""Health checks: whether this process is alive, and whether the system is ready to serve."""

import threading
import time
from collections.abc import Callable
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from core import clock
from ops import broker

HEARTBEAT_MAX_AGE = 60
KEEP_SECONDS = 1.0
Check = Callable[[], str]


class NotReady(Exception):
    """One part is missing; the text names it."""


@require_safe
@never_cache
def alive(request: HttpRequest) -> JsonResponse:
    """Answer without any dependency: the process is alive."""
    return JsonResponse({"status": "alive"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """Return the result of each check; 503 if one fails. Checks run at most once a second."""
    checks = _recent_checks()
    is_ready = all(check["ok"] for check in checks.values())
    status = HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE
    body = {"status": "ready" if is_ready else "not_ready", "checks": checks}
    return JsonResponse(body, status=status)


class _Recent:
    lock = threading.Lock()
    at = float("-inf")
    checks: dict[str, Any] = {}


def _recent_checks() -> dict[str, Any]:
    with _Recent.lock:
        if time.monotonic() - _Recent.at >= KEEP_SECONDS:
            _Recent.checks = {name: _run(check) for name, check in CHECKS.items()}
            _Recent.at = time.monotonic()
        return _Recent.checks


def _run(check: Check) -> dict[str, Any]:
    try:
        return {"ok": True, "detail": check()}
    except NotReady as error:
        return {"ok": False, "detail": str(error)}
    except (DatabaseError, RedisError, OSError) as error:
        # The class only: a driver's message may contain hosts and users.
        return {"ok": False, "detail": type(error).__name__}


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "answers"


def _redis() -> str:
    broker.ping()
    return "answers"


@lru_cache(maxsize=1)
def _migrations_on_disk() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)


def _migrations() -> str:
    missing = _migrations_on_disk() - set(MigrationRecorder(connection).applied_migrations())
    if missing:
        raise NotReady(f"{len(missing)} not applied")
    return "all applied"


def _worker() -> str:
    last = broker.read_heartbeat()
    if last is None:
        raise NotReady("no heartbeat yet")
    age = (clock.now() - last).total_seconds()
    if age > HEARTBEAT_MAX_AGE:
        raise NotReady(f"last heartbeat {age:.0f} s ago")
    return f"heartbeat {max(age, 0):.0f} s ago"


CHECKS: dict[str, Check] = {
    "database": _database,
    "migrations": _migrations,
    "redis": _redis,
    "worker": _worker,
}
