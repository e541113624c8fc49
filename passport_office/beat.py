"""The scheduler of beat: several may run, and one of them sends the due tasks."""

from contextlib import suppress
from typing import Any, Final

from celery.beat import Scheduler
from redis.exceptions import RedisError

from ops.broker import LEASE_SECONDS, BeatLease
from passport_office.celery import touch_alive_file

# How soon a beat without the lease looks again.
WITHOUT_LEASE: Final = 2.0


class LeasedScheduler(Scheduler):
    """Records that it runs, and sends tasks only while it holds the lease."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._lease = BeatLease()
        super().__init__(*args, **kwargs)

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send due tasks if no other beat does; return the seconds until the next look."""
        touch_alive_file()
        try:
            has_lease = self._lease.renew()
        except RedisError:
            has_lease = False
        if not has_lease:
            return WITHOUT_LEASE
        return min(float(super().tick(*args, **kwargs)), LEASE_SECONDS / 3)

    def close(self) -> None:
        """Let the next beat continue at once."""
        with suppress(RedisError):
            self._lease.release()
        super().close()
