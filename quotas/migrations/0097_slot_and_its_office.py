"""A slot together with its office can be referred to: a booking names both."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("offices", "0060_staffing"), ("quotas", "0096_undrawn_windows")]
    operations: ClassVar = [
        migrations.AddConstraint(
            model_name="slot",
            constraint=models.UniqueConstraint(fields=("id", "office"), name="slot_and_its_office"),
        ),
    ]
