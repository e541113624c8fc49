"""The worker's heartbeat, the queue's length and the lease of beat in Redis.

Unlike the cache, these raise redis.RedisError while Redis is unavailable.
"""

import os
import secrets
import socket
from datetime import UTC, datetime

from django.conf import settings
from django_redis import get_redis_connection
from redis.exceptions import LockError

HEARTBEAT_KEY = "passport_office:heartbeat"
PREFIX = str(settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"])
QUEUE_KEY = PREFIX + settings.CELERY_TASK_DEFAULT_QUEUE
UNACKED_KEY = f"{PREFIX}unacked"
LEASE_KEY = "passport_office:beat"
LEASE_SECONDS = 10.0


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


class BeatLease:
    """The right to send due tasks, held by one beat at a time and lost ten seconds after its last renewal.

    It saves the queue repeated tasks and decides nothing: every task may run twice.
    """

    def __init__(self) -> None:
        client = get_redis_connection("queue")
        self._lock = client.lock(LEASE_KEY, timeout=LEASE_SECONDS, thread_local=False)
        self.is_held = False

    def renew(self) -> bool:
        """Take or extend the lease; return whether it is held. Raises redis.RedisError without Redis."""
        held, self.is_held = self.is_held, False
        if held:
            try:
                self.is_held = bool(self._lock.reacquire())
            except LockError:
                held = False
        if not held:
            # Unique, and an operator sees which process it is.
            owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
            self.is_held = bool(self._lock.acquire(blocking=False, token=owner))
        return self.is_held

    def release(self) -> None:
        """Let another beat continue at once. Raises redis.RedisError without Redis."""
        if self.is_held:
            self.is_held = False
            self._lock.release()
