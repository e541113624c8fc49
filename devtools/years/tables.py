"""Rows on their way into the database by COPY, with ids that continue those of the tables."""

import datetime as dt
import io
import json
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any, Final

from django.db import connection
from django.db.models import Max, Model

MOST_LINES: Final = 40_000
_ESCAPED: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def text(value: Any) -> str:
    """Return a value in PostgreSQL's text format of COPY."""
    if value is None:
        return "\\N"
    if value is True or value is False:
        return "t" if value else "f"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return value.translate(_ESCAPED)
    if isinstance(value, dt.date):  # and moments
        return str(value)
    if isinstance(value, (list, dict)):
        return json.dumps(value).translate(_ESCAPED)
    return str(value)


class Sheet:
    """The new rows of one table. Columns that are not named get the field's default, else NULL.

    `same` are columns with one value in all rows.
    """

    def __init__(self, model: type[Model], columns: Sequence[str], **same: Any) -> None:
        fields = {field.attname: field for field in model._meta.concrete_fields}
        given = {**_defaults(fields, {*columns, *same}), **same}
        pk = model._meta.pk
        assert pk is not None
        self.table, self.pk = model._meta.db_table, pk.column
        self.has_numbers = "uuid" not in str(pk.db_type(connection))
        self.columns = [fields[name].column for name in [*columns, *given]]
        self.tail = "".join(f"\t{text(value)}" for value in given.values()) + "\n"
        self.lines: list[str] = []
        last = model._default_manager.aggregate(last=Max("pk"))["last"] if self.has_numbers else 0
        self.numbers = count((last or 0) + 1)
        self.rows = 0

    def new_id(self) -> int:
        """Take the next number of the table."""
        return next(self.numbers)

    def add(self, *values: Any) -> None:
        """Add a row; the values are in the order of the columns."""
        self.lines.append("\t".join([text(value) for value in values]) + self.tail)

    def write(self) -> None:
        """Copy what is collected into the table."""
        if not self.lines:
            return
        names = ", ".join(f'"{name}"' for name in self.columns)
        with connection.cursor() as cursor:
            cursor.copy_expert(
                f'COPY "{self.table}" ({names}) FROM STDIN', io.StringIO("".join(self.lines))
            )
        self.rows += len(self.lines)
        self.lines = []

    def set_sequence(self) -> None:
        """Let the table's own numbers continue after the new ones."""
        if self.has_numbers:
            with connection.cursor() as cursor:
                cursor.execute(
                    f'SELECT setval(pg_get_serial_sequence(%s, %s), max("{self.pk}")) FROM "{self.table}"',  # noqa: S608
                    [f'"{self.table}"', self.pk],
                )


def _defaults(fields: Mapping[str, Any], taken: set[str]) -> dict[str, Any]:
    """Return the defaults that Django would write, of columns that are not NULL."""
    return {
        name: field.get_default()
        for name, field in fields.items()
        if name not in taken and not field.primary_key and not field.null
    }
