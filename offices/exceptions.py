"""Exceptions that an office makes for single people, counted in public.

The apps that own the records register what they count, because this app is below them.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.db.models import CharField, Count, F, QuerySet, Value
from django.db.models.functions import TruncMonth

from core.languages import localized
from offices.directory.models import Office

DAYS: Final = 30


@dataclass(frozen=True)
class ExceptionKind:
    """One kind of exception.

    `counted`: the querysets of `counted_by_month` from the first to the last day, both included.
    `is_on_office_page`: the number of the last 30 days is on the office's page and in its API.
    """

    code: str
    label: Any
    counted: Callable[[Sequence[Office], date, date], Iterable[QuerySet[Any, Any]]]
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


def counted_by_month(
    rows: QuerySet[Any],
    kind: str,
    *,
    office: str,
    day: str,
    reason: str = "",
    n: Any = None,
) -> QuerySet[Any, Any]:
    """Return a queryset that counts rows by office, month and, if they have one, reason from the list.

    Its columns are the same for every kind, so that all kinds are read together. `n`: what is
    counted, by default the rows.
    """
    nothing = Value("", output_field=CharField())
    counted: QuerySet[Any, Any] = (
        rows.order_by()
        .annotate(
            counted_kind=Value(kind, output_field=CharField()),
            counted_office=F(office),
            counted_month=TruncMonth(day),
            counted_name=F(f"{reason}__name") if reason else nothing,
            counted_name_en=F(f"{reason}__name_en") if reason else nothing,
        )
        .values_list(
            "counted_kind", "counted_office", "counted_month", "counted_name", "counted_name_en"
        )
        .annotate(counted_n=n or Count("pk"))
    )
    return counted


def _read(
    kinds: Iterable[ExceptionKind], offices: Sequence[Office], first: date, last: date
) -> list[tuple[Any, ...]]:
    """Return kind, office, month, both names of the reason, and number, of all kinds in one query."""
    parts = [rows for kind in kinds for rows in kind.counted(offices, first, last)]
    return list(parts[0].union(*parts[1:], all=True)) if parts else []


def exceptions_of(office: Office, today: date) -> list[dict[str, Any]]:
    """Return the number of exceptions of each kind in the last 30 days, today included."""
    first = today - timedelta(days=DAYS - 1)
    kinds = [kind for kind in EXCEPTIONS.values() if kind.is_on_office_page]
    counts: Counter[str] = Counter()
    for code, _office, _month, _name, _name_en, n in _read(kinds, [office], first, today):
        counts[code] += n
    return [
        {"code": kind.code, "name": str(kind.label), "count": counts[kind.code]} for kind in kinds
    ]


def exceptions_by_month(
    offices: Sequence[Office], first: date, last: date
) -> Mapping[int, list[MonthException]]:
    """Return each office's exceptions from the first to the last day, by month, kind and reason.

    Earliest month first, in each month the most frequent reason of a kind first. One query.
    """
    sums: Counter[tuple[int, date, str, str]] = Counter()
    for code, office, month, name, name_en, n in _read(EXCEPTIONS.values(), offices, first, last):
        sums[office, month, code, localized({"name": name, "name_en": name_en})] += n
    rows: dict[int, list[MonthException]] = {office.pk: [] for office in offices}
    for (office, month, code, reason), n in sums.items():
        label = str(EXCEPTIONS[code].label)
        rows[office].append(MonthException(month, code, label, reason, n))
    order = list(EXCEPTIONS)
    for own in rows.values():
        own.sort(key=lambda row: (row.month, order.index(row.code), -row.count, row.reason))
    return rows
