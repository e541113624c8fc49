"""New bookings and offers get ids that grow with time, and each key of a booking is indexed once.

Ids that are there stay what they are. `docs/adr/0014-time-ordered-ids.md` has the figures.
"""

import booking.codes
import core.ids
from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


# The index that keeps the rule stays as it is and gets the model's name: building it anew would take a nation's bookings
# with it for minutes. The other one was for LIKE, which nobody asks of a code.
RENAME = (
    "ALTER TABLE booking_booking RENAME CONSTRAINT booking_booking_code_key TO booking_code_once"
)
BACK = "ALTER TABLE booking_booking RENAME CONSTRAINT booking_code_once TO booking_booking_code_key"
DROP = "DROP INDEX booking_booking_code_4b3bbca3_like"
MAKE = (
    "CREATE INDEX booking_booking_code_4b3bbca3_like ON booking_booking (code varchar_pattern_ops)"
)


def _account(related_name: str) -> models.ForeignKey:
    """An account without an index of its own: a unique key begins with it."""
    return models.ForeignKey(
        blank=True,
        db_index=False,
        null=True,
        on_delete=django.db.models.deletion.PROTECT,
        related_name=related_name,
        to=settings.AUTH_USER_MODEL,
        verbose_name="akun",
    )


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("booking", "0071_appeals_are_private"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations: ClassVar = [
        *(
            migrations.AlterField(
                model_name=name,
                name="id",
                field=models.UUIDField(
                    default=core.ids.new_id, editable=False, primary_key=True, serialize=False
                ),
            )
            for name in ("booking", "offer")
        ),
        migrations.AlterField(model_name="booking", name="account", field=_account("bookings")),
        migrations.AlterField(model_name="party", name="account", field=_account("parties")),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(RENAME, BACK), migrations.RunSQL(DROP, MAKE)],
            state_operations=[
                migrations.AlterField(
                    model_name="booking",
                    name="code",
                    field=models.CharField(
                        default=booking.codes.new_code,
                        max_length=12,
                        verbose_name="kode booking",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="booking",
                    constraint=models.UniqueConstraint(fields=("code",), name="booking_code_once"),
                ),
            ],
        ),
    ]
