"""Policies, release windows, slots and places."""

import core.crypto
import datetime
import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.comparison
import offices.dated
import pgtrigger.compiler
import pgtrigger.migrations
from decimal import Decimal
from django.conf import settings
from core.operations import together
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("offices", "0001_initial"),
    ]

    operations = together([
        migrations.CreateModel(
            name="ReleaseRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="berlaku sejak")),
                (
                    "valid_until",
                    models.DateField(blank=True, null=True, verbose_name="berlaku sampai"),
                ),
                (
                    "instrument",
                    models.CharField(
                        help_text="Surat keputusan atau edaran yang menetapkannya.",
                        max_length=200,
                        verbose_name="dasar hukum",
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="offices.office",
                        verbose_name="kantor",
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="offices.region",
                        verbose_name="wilayah",
                    ),
                ),
                (
                    "lane",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="offices.lane",
                        verbose_name="jalur",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="offices.servicegroup",
                        verbose_name="kelompok",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("weekly", "mingguan"),
                            ("daily", "harian"),
                            ("monthly", "bulanan"),
                        ],
                        max_length=10,
                        verbose_name="frekuensi",
                    ),
                ),
                (
                    "mode",
                    models.CharField(
                        choices=[("first_come", "siapa cepat"), ("draw", "undian")],
                        default="first_come",
                        max_length=12,
                        verbose_name="cara",
                    ),
                ),
                (
                    "has_waiting_room",
                    models.BooleanField(
                        db_default=False, default=False, verbose_name="melalui ruang tunggu"
                    ),
                ),
                (
                    "weekday",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(7),
                        ],
                        verbose_name="hari buka",
                    ),
                ),
                (
                    "weeks_ahead",
                    models.PositiveSmallIntegerField(default=1, verbose_name="minggu sebelumnya"),
                ),
                (
                    "covers_days",
                    models.PositiveSmallIntegerField(
                        default=5,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(7),
                        ],
                        verbose_name="hari yang dibuka",
                    ),
                ),
                (
                    "days_ahead",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="hari sebelumnya"
                    ),
                ),
                (
                    "month_days",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.SmallIntegerField(),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="tanggal buka",
                    ),
                ),
                (
                    "counts_working_days",
                    models.BooleanField(default=False, verbose_name="hitung hari kerja"),
                ),
                (
                    "months_ahead",
                    models.PositiveSmallIntegerField(
                        default=1,
                        validators=[django.core.validators.MaxValueValidator(5)],
                        verbose_name="bulan sebelumnya",
                    ),
                ),
                ("tranches", models.JSONField(blank=True, default=list, verbose_name="tahap")),
                ("opens_time", models.TimeField(verbose_name="jam buka")),
                (
                    "closes_after_days",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="tutup (hari setelah buka)"
                    ),
                ),
                (
                    "closes_before_days",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="tutup (hari sebelum layanan)"
                    ),
                ),
                ("closes_time", models.TimeField(verbose_name="jam tutup")),
            ],
            options={
                "verbose_name": "aturan pembukaan kuota",
                "verbose_name_plural": "aturan pembukaan kuota",
                "ordering": ["office", "region", "lane", "-valid_from"],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("lane", "="),
                            (
                                django.db.models.functions.comparison.Coalesce(
                                    models.F("office"), models.Value(0)
                                ),
                                "=",
                            ),
                            (
                                django.db.models.functions.comparison.Coalesce(
                                    models.F("region"), models.Value(0)
                                ),
                                "=",
                            ),
                            (
                                django.db.models.functions.comparison.Coalesce(
                                    models.F("group"), models.Value(0)
                                ),
                                "=",
                            ),
                            (
                                offices.dated.DateRange(
                                    models.F("valid_from"),
                                    models.F("valid_until"),
                                    models.Value("[]"),
                                ),
                                "&&",
                            ),
                        ],
                        name="release_rule_never_overlaps",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_until__isnull", True),
                            ("valid_until__gte", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="release_rule_valid_span",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("office__isnull", True), ("region__isnull", True), _connector="OR"
                        ),
                        name="release_rule_one_scope",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "weekly"), ("weekday__gte", 1), ("weekday__lte", 7)),
                            models.Q(("days_ahead__isnull", False), ("kind", "daily")),
                            models.Q(("kind", "monthly"), ("month_days__len__gt", 0)),
                            _connector="OR",
                        ),
                        name="release_rule_has_its_rhythm",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("has_waiting_room", False), ("mode", "first_come"), _connector="OR"
                        ),
                        name="release_rule_room_is_for_first_come",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("closes_after_days__isnull", True),
                                ("closes_before_days__isnull", False),
                            ),
                            models.Q(
                                ("closes_after_days__isnull", False),
                                ("closes_before_days__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="release_rule_closes_one_way",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReleaseWindow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="windows",
                        to="quotas.releaserule",
                        verbose_name="aturan pembukaan kuota",
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="windows",
                        to="offices.office",
                        verbose_name="kantor",
                    ),
                ),
                (
                    "lane",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="offices.lane",
                        verbose_name="jalur",
                    ),
                ),
                (
                    "mode",
                    models.CharField(
                        choices=[("first_come", "siapa cepat"), ("draw", "undian")],
                        max_length=12,
                        verbose_name="cara",
                    ),
                ),
                (
                    "has_waiting_room",
                    models.BooleanField(
                        db_default=False, default=False, verbose_name="melalui ruang tunggu"
                    ),
                ),
                ("first_day", models.DateField(verbose_name="hari pertama")),
                ("last_day", models.DateField(verbose_name="hari terakhir")),
                ("tranche", models.PositiveSmallIntegerField(default=1, verbose_name="tahap")),
                ("opens_at", models.DateTimeField(verbose_name="dibuka")),
                ("closes_at", models.DateTimeField(verbose_name="ditutup")),
                ("sources", models.JSONField(blank=True, default=list, verbose_name="dasar hukum")),
                ("prepared_at", models.DateTimeField(verbose_name="disiapkan")),
                (
                    "announced_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="diumumkan"),
                ),
                ("drawn_at", models.DateTimeField(blank=True, null=True, verbose_name="diundi")),
            ],
            options={
                "verbose_name": "pembukaan kuota",
                "verbose_name_plural": "pembukaan kuota",
                "ordering": ["opens_at", "id"],
                "indexes": [
                    models.Index(
                        fields=["office", "lane", "first_day"], name="release_window_by_day"
                    ),
                    models.Index(
                        condition=models.Q(("drawn_at__isnull", True), ("mode", "draw")),
                        fields=["office", "lane"],
                        name="release_window_undrawn",
                    ),
                    models.Index(
                        condition=models.Q(("announced_at__isnull", True)),
                        fields=["opens_at"],
                        name="release_window_unannounced",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("rule", "office", "first_day", "tranche"),
                        name="release_window_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("opens_at__lt", models.F("closes_at"))),
                        name="release_window_opens_before_it_closes",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("first_day__lte", models.F("last_day"))),
                        name="release_window_days_in_order",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReturnRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="berlaku sejak")),
                (
                    "valid_until",
                    models.DateField(blank=True, null=True, verbose_name="berlaku sampai"),
                ),
                (
                    "instrument",
                    models.CharField(
                        help_text="Surat keputusan atau edaran yang menetapkannya.",
                        max_length=200,
                        verbose_name="dasar hukum",
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="offices.office",
                        verbose_name="kantor",
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="offices.region",
                        verbose_name="wilayah",
                    ),
                ),
                (
                    "lane",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="offices.lane",
                        verbose_name="jalur",
                    ),
                ),
                (
                    "rest_from_minutes",
                    models.PositiveSmallIntegerField(
                        default=5,
                        validators=[django.core.validators.MaxValueValidator(1440)],
                        verbose_name="masa tunggu tersingkat (menit)",
                    ),
                ),
                (
                    "rest_until_minutes",
                    models.PositiveSmallIntegerField(
                        default=60,
                        validators=[django.core.validators.MaxValueValidator(1440)],
                        verbose_name="masa tunggu terlama (menit)",
                    ),
                ),
                (
                    "answer_hours",
                    models.PositiveSmallIntegerField(
                        default=4,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(48),
                        ],
                        verbose_name="waktu menjawab tawaran (jam)",
                    ),
                ),
                (
                    "offers_at_most",
                    models.PositiveSmallIntegerField(
                        default=3,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(10),
                        ],
                        verbose_name="tawaran paling banyak",
                    ),
                ),
                (
                    "quiet_from",
                    models.TimeField(default=datetime.time(20, 0), verbose_name="jam tenang mulai"),
                ),
                (
                    "quiet_until",
                    models.TimeField(default=datetime.time(7, 0), verbose_name="jam tenang sampai"),
                ),
            ],
            options={
                "verbose_name": "aturan tempat yang dibatalkan",
                "verbose_name_plural": "aturan tempat yang dibatalkan",
                "ordering": ["office", "region", "lane", "-valid_from"],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("lane", "="),
                            (
                                django.db.models.functions.comparison.Coalesce(
                                    models.F("office"), models.Value(0)
                                ),
                                "=",
                            ),
                            (
                                django.db.models.functions.comparison.Coalesce(
                                    models.F("region"), models.Value(0)
                                ),
                                "=",
                            ),
                            (
                                offices.dated.DateRange(
                                    models.F("valid_from"),
                                    models.F("valid_until"),
                                    models.Value("[]"),
                                ),
                                "&&",
                            ),
                        ],
                        name="return_rule_never_overlaps",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_until__isnull", True),
                            ("valid_until__gte", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="return_rule_valid_span",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("office__isnull", True), ("region__isnull", True), _connector="OR"
                        ),
                        name="return_rule_one_scope",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("rest_from_minutes__lte", models.F("rest_until_minutes")),
                            ("rest_until_minutes__lte", 1440),
                        ),
                        name="return_rule_rest_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("answer_hours__gte", 1), ("answer_hours__lte", 48)),
                        name="return_rule_answer_hours",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("offers_at_most__gte", 1), ("offers_at_most__lte", 10)),
                        name="return_rule_offers_at_most",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RollOverRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="berlaku sejak")),
                (
                    "valid_until",
                    models.DateField(blank=True, null=True, verbose_name="berlaku sampai"),
                ),
                (
                    "instrument",
                    models.CharField(
                        help_text="Surat keputusan atau edaran yang menetapkannya.",
                        max_length=200,
                        verbose_name="dasar hukum",
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="roll_over_rules",
                        to="offices.office",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="offices.servicegroup",
                        verbose_name="kelompok",
                    ),
                ),
                (
                    "from_lane",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="offices.lane",
                        verbose_name="dari jalur",
                    ),
                ),
                (
                    "to_lane",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="offices.lane",
                        verbose_name="ke jalur",
                    ),
                ),
                ("at_time", models.TimeField(verbose_name="pukul")),
                (
                    "percent",
                    models.DecimalField(
                        decimal_places=2,
                        default=Decimal("100"),
                        max_digits=5,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(100),
                        ],
                        verbose_name="persen tempat yang tersisa",
                    ),
                ),
            ],
            options={
                "verbose_name": "aturan pengalihan tempat",
                "verbose_name_plural": "aturan pengalihan tempat",
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("office", "="),
                            ("group", "="),
                            ("from_lane", "="),
                            (
                                offices.dated.DateRange(
                                    models.F("valid_from"),
                                    models.F("valid_until"),
                                    models.Value("[]"),
                                ),
                                "&&",
                            ),
                        ],
                        name="roll_over_rule_never_overlaps",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_until__isnull", True),
                            ("valid_until__gte", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="roll_over_rule_valid_span",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("percent__gt", 0), ("percent__lte", 100)),
                        name="roll_over_rule_percent",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("from_lane", models.F("to_lane")), _negated=True),
                        name="roll_over_rule_goes_elsewhere",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RollOver",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="quotas.rolloverrule",
                    ),
                ),
                ("day", models.DateField(verbose_name="tanggal")),
                ("at", models.DateTimeField(verbose_name="pada")),
            ],
            options={
                "verbose_name": "pengalihan tempat",
                "verbose_name_plural": "pengalihan tempat",
                "constraints": [
                    models.UniqueConstraint(fields=("rule", "day"), name="roll_over_once_a_day")
                ],
            },
        ),
        migrations.CreateModel(
            name="RuleChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rule_changes",
                        to="offices.office",
                    ),
                ),
                (
                    "lane",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="offices.lane",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("quota", "kuota"),
                            ("release", "pembukaan"),
                            ("added_places", "tempat ditambah"),
                            ("roll_over", "pengalihan tempat"),
                            ("returns", "tempat yang dibatalkan"),
                        ],
                        max_length=20,
                        verbose_name="jenis",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="pada")),
                ("starts_on", models.DateField(verbose_name="berlaku sejak")),
                ("instrument", models.CharField(max_length=200, verbose_name="dasar hukum")),
                ("before", models.JSONField(default=dict, verbose_name="sebelumnya")),
                ("after", models.JSONField(default=dict, verbose_name="sesudahnya")),
            ],
            options={
                "verbose_name": "perubahan aturan",
                "verbose_name_plural": "perubahan aturan",
                "ordering": ["-at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Slot",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="slots",
                        to="offices.office",
                        verbose_name="kantor",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="offices.servicegroup",
                        verbose_name="kelompok layanan",
                    ),
                ),
                (
                    "lane",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="offices.lane",
                        verbose_name="jalur",
                    ),
                ),
                ("day", models.DateField(verbose_name="tanggal")),
                ("starts_at", models.DateTimeField(verbose_name="mulai")),
                ("ends_at", models.DateTimeField(verbose_name="selesai")),
                (
                    "only_services",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        blank=True,
                        db_default=[],
                        default=list,
                        size=None,
                        verbose_name="hanya untuk layanan",
                    ),
                ),
            ],
            options={
                "verbose_name": "sesi",
                "verbose_name_plural": "sesi",
                "ordering": ["starts_at", "id"],
                "indexes": [
                    models.Index(
                        fields=["office", "day", "lane", "group"], name="slot_by_office_and_day"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("office", "lane", "group", "starts_at", "ends_at", "only_services"),
                        name="slot_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("starts_at__lt", models.F("ends_at"))),
                        name="slot_starts_before_it_ends",
                    ),
                    models.UniqueConstraint(fields=("id", "office"), name="slot_and_its_office"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Place",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "window",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="places",
                        to="quotas.releasewindow",
                        verbose_name="pembukaan kuota",
                    ),
                ),
                (
                    "slot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="places",
                        to="quotas.slot",
                        verbose_name="sesi",
                    ),
                ),
                (
                    "made_in_slot",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="quotas.slot",
                        verbose_name="sesi asal",
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="nomor")),
                ("opens_at", models.DateTimeField(verbose_name="dibuka")),
                ("closes_at", models.DateTimeField(verbose_name="ditutup")),
                (
                    "cooldown_until",
                    models.DateTimeField(blank=True, null=True, verbose_name="masa tunggu sampai"),
                ),
                (
                    "withdrawn_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="ditarik"),
                ),
                (
                    "closure",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="places",
                        to="offices.closure",
                        verbose_name="ditarik oleh penutupan",
                    ),
                ),
                (
                    "is_limited",
                    models.BooleanField(
                        db_default=False, default=False, verbose_name="hanya untuk layanan tertentu"
                    ),
                ),
                ("holder", models.UUIDField(blank=True, null=True, verbose_name="pemegang")),
            ],
            options={
                "verbose_name": "tempat",
                "verbose_name_plural": "tempat",
                "indexes": [
                    models.Index(
                        condition=models.Q(
                            ("holder__isnull", True), ("withdrawn_at__isnull", True)
                        ),
                        fields=["slot", "id"],
                        name="place_free_by_slot",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("made_in_slot", "number"), name="place_number_once_a_slot"
                    ),
                    models.UniqueConstraint(fields=("id", "holder"), name="place_one_holder"),
                    models.CheckConstraint(
                        condition=models.Q(("opens_at__lt", models.F("closes_at"))),
                        name="place_opens_before_it_closes",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PlaceMove",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="moves",
                        to="quotas.rollover",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="moves",
                        to="quotas.place",
                    ),
                ),
                (
                    "from_slot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="moves_out",
                        to="quotas.slot",
                    ),
                ),
                (
                    "to_slot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="moves_in",
                        to="quotas.slot",
                    ),
                ),
            ],
            options={
                "verbose_name": "tempat yang dialihkan",
                "verbose_name_plural": "tempat yang dialihkan",
                "constraints": [
                    models.UniqueConstraint(fields=("run", "place"), name="place_move_once_a_run")
                ],
            },
        ),
        migrations.CreateModel(
            name="WaitingRoom",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "window",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="room",
                        to="quotas.releasewindow",
                        verbose_name="pembukaan kuota",
                    ),
                ),
                ("seed", core.crypto.EncryptedTextField(verbose_name="angka rahasia")),
                ("seed_hash", models.CharField(max_length=64, verbose_name="segel angka rahasia")),
                ("prepared_at", models.DateTimeField(verbose_name="disiapkan")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="selesai")),
            ],
            options={
                "verbose_name": "ruang tunggu",
                "verbose_name_plural": "ruang tunggu",
            },
        ),
        migrations.CreateModel(
            name="RoomSecond",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "room",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seconds",
                        to="quotas.waitingroom",
                        verbose_name="ruang tunggu",
                    ),
                ),
                ("second", models.IntegerField(verbose_name="detik")),
                ("arrived", models.PositiveIntegerField(default=0, verbose_name="datang")),
                ("answered", models.PositiveIntegerField(default=0, verbose_name="dijawab")),
                ("busy", models.FloatField(default=0, verbose_name="beban server")),
            ],
            options={
                "verbose_name": "detik ruang tunggu",
                "verbose_name_plural": "detik ruang tunggu",
                "constraints": [
                    models.UniqueConstraint(fields=("room", "second"), name="room_second_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="RoomMark",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "room",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="marks",
                        to="quotas.waitingroom",
                        verbose_name="ruang tunggu",
                    ),
                ),
                ("since", models.DateTimeField(verbose_name="sejak")),
                ("watermark", models.FloatField(verbose_name="sampai urutan")),
                ("rate", models.FloatField(verbose_name="orang per detik")),
            ],
            options={
                "verbose_name": "laju ruang tunggu",
                "verbose_name_plural": "laju ruang tunggu",
                "ordering": ["since"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("room", "since"), name="room_mark_one_a_moment"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rate__gte", 0), ("watermark__gte", 0)),
                        name="room_mark_moves_forward",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OpeningWatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="watches",
                        to="offices.office",
                    ),
                ),
                ("address", core.crypto.EncryptedTextField(verbose_name="alamat surel")),
                ("address_key", models.CharField(max_length=64)),
                ("language", models.CharField(default="id", max_length=2, verbose_name="bahasa")),
                ("requested_at", models.DateTimeField(verbose_name="diminta")),
                (
                    "confirmed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="diverifikasi"),
                ),
                (
                    "stopped_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="dihentikan"),
                ),
            ],
            options={
                "verbose_name": "pemberitahuan pembukaan kuota",
                "verbose_name_plural": "pemberitahuan pembukaan kuota",
                "indexes": [
                    models.Index(
                        condition=models.Q(
                            ("confirmed_at__isnull", False), ("stopped_at__isnull", True)
                        ),
                        fields=["office"],
                        name="opening_watch_live",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("office", "address_key"), name="opening_watch_once_an_office"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="QuotaPolicy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="berlaku sejak")),
                (
                    "valid_until",
                    models.DateField(blank=True, null=True, verbose_name="berlaku sampai"),
                ),
                (
                    "instrument",
                    models.CharField(
                        help_text="Surat keputusan atau edaran yang menetapkannya.",
                        max_length=200,
                        verbose_name="dasar hukum",
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="offices.office",
                        verbose_name="kantor",
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="offices.region",
                        verbose_name="wilayah",
                    ),
                ),
                (
                    "lane",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="offices.lane",
                        verbose_name="jalur",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="offices.servicegroup",
                        verbose_name="kelompok",
                    ),
                ),
                (
                    "base",
                    models.PositiveIntegerField(verbose_name="tempat per hari pada keadaan normal"),
                ),
                (
                    "percent",
                    models.DecimalField(
                        decimal_places=2,
                        default=Decimal("100"),
                        max_digits=6,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(1000),
                        ],
                        verbose_name="persen",
                    ),
                ),
                (
                    "cap",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="paling banyak"
                    ),
                ),
                (
                    "slot_minutes",
                    models.PositiveSmallIntegerField(
                        default=60,
                        validators=[
                            django.core.validators.MinValueValidator(5),
                            django.core.validators.MaxValueValidator(480),
                        ],
                        verbose_name="panjang sesi dalam menit",
                    ),
                ),
                ("hours", models.JSONField(blank=True, default=list, verbose_name="jam")),
            ],
            options={
                "verbose_name": "kebijakan kuota",
                "verbose_name_plural": "kebijakan kuota",
                "ordering": ["office", "region", "lane", "group", "-valid_from"],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("lane", "="),
                            ("group", "="),
                            (
                                django.db.models.functions.comparison.Coalesce(
                                    models.F("office"), models.Value(0)
                                ),
                                "=",
                            ),
                            (
                                django.db.models.functions.comparison.Coalesce(
                                    models.F("region"), models.Value(0)
                                ),
                                "=",
                            ),
                            (
                                offices.dated.DateRange(
                                    models.F("valid_from"),
                                    models.F("valid_until"),
                                    models.Value("[]"),
                                ),
                                "&&",
                            ),
                        ],
                        name="quota_policy_never_overlaps",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_until__isnull", True),
                            ("valid_until__gte", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="quota_policy_valid_span",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("office__isnull", True), ("region__isnull", True), _connector="OR"
                        ),
                        name="quota_policy_one_scope",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("percent__gte", 0), ("percent__lte", 1000)),
                        name="quota_policy_percent",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("slot_minutes__gte", 5), ("slot_minutes__lte", 480)),
                        name="quota_policy_slot_minutes",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rulechange",
            trigger=pgtrigger.compiler.Trigger(
                name="rule_change_append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="f6341c74bc14bb116789fc7f5771af6bc7f7b887",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_rule_change_append_only_1e752",
                    table="quotas_rulechange",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="placemove",
            trigger=pgtrigger.compiler.Trigger(
                name="place_move_append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="5e25360cb39c24fd8ecc4bade6b819515cf0cb40",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_place_move_append_only_7aca8",
                    table="quotas_placemove",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="waitingroom",
            trigger=pgtrigger.compiler.Trigger(
                name="waiting_room_keeps_its_promise",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."window_id" IS DISTINCT FROM (NEW."window_id") OR OLD."seed" IS DISTINCT FROM (NEW."seed") OR OLD."seed_hash" IS DISTINCT FROM (NEW."seed_hash"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="acaf18a3e688864cc79539a99ad1e5b420f01ca9",
                    operation="UPDATE",
                    pgid="pgtrigger_waiting_room_keeps_its_promise_c6dad",
                    table="quotas_waitingroom",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="waitingroom",
            trigger=pgtrigger.compiler.Trigger(
                name="waiting_room_never_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="3e4fd6c2c02aecbdde4cbba9d2b4d1f44eb185a9",
                    operation="DELETE",
                    pgid="pgtrigger_waiting_room_never_deleted_69ad6",
                    table="quotas_waitingroom",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="roommark",
            trigger=pgtrigger.compiler.Trigger(
                name="room_mark_append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="8c992b815a10e0b00af58bf501448ec40da57a69",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_room_mark_append_only_8b018",
                    table="quotas_roommark",
                    when="BEFORE",
                ),
            ),
        ),
    ])
