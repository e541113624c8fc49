"""Writing a row that is in force from a day on, beside the others about the same thing."""

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
    """Write a row from its first day on; return it and the row that was in force on that day.

    `key` names the thing, `values` is all the rest. The row in force ends the day before, or is
    rewritten when it began on the same day. A row of a later day stays and ends the new one. The
    caller holds the office's lock.
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
    """Let a row hold for the last time on a day, unless it ends earlier anyway."""
    if row.valid_until is None or row.valid_until > last_day:
        row.valid_until = last_day
        row.save(update_fields=["valid_until"])
