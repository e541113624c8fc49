"""Migrations that render the models once for a group of operations.

Django renders every related model again after each operation. For a migration with a hundred
operations that is most of the time that an empty database needs.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations
from django.db.migrations.operations.base import Operation
from pgtrigger.migrations import AddTrigger, RemoveTrigger

# They change a table that exists; a created table already has what a later state gives it.
CHANGES = (
    migrations.AddField,
    migrations.AlterField,
    migrations.AddConstraint,
    migrations.RemoveConstraint,
    migrations.AddIndex,
    AddConstraintNotValid,
)
GROUPED = (*CHANGES, migrations.CreateModel, migrations.RunSQL, AddTrigger, RemoveTrigger)
Part = tuple[str, str]


class Together(Operation):
    """Applies operations to the database one by one, with the models before and after all of them."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = operations

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Change the state without its rendered models, which are rendered again when needed."""
        state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        for operation in self.operations:
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return "; ".join(operation.describe() for operation in self.operations)


def together(operations: Iterable[Operation]) -> list[Operation]:
    """Group neighbouring operations. One that depends on another of its group begins a new group."""
    done: list[Operation] = []
    group: list[Operation] = []
    defined: set[Part] = set()
    for operation in operations:
        if group and (not _is_grouped(operation) or defined & set(_needed_by(operation))):
            done.append(Together(group))
            group, defined = [], set()
        if _is_grouped(operation):
            group.append(operation)
            defined |= set(_defined_by(operation))
        else:
            done.append(operation)
    return [*done, Together(group)] if group else done


def _is_grouped(operation: Operation) -> bool:
    return isinstance(operation, GROUPED) and not getattr(operation, "state_operations", None)


def _defined_by(operation: Any) -> Iterator[Part]:
    """Yield the table, the field or the trigger that the operation changes."""
    if isinstance(operation, migrations.CreateModel):
        yield operation.name.lower(), "table"
    if isinstance(operation, migrations.AddField | migrations.AlterField):
        yield operation.model_name.lower(), f"field {operation.name}"
    if isinstance(operation, AddTrigger):
        yield operation.model_name.lower(), f"trigger {operation.trigger.name}"


def _needed_by(operation: Any) -> Iterator[Part]:
    """Yield what must not have changed in the same group."""
    if isinstance(operation, CHANGES):
        yield operation.model_name.lower(), "table"
        yield operation.model_name.lower(), f"field {getattr(operation, 'name', '')}"
    if isinstance(operation, RemoveTrigger):
        yield operation.model_name.lower(), f"trigger {operation.name}"
