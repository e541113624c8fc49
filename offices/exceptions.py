"""Exceptions that an office makes for single people, counted in public.

The apps that own the records register what they count, because this app is below them.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncMonth

from core.languages import localized
from offices.directory.models import Office

DAYS: Final = 30


@dataclass(frozen=True)
class Counted:
    """Exceptions of one reason in one month; `month` is its first day, `reason` a row of the list or empty."""

    month: date
    reason: str
    count: int


@dataclass(frozen=True)
class ExceptionKind:
    """One kind of exception.

    `by_month` counts from the first to the last day, both included. `is_on_office_page`: the number of
    the last 30 days is on the office's page and in its API.
    """

    code: str
    label: Any
    by_month: Callable[[Office, date, date], Iterable[Counted]]
    is_on_office_page: bool = False


@dataclass(frozen=True)
class MonthException:
    """Officers' exceptions of one kind and reason in one month. Never suppressed: they are acts of officers."""

    month: date
    code: str
    name: str
    reason: str
    count: int


EXCEPTIONS: Final[dict[str, ExceptionKind]] = {}


def register(kind: ExceptionKind) -> None:
    """Add a kind. Raises ValueError for a code that is taken."""
    if EXCEPTIONS.setdefault(kind.code, kind) is not kind:
        raise ValueError(f"two kinds of exception are called {kind.code}")


def counted_by_month(rows: QuerySet[Any], *, day: str, reason: str = "") -> list[Counted]:
    """Count rows by the month of their `day` and, if they have one, by their `reason` from the list."""
    names = [f"{reason}__name", f"{reason}__name_en"] if reason else []
    counts = rows.annotate(month=TruncMonth(day)).values("month", *names).order_by("month")
    return [
        Counted(
            month=row["month"],
            reason=localized({"name": row[names[0]], "name_en": row[names[1]]}) if names else "",
            count=row["n"],
        )
        for row in counts.annotate(n=Count("pk"))
    ]


def exceptions_of(office: Office, today: date) -> list[dict[str, Any]]:
    """Return the number of exceptions of each kind in the last 30 days, today included."""
    first = today - timedelta(days=DAYS - 1)
    return [
        {
            "code": kind.code,
            "name": str(kind.label),
            "count": sum(row.count for row in kind.by_month(office, first, today)),
        }
        for kind in EXCEPTIONS.values()
        if kind.is_on_office_page
    ]


def exceptions_by_month(office: Office, first: date, last: date) -> list[MonthException]:
    """Return officers' exceptions from the first to the last day, by month, kind and reason.

    Earliest month first, in each month the most frequent reason of a kind first. One query a kind.
    """
    sums: Counter[tuple[date, str, str]] = Counter()
    for kind in EXCEPTIONS.values():
        for row in kind.by_month(office, first, last):
            sums[row.month, kind.code, row.reason] += row.count
    rows = [
        MonthException(month, code, str(EXCEPTIONS[code].label), reason, count)
        for (month, code, reason), count in sums.items()
    ]
    order = list(EXCEPTIONS)
    return sorted(rows, key=lambda row: (row.month, order.index(row.code), -row.count, row.reason))
