"""Encrypts every encrypted column again, with the newest of FIELD_KEYS."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.models import Field, Model

from core.crypto import EncryptedTextField, rotate


class Command(BaseCommand):
    """Run after a new key was added in front of the old ones. After a successful run the old ones can be removed."""

    help = (
        "Encrypts all personal numbers anew with the first of FIELD_KEYS. The office may go on meanwhile; "
        "stopped half way, it can be run again."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        for field in encrypted_fields():
            done = sum(self._rotate(field, batch) for batch in _batches(field))
            self.stdout.write(f"{field.model._meta.label}.{field.name}: {done} encrypted anew.")

    def _rotate(self, field: "Field[Any, Any]", rows: list[tuple[int, str]]) -> int:
        table, column = field.model._meta.db_table, field.column
        try:
            changed = [(rotate(token), pk, token) for pk, token in rows]
        except ValueError as error:
            raise CommandError(f"{field.model._meta.label}: {error}") from error
        with connection.cursor() as cursor:
            # A row that changed since has been encrypted with the newest key.
            key = _key_column(field.model)
            statement = (
                f'UPDATE "{table}" SET "{column}" = %s '  # noqa: S608
                f'WHERE "{key}" = %s AND "{column}" = %s'
            )
            for values in changed:
                cursor.execute(statement, values)
        return len(changed)


def encrypted_fields() -> list[EncryptedTextField]:
    """Return every encrypted column."""
    return [
        field
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, EncryptedTextField)
    ]


def _key_column(model: type[Model]) -> str:
    key = model._meta.pk
    assert key is not None
    assert key.column is not None
    return key.column


def _batches(field: EncryptedTextField) -> Iterator[list[tuple[int, str]]]:
    table, column, last = field.model._meta.db_table, field.column, 0
    key = _key_column(field.model)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                f'SELECT "{key}", "{column}" FROM "{table}" '  # noqa: S608
                f'WHERE "{key}" > %s AND "{column}" <> \'\' ORDER BY "{key}" '
                f"LIMIT {field.rows_at_once}",
                [last],
            )
            rows = cursor.fetchall()
        if not rows:
            return
        yield rows
        last = rows[-1][0]
