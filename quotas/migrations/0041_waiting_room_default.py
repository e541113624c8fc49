from django.db import migrations, models


class Migration(migrations.Migration):
    """Rows that an older program writes while a new one starts have no waiting room."""

    dependencies = [
        ("quotas", "0040_waiting_rooms"),
    ]

    operations = [
        migrations.AlterField(
            model_name=name,
            name="has_waiting_room",
            field=models.BooleanField(
                db_default=False, default=False, verbose_name="lewat ruang tunggu"
            ),
        )
        for name in ("releaserule", "releasewindow")
    ]
