"""A key that is sent once needs one index: the second, for LIKE, was written with every message and never read."""

from typing import ClassVar

from django.db import migrations, models

# The index that keeps the rule stays as it is and gets the model's name: building it anew would stop a nation's letters.
RENAME = (
    "ALTER TABLE notices_message RENAME CONSTRAINT notices_message_dedupe_key_key TO message_once"
)
BACK = (
    "ALTER TABLE notices_message RENAME CONSTRAINT message_once TO notices_message_dedupe_key_key"
)
DROP = "DROP INDEX notices_message_dedupe_key_991130df_like"
MAKE = (
    "CREATE INDEX notices_message_dedupe_key_991130df_like"
    " ON notices_message (dedupe_key varchar_pattern_ops)"
)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("notices", "0002_message_request_id")]
    operations: ClassVar = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(RENAME, BACK), migrations.RunSQL(DROP, MAKE)],
            state_operations=[
                migrations.AlterField(
                    model_name="message",
                    name="dedupe_key",
                    field=models.CharField(max_length=160, verbose_name="kunci sekali kirim"),
                ),
                migrations.AddConstraint(
                    model_name="message",
                    constraint=models.UniqueConstraint(fields=("dedupe_key",), name="message_once"),
                ),
            ],
        ),
    ]
