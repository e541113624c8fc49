from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("offices", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="hall",
            name="name_en",
            field=models.CharField(blank=True, default="", max_length=80, verbose_name="nama Inggris"),
            preserve_default=False,
        ),
    ]
