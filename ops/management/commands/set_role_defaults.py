"""Sets the timeouts and the time zone of every connection for the role of DATABASE_URL."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection
from psycopg2 import sql


class Command(BaseCommand):
    """A pooler of transactions passes no settings on, so the role has them. Running it again changes nothing."""

    help = (
        "Sets the timeouts and the time zone of CONNECTION_DEFAULTS for the role of DATABASE_URL "
        "(ALTER ROLE ... SET). Needed once before a pooler of transactions, and after an upgrade."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        with connection.cursor() as cursor:
            for name, value in settings.CONNECTION_DEFAULTS.items():
                statement = sql.SQL("ALTER ROLE CURRENT_USER SET {} = {}")
                cursor.execute(statement.format(sql.Identifier(name), sql.Literal(value)))
        self.stdout.write("The role's connections now begin with these settings.")
