"""`booking_book_one` writes the context of its message, no text. Without the function there is nothing to do."""

from typing import ClassVar

from django.db import migrations

REPLACE = """
DO $do$
BEGIN
  IF EXISTS (SELECT FROM pg_proc WHERE proname = 'booking_book_one') THEN
    EXECUTE replace(pg_get_functiondef('booking_book_one'::regproc), 'body, {old}, about_type', 'body, {new}, about_type');
  END IF;
END
$do$
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("booking", "0098_parents_unlocked"),
        ("notices", "0100_composed_at_delivery"),
    ]
    operations: ClassVar = [
        migrations.RunSQL(
            REPLACE.format(old="parts", new="context"), REPLACE.format(old="context", new="parts")
        )
    ]
