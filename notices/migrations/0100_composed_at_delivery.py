"""A message holds what it says as data; its text is composed at delivery and kept when it is sent."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("notices", "0090_one_index_a_key")]
    operations: ClassVar = [
        migrations.RemoveField(model_name="message", name="parts"),
        migrations.AddField(
            model_name="message",
            name="context",
            field=models.JSONField(blank=True, default=dict, verbose_name="data pesan"),
        ),
        migrations.AlterField(
            model_name="message",
            name="subject",
            field=models.CharField(blank=True, max_length=200, verbose_name="perihal"),
        ),
        migrations.AlterField(
            model_name="message",
            name="body",
            field=models.TextField(blank=True, verbose_name="isi"),
        ),
    ]
