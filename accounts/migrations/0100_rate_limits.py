"""Rate limits keyed by hash, in the place of the table of Django's DatabaseCache."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("accounts", "0002_rate_limit")]
    operations: ClassVar = [
        migrations.RunSQL("DROP TABLE accounts_rate_limit", migrations.RunSQL.noop),
        migrations.CreateModel(
            name="RateLimit",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("value", models.TextField()),
                ("expires_at", models.DateTimeField(db_index=True)),
            ],
        ),
    ]
