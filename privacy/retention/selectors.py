"""Reads of retention rules, runs and overdue data."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db.models import QuerySet

from core.clock import local_day
from core.retention import DATA_KINDS, DataKind
from privacy.retention.models import RetentionRule, RetentionRun

# The nightly run has this long before data count as kept too long: two nights and a little.
GRACE: Final = timedelta(days=2, hours=6)


@dataclass(frozen=True)
class Period:
    """How long a kind of data is kept on a day: by a rule, or by the system's default without one."""

    kind: DataKind
    days: int
    rule: RetentionRule | None

    def before(self, now: datetime) -> datetime:
        """Return the time before which data of this kind are erased."""
        return now - timedelta(days=self.days)


def rule_on(kind: str, day: date) -> RetentionRule | None:
    """Return the rule of a kind of data in force on a day, or None."""
    return RetentionRule.objects.in_force(day).filter(kind=kind).first()


def periods(*, now: datetime) -> list[Period]:
    """Return the period of every kind of data today.

    A rule shorter than the time for which the service needs the data is applied as that time.
    """
    day = local_day(now, settings.TIME_ZONE)
    rules = {rule.kind: rule for rule in RetentionRule.objects.in_force(day)}
    return [_period(kind, rules.get(name)) for name, kind in DATA_KINDS.items()]


def _period(kind: DataKind, rule: RetentionRule | None) -> Period:
    days = kind.default_days if rule is None else max(rule.days, kind.least_days)
    return Period(kind, days, rule)


def kept_too_long(*, now: datetime) -> dict[str, QuerySet[Any]]:
    """Return, for each kind, the rows that outlived their period and the time that the nightly run has."""
    return {
        period.kind.name: period.kind.overdue(period.before(now) - GRACE)
        for period in periods(now=now)
    }


def last_runs() -> dict[str, RetentionRun]:
    """Return the latest run of each kind of data."""
    rows = RetentionRun.objects.order_by("kind", "-started_at", "-pk").distinct("kind")
    return {row.kind: row for row in rows}
