"""The worker's heartbeat and the queue's length in Redis, for /readyz and /metrics.

Unlike the cache, these raise redis.RedisError while Redis is unavailable.
"""

from datetime import UTC, datetime

from django.conf import settings
from django_redis import get_redis_connection

HEARTBEAT_KEY = "passport_office:heartbeat"
PREFIX = str(settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"])
QUEUE_KEY = PREFIX + settings.CELERY_TASK_DEFAULT_QUEUE
UNACKED_KEY = f"{PREFIX}unacked"


def ping() -> bool:
    """True if the cache's and the queue's Redis answer; raises redis.RedisError if one does not."""
    return all(get_redis_connection(alias).ping() for alias in ("redis", "queue"))


def write_heartbeat(now: datetime) -> None:
    """Record that a worker ran a task at this time."""
    get_redis_connection("queue").set(HEARTBEAT_KEY, now.timestamp(), ex=3600)


def read_heartbeat() -> datetime | None:
    """When a worker last ran the heartbeat task, or None if there is no record of it."""
    written = get_redis_connection("queue").get(HEARTBEAT_KEY)
    return None if written is None else datetime.fromtimestamp(float(written), UTC)


def queue_lengths() -> tuple[int, int]:
    """Number of tasks waiting for a worker, and number taken by one and not finished."""
    pipeline = get_redis_connection("queue").pipeline(transaction=False)
    waiting, unacked = pipeline.llen(QUEUE_KEY).hlen(UNACKED_KEY).execute()
    return int(waiting), int(unacked)
