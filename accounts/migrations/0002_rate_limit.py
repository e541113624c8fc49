"""The table of the database cache that counts attempts to sign in (settings.CACHES["default"])."""

from typing import ClassVar

from django.db import migrations

CREATE = """
CREATE TABLE accounts_rate_limit (
  cache_key varchar(255) PRIMARY KEY,
  value text NOT NULL,
  expires timestamptz NOT NULL
);
CREATE INDEX accounts_rate_limit_expires ON accounts_rate_limit (expires);
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("accounts", "0001_initial")]
    operations: ClassVar = [migrations.RunSQL(CREATE, "DROP TABLE accounts_rate_limit")]
