"""Reads of accounts."""

from typing import Final

from django.db import connection

from accounts.models import User

FIELDS: Final = tuple(field.attname for field in User._meta.concrete_fields)
# In plain SQL, for it runs in every signed-in request: the ORM took longer to say it than PostgreSQL to do it.
ACCOUNT: Final = (
    f"SELECT {', '.join(str(field.column) for field in User._meta.concrete_fields)} "  # noqa: S608 - our own names
    "FROM accounts_user WHERE id = %s"
)


def account_by_id(account_id: int) -> User | None:
    """Return an account, or None when there is none of that number."""
    with connection.cursor() as cursor:
        cursor.execute(ACCOUNT, [account_id])
        row = cursor.fetchone()
    return None if row is None else User.from_db(connection.alias, FIELDS, row)
