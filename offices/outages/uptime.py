"""When the system worked: one writer of SystemUptime, and the downtime of a span."""

import datetime as dt
from itertools import pairwise
from typing import Final

from django.db import transaction

from offices.outages.models import SystemUptime

# The heartbeat writes every few seconds. A longer silence is downtime.
LONGEST_SILENCE: Final = dt.timedelta(minutes=5)


def record_uptime(*, now: dt.datetime) -> SystemUptime:
    """Extend the current span, or begin a new one after a silence. Never moves backwards."""
    with transaction.atomic():
        last = SystemUptime.objects.select_for_update(no_key=True).order_by("-started_at").first()
        if last is None or now - last.last_at > LONGEST_SILENCE:
            return SystemUptime.objects.create(started_at=now, last_at=now)
        if now > last.last_at:
            last.last_at = now
            last.save(update_fields=["last_at"])
        return last


def count_as_uptime(*, until: dt.datetime, now: dt.datetime) -> None:
    """Count a time that the demo's clock is about to skip as uptime: nothing was down in it."""
    with transaction.atomic():
        last = record_uptime(now=now)
        if until > last.last_at:
            last.last_at = until
            last.save(update_fields=["last_at"])


def downtime_between(begin: dt.datetime, end: dt.datetime, *, now: dt.datetime) -> dt.timedelta:
    """Return how long the system was down between two moments.

    Time before the first record is unknown and counts as uptime. A silence that is longer than
    LONGEST_SILENCE and not over yet counts until `now`.
    """
    rows = SystemUptime.objects.filter(started_at__lt=end).order_by("started_at")
    spans = list(rows.values_list("started_at", "last_at"))
    if not spans:
        return dt.timedelta(0)
    after = SystemUptime.objects.filter(started_at__gte=end).order_by("started_at").first()
    back_at = after.started_at if after else now
    gaps = [(first[1], second[0]) for first, second in pairwise(spans)]
    if after or back_at - spans[-1][1] > LONGEST_SILENCE:
        gaps.append((spans[-1][1], back_at))
    lengths = (min(end, last) - max(begin, first) for first, last in gaps)
    return sum((length for length in lengths if length > dt.timedelta(0)), dt.timedelta(0))
