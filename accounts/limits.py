"""Rate limits of sign-in, second factor, password reset and sign-up, counted in PostgreSQL.

These limits protect passwords and codes, so they must hold while Redis is unavailable. They are rare enough
(a few statements per attempt, next to a password hash) that they always count here, with no second path.
allauth counts its limits and used TOTP codes in Django's default cache, so this is the default cache.
"""

import json
import time
from typing import Any, Final

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import connection
from django.utils.crypto import salted_hmac

UPSERT: Final = """
INSERT INTO accounts_ratelimit (key, value, expires_at) VALUES (%s, %s, to_timestamp(%s))
ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value, expires_at = EXCLUDED.expires_at
"""
ONLY_IF_EXPIRED: Final = " WHERE accounts_ratelimit.expires_at <= to_timestamp(%s)"
LIVE: Final = (
    "SELECT value FROM accounts_ratelimit WHERE key = %s AND expires_at > to_timestamp(%s)"
)
DELETE: Final = "DELETE FROM accounts_ratelimit WHERE key = %s"
DELETE_EXPIRED: Final = "DELETE FROM accounts_ratelimit WHERE expires_at <= to_timestamp(%s)"
NEVER: Final = "infinity"


class PostgresCache(BaseCache):
    """A cache of JSON values in a table. `add` is atomic, and nothing is evicted before it expires.

    Django's own DatabaseCache counts the whole table on each write and evicts live rows when it is full: many
    attempts for other accounts would then reset the count of this one.
    """

    def __init__(self, _location: str = "", params: dict[str, Any] | None = None) -> None:
        super().__init__(params or {})

    def add(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None
    ) -> bool:
        """Store the value if there is no live one; True if stored."""
        row = self._row(key, value, timeout, version)
        with connection.cursor() as cursor:
            cursor.execute(UPSERT + ONLY_IF_EXPIRED, [*row, time.time()])
            return bool(cursor.rowcount)

    def get(self, key: str, default: Any = None, version: Any = None) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(LIVE, [self._stored_key(key, version), time.time()])
            row = cursor.fetchone()
        return default if row is None else json.loads(row[0])

    def set(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None
    ) -> None:
        with connection.cursor() as cursor:
            cursor.execute(UPSERT, self._row(key, value, timeout, version))

    def delete(self, key: str, version: Any = None) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(DELETE, [self._stored_key(key, version)])
            return bool(cursor.rowcount)

    def clear(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM accounts_ratelimit")

    def _row(self, key: str, value: Any, timeout: Any, version: Any) -> list[Any]:
        expires_at = self.get_backend_timeout(timeout)
        return [
            self._stored_key(key, version),
            json.dumps(value),
            NEVER if expires_at is None else expires_at,
        ]

    def _stored_key(self, key: str, version: Any) -> str:
        # A keyed hash: the key names an IP address or an account.
        return salted_hmac(
            "accounts.limits", self.make_key(key, version), algorithm="sha256"
        ).hexdigest()


def delete_expired() -> int:
    """Delete expired entries; return the count."""
    with connection.cursor() as cursor:
        cursor.execute(DELETE_EXPIRED, [time.time()])
        return int(cursor.rowcount)
