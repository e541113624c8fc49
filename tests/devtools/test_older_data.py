"""Data of a version before the squashed migrations."""

import pytest
from django.core.management.base import CommandError
from django.db import connection

from devtools.management.commands.prepare_stack import refuse_older_data

pytestmark = pytest.mark.django_db


def is_accepted() -> bool:
    try:
        refuse_older_data()
    except CommandError:
        return False
    return True


def test_data_of_this_version_are_accepted() -> None:
    assert is_accepted()


def test_older_data_are_refused_with_the_command_to_run() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('booking', '0002_laws', now())"
        )
    with pytest.raises(CommandError, match="make reset"):
        refuse_older_data()
