"""Writing rows that are in force from a given day."""

from collections.abc import Mapping
from copy import copy
from datetime import date, timedelta
from typing import Any, TypeVar

from offices.dated import Dated

ONE_DAY = timedelta(days=1)
M = TypeVar("M", bound=Dated)


def put_in_force(
    model: type[M], *, key: Mapping[str, Any], values: Mapping[str, Any]
) -> tuple[M, M | None]:
    """Put a row in force from its first day; return it and the row that was in force on that day.

    `key` identifies the subject, `values` are the other fields. The row in force ends the day before,
    or is overwritten if it began on the same day. A later row stays, and the new row ends before it.
    The caller must hold the office's lock.
    """
    rows: Any = model._default_manager
    stored = list(rows.filter(**key).order_by("valid_from"))
    first: date = values["valid_from"]
    last: date | None = values["valid_until"]
    later = next((row for row in stored if row.valid_from > first), None)
    if later is not None:
        last = min(last or date.max, later.valid_from - ONE_DAY)
    old = next((row for row in stored if row.is_in_force(first)), None)
    before = copy(old)
    if old is not None and old.valid_from < first:
        end_on(old, first - ONE_DAY)
        old = None
    row = old or model(**key)
    changed = {
        name: value
        for name, value in {**values, "valid_until": last}.items()
        if getattr(row, name) != value
    }
    for name, value in changed.items():
        setattr(row, name, value)
    if row.pk is None:
        row.save(force_insert=True)
    elif changed:
        row.save(update_fields=list(changed))
    return row, before


def end_on(row: Any, last_day: date) -> None:
    """End a row on a day, unless it already ends earlier."""
    if row.valid_until is None or row.valid_until > last_day:
        row.valid_until = last_day
        row.save(update_fields=["valid_until"])
