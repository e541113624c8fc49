"""Reads of accounts."""

from typing import Final

from django.db import connection

from accounts.models import User
from core.db import Planned

FIELDS: Final = tuple(field.attname for field in User._meta.concrete_fields)
# It runs in every signed-in request: the ORM took longer to say it than PostgreSQL to do it.
ACCOUNT: Final = Planned(
    "account",
    f"SELECT {', '.join(str(field.column) for field in User._meta.concrete_fields)} "  # noqa: S608 - our own names
    "FROM accounts_user WHERE id = $1",
)


def account_by_id(account_id: int) -> User | None:
    """Return an account, or None when there is none of that number."""
    found = ACCOUNT.rows(account_id)
    return User.from_db(connection.alias, FIELDS, found[0]) if found else None
