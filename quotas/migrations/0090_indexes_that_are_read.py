"""Every place that is taken writes into each index of its table: two that nothing reads go.

Nobody looks for a holder without naming the place, and the unique number of a slot's place finds a slot's places.
"""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("quotas", "0041_waiting_room_default")]
    operations: ClassVar = [
        migrations.RemoveIndex(model_name="place", name="place_by_holder"),
        migrations.AlterField(
            model_name="place",
            name="made_in_slot",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="quotas.slot",
                verbose_name="sesi asal",
            ),
        ),
    ]
