"""Whoever looks at an hour asks which windows wait for their draw: a few, among all that an office ever had."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("quotas", "0095_limited_hours")]
    operations: ClassVar = [
        migrations.AddIndex(
            model_name="releasewindow",
            index=models.Index(
                condition=models.Q(("drawn_at__isnull", True), ("mode", "draw")),
                fields=["office", "lane"],
                name="release_window_undrawn",
            ),
        ),
    ]
