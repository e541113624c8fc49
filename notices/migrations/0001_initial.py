"""Messages and their history."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Message",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=40, verbose_name="jenis")),
                ("dedupe_key", models.CharField(max_length=160, verbose_name="kunci sekali kirim")),
                (
                    "channel",
                    models.CharField(
                        choices=[("email", "surel")],
                        default="email",
                        max_length=10,
                        verbose_name="saluran",
                    ),
                ),
                ("address", models.CharField(max_length=254, verbose_name="alamat")),
                ("language", models.CharField(default="id", max_length=2, verbose_name="bahasa")),
                ("context", models.JSONField(blank=True, default=dict, verbose_name="data pesan")),
                ("subject", models.CharField(blank=True, max_length=200, verbose_name="perihal")),
                ("body", models.TextField(blank=True, verbose_name="isi")),
                ("about_type", models.CharField(blank=True, max_length=40, verbose_name="tentang")),
                (
                    "about_id",
                    models.CharField(blank=True, max_length=40, verbose_name="nomor objek"),
                ),
                ("office_code", models.CharField(blank=True, max_length=12, verbose_name="kantor")),
                (
                    "request_id",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        max_length=64,
                        verbose_name="nomor permintaan",
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="dicatat")),
                ("due_at", models.DateTimeField(verbose_name="jatuh tempo")),
                ("next_at", models.DateTimeField(verbose_name="percobaan berikut")),
                ("sent_at", models.DateTimeField(blank=True, null=True, verbose_name="terkirim")),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="percobaan")),
                (
                    "last_error",
                    models.CharField(blank=True, max_length=200, verbose_name="kesalahan terakhir"),
                ),
                (
                    "given_up_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="dihentikan"),
                ),
            ],
            options={
                "verbose_name": "pesan",
                "verbose_name_plural": "pesan",
                "indexes": [
                    models.Index(
                        condition=models.Q(
                            ("given_up_at__isnull", True), ("sent_at__isnull", True)
                        ),
                        fields=["next_at", "id"],
                        name="message_waiting",
                    ),
                    models.Index(fields=["about_type", "about_id"], name="message_about"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("dedupe_key",), name="message_once")
                ],
            },
        ),
    ]
