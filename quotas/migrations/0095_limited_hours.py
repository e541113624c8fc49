import django.contrib.postgres.fields
from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("quotas", "0090_indexes_that_are_read")]

    operations: ClassVar = [
        migrations.AddField(
            model_name='slot',
            name='only_services',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, db_default=[], default=list, size=None, verbose_name='hanya untuk layanan'),
        ),
        migrations.AddField(
            model_name='place',
            name='is_limited',
            field=models.BooleanField(db_default=False, default=False, verbose_name='hanya untuk layanan tertentu'),
        ),
        migrations.RemoveConstraint(model_name='slot', name='slot_once'),
        migrations.AddConstraint(
            model_name='slot',
            constraint=models.UniqueConstraint(fields=('office', 'lane', 'group', 'starts_at', 'ends_at', 'only_services'), name='slot_once'),
        ),
    ]
