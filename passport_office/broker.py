"""A direct line to Redis for what watches it, beside the cache that hides its absence."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import redis
from django.conf import settings

HEARTBEAT_KEY = "passport_office:heartbeat"
PREFIX = str(settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"])
QUEUE_KEY = PREFIX + settings.CELERY_TASK_DEFAULT_QUEUE
IN_HAND_KEY = f"{PREFIX}unacked"


@lru_cache(maxsize=2)
def client(url: str) -> Any:
    return redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1)


def is_there() -> bool:
    """Ask Redis for a sign of life; raises redis.RedisError if it gives none."""
    return bool(client(settings.REDIS_URL).ping())


def write_heartbeat(now: datetime) -> None:
    client(settings.REDIS_URL).set(HEARTBEAT_KEY, now.timestamp(), ex=3600)


def read_heartbeat() -> datetime | None:
    """Return when a worker last showed that it works."""
    written = client(settings.REDIS_URL).get(HEARTBEAT_KEY)
    return None if written is None else datetime.fromtimestamp(float(written), UTC)


def queue_lengths() -> tuple[int, int]:
    """Return how many tasks wait for a worker, and how many a worker has in hand."""
    line = client(settings.REDIS_URL).pipeline(transaction=False)
    waiting, in_hand = line.llen(QUEUE_KEY).hlen(IN_HAND_KEY).execute()
    return int(waiting), int(in_hand)
