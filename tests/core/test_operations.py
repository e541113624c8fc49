"""Migrations that render the models once for a group of operations."""

from django.db import migrations, models

from core.operations import Together, together

TABLE = migrations.CreateModel(name="Row", fields=[("id", models.AutoField(primary_key=True))])
ADD = migrations.AddField("other", "size", models.IntegerField(null=True))
ALTER = migrations.AlterField("other", "size", models.IntegerField())
ADD_TO_NEW = migrations.AddField("row", "size", models.IntegerField())
SQL = migrations.RunSQL("SELECT 1")
PYTHON = migrations.RunPython(migrations.RunPython.noop)


def groups(*operations: object) -> list[list[object]]:
    return [
        list(each.operations) if isinstance(each, Together) else [each]
        for each in together(operations)
    ]


def test_independent_operations_form_one_group() -> None:
    assert groups(TABLE, ADD, SQL) == [[TABLE, ADD, SQL]]


def test_a_field_added_and_altered_needs_two_groups() -> None:
    assert groups(ADD, SQL, ALTER) == [[ADD, SQL], [ALTER]]


def test_a_new_table_is_changed_in_the_next_group() -> None:
    assert groups(TABLE, ADD, ADD_TO_NEW) == [[TABLE, ADD], [ADD_TO_NEW]]


def test_code_runs_with_the_models_of_its_place() -> None:
    assert groups(ADD, PYTHON, ALTER) == [[ADD], [PYTHON], [ALTER]]
