"""Redis as a cache that may be away: what it held is asked again, nothing else changes."""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)
REST_SECONDS = 2.0


class KeptClient(RedisCacheClient):
    """Keeps its client: making one anew took longer than asking it."""

    _kept: Any = None

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        if len(self._servers) > 1:  # type: ignore[attr-defined]
            return super().get_client(key, write=write)
        if self._kept is None:
            self._kept = super().get_client(key, write=write)
        return self._kept

    def get(self, key: Any, default: Any) -> Any:
        """Ask for one value without the client's own layers; a dead connection is noticed by the pool."""
        pool = self._get_connection_pool(write=False)  # type: ignore[attr-defined]
        connection = pool.get_connection()
        try:
            connection.send_command("GET", key)
            value = connection.read_response()
        finally:
            pool.release(connection)
        return default if value is None else self._serializer.loads(value)  # type: ignore[attr-defined]


class IgnoringRedisCache(RedisCache):
    """A miss instead of an exception. After a failure Redis is left alone for two seconds."""

    _away_until = 0.0

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = KeptClient

    def _try(self, call: Callable[[], Any], otherwise: Any) -> Any:
        if time.monotonic() < IgnoringRedisCache._away_until:
            return otherwise
        try:
            return call()
        except (RedisError, OSError) as error:
            IgnoringRedisCache._away_until = time.monotonic() + REST_SECONDS
            logger.warning("cache_away", extra={"error": type(error).__name__})
            return otherwise

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None) -> Any:
        return self._try(
            lambda: super(IgnoringRedisCache, self).add(key, value, timeout, version), True
        )

    def get(self, key: Any, default: Any = None, version: Any = None) -> Any:
        return self._try(
            lambda: super(IgnoringRedisCache, self).get(key, default, version), default
        )

    def set(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None
    ) -> None:
        self._try(lambda: super(IgnoringRedisCache, self).set(key, value, timeout, version), None)

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None) -> Any:
        return self._try(
            lambda: super(IgnoringRedisCache, self).touch(key, timeout, version), False
        )

    def delete(self, key: Any, version: Any = None) -> Any:
        return self._try(lambda: super(IgnoringRedisCache, self).delete(key, version), False)

    def get_many(self, keys: Any, version: Any = None) -> Any:
        return self._try(lambda: super(IgnoringRedisCache, self).get_many(keys, version), {})

    def has_key(self, key: Any, version: Any = None) -> Any:
        return self._try(lambda: super(IgnoringRedisCache, self).has_key(key, version), False)

    def incr(self, key: Any, delta: int = 1, version: Any = None) -> Any:
        return self._try(lambda: super(IgnoringRedisCache, self).incr(key, delta, version), delta)

    def set_many(self, data: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None) -> Any:
        return self._try(
            lambda: super(IgnoringRedisCache, self).set_many(data, timeout, version), []
        )

    def delete_many(self, keys: Any, version: Any = None) -> None:
        self._try(lambda: super(IgnoringRedisCache, self).delete_many(keys, version), None)

    def clear(self) -> Any:
        return self._try(lambda: super(IgnoringRedisCache, self).clear(), False)
