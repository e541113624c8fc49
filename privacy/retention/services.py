"""Erases data that have been kept for their period."""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from privacy.retention.models import RetentionRun
from privacy.retention.selectors import Period, last_runs, periods

BATCH: Final = 500
# Local time in the capital from which a night's run may begin.
NIGHT_FROM: Final = 1


class NothingErased(RuntimeError):
    """Rows are still overdue after they were erased: the kind of data is defined wrongly."""


def run_due_retention(*, now: datetime) -> list[RetentionRun]:
    """Run once in each night. A machine that was off at night catches up as soon as it is on."""
    last = last_runs()
    return _run_each(
        [
            period
            for period in periods(now=now)
            if period.kind.name not in last or last[period.kind.name].started_at < _night(now)
        ],
        now=now,
    )


def run_retention(*, now: datetime) -> list[RetentionRun]:
    """Erase every overdue row of every kind, and record how many.

    Running it twice, or twice at once, does no harm: rows are locked, checked again and erased in
    batches of one transaction each.
    """
    return _run_each(periods(now=now), now=now)


def _run_each(due: Sequence[Period], *, now: datetime) -> list[RetentionRun]:
    """Run each kind by itself, so that a fault in one does not keep the data of the others."""
    runs, faults = [], []
    for period in due:
        try:
            runs.append(_run(period, now=now))
        except NothingErased as fault:
            faults.append(fault)
    if faults:
        raise faults[0]
    return runs


def _night(now: datetime) -> datetime:
    local = now.astimezone(ZoneInfo(settings.TIME_ZONE))
    start = local.replace(hour=NIGHT_FROM, minute=0, second=0, microsecond=0)
    return start if start <= local else start - timedelta(days=1)


def _run(period: Period, *, now: datetime) -> RetentionRun:
    started = time.monotonic()
    erased = 0
    before = period.before(now)
    last: Any = None
    while (batch := _erase_batch(period, before=before, after=last, now=now)) is not None:
        done, last = batch
        erased += done
    return RetentionRun.objects.create(
        kind=period.kind.name,
        rule=period.rule,
        days=period.days,
        before=before,
        erased=erased,
        started_at=now,
        ended_at=now + timedelta(seconds=time.monotonic() - started),
    )


@transaction.atomic
def _erase_batch(
    period: Period, *, before: datetime, after: Any, now: datetime
) -> tuple[int, Any] | None:
    """Erase up to BATCH rows behind a primary key; return how many and the last key, or None at the end.

    The rows are selected again after they are locked: a booking made in between keeps its person.
    """
    overdue = period.kind.overdue(before)
    rows: Any = overdue if after is None else overdue.filter(pk__gt=after)
    rows = rows.select_for_update(no_key=True, skip_locked=True, of=("self",)).order_by("pk")
    locked = list(rows.values_list("pk", flat=True)[:BATCH])
    if not locked:
        return None
    ids = list(overdue.filter(pk__in=locked).values_list("pk", flat=True))
    period.kind.erase(ids=ids, now=now)
    if overdue.filter(pk__in=ids).exists():
        raise NothingErased(period.kind.name)
    return len(ids), locked[-1]
