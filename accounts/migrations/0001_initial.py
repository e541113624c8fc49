"""Accounts, consent and rate limits."""

import core.languages
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="RateLimit",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("value", models.TextField()),
                ("expires_at", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "email",
                    models.EmailField(max_length=254, unique=True, verbose_name="alamat surel"),
                ),
                ("full_name", models.CharField(max_length=120, verbose_name="nama lengkap")),
                (
                    "language",
                    models.CharField(
                        choices=core.languages.language_choices,
                        default="id",
                        max_length=2,
                        verbose_name="bahasa",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="aktif")),
                ("is_staff", models.BooleanField(default=False, verbose_name="petugas")),
                (
                    "joined_at",
                    models.DateTimeField(auto_now_add=True, verbose_name="terdaftar sejak"),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name": "akun",
                "verbose_name_plural": "akun",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("email", django.db.models.functions.text.Lower("email"))
                        ),
                        name="user_email_in_lower_case",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="consents",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="akun",
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[("reminders", "pengingat lewat surel")],
                        max_length=20,
                        verbose_name="untuk",
                    ),
                ),
                ("given_at", models.DateTimeField(verbose_name="diberikan")),
                (
                    "withdrawn_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="ditarik"),
                ),
            ],
            options={
                "verbose_name": "persetujuan",
                "verbose_name_plural": "persetujuan",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at__isnull", True)),
                        fields=("user", "purpose"),
                        name="consent_live_once",
                    )
                ],
            },
        ),
    ]
