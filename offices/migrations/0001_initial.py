"""Offices, their rules of the day, rosters and outages."""

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
from django.contrib.postgres.operations import BtreeGistExtension
from core.operations import together
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "__first__"),
    ]

    operations = together([
        BtreeGistExtension(),
        migrations.CreateModel(
            name="Lane",
            fields=[
                (
                    "code",
                    models.SlugField(
                        max_length=20, primary_key=True, serialize=False, verbose_name="kode"
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="nama")),
                ("name_en", models.CharField(max_length=80, verbose_name="nama Inggris")),
                (
                    "booked_at",
                    models.CharField(
                        choices=[("online", "daring"), ("desk", "di kantor")],
                        max_length=10,
                        verbose_name="dipesan",
                    ),
                ),
                (
                    "series",
                    models.CharField(max_length=1, unique=True, verbose_name="seri nomor antrean"),
                ),
            ],
            options={
                "verbose_name": "jalur",
                "verbose_name_plural": "jalur",
            },
        ),
        migrations.CreateModel(
            name="Region",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=20, unique=True, verbose_name="kode")),
                ("name", models.CharField(max_length=80, verbose_name="nama")),
            ],
            options={
                "verbose_name": "wilayah",
                "verbose_name_plural": "wilayah",
            },
        ),
        migrations.CreateModel(
            name="ServiceGroup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=20, unique=True, verbose_name="kode")),
                ("name", models.CharField(max_length=80, verbose_name="nama")),
                ("name_en", models.CharField(max_length=80, verbose_name="nama Inggris")),
            ],
            options={
                "verbose_name": "kelompok layanan",
                "verbose_name_plural": "kelompok layanan",
            },
        ),
        migrations.CreateModel(
            name="Fee",
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
                    "product",
                    models.CharField(
                        choices=[
                            ("plain_5", "paspor biasa 5 tahun"),
                            ("plain_10", "paspor biasa 10 tahun"),
                            ("electronic_5", "paspor elektronik 5 tahun"),
                            ("electronic_10", "paspor elektronik 10 tahun"),
                            ("stay_permit", "izin tinggal"),
                            ("accelerated", "tambahan layanan percepatan"),
                            ("lost", "denda paspor hilang"),
                            ("damaged", "denda paspor rusak"),
                        ],
                        max_length=20,
                        verbose_name="jenis paspor",
                    ),
                ),
                ("amount", models.PositiveIntegerField(verbose_name="rupiah")),
            ],
            options={
                "verbose_name": "tarif",
                "verbose_name_plural": "tarif",
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("product", "="),
                            (
                                offices.dated.DateRange(
                                    models.F("valid_from"),
                                    models.F("valid_until"),
                                    models.Value("[]"),
                                ),
                                "&&",
                            ),
                        ],
                        name="fee_never_overlaps",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_until__isnull", True),
                            ("valid_until__gte", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="fee_valid_span",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ServiceType",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=20, unique=True, verbose_name="kode")),
                ("name", models.CharField(max_length=80, verbose_name="nama")),
                ("name_en", models.CharField(max_length=80, verbose_name="nama Inggris")),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="service_types",
                        to="offices.servicegroup",
                        verbose_name="kelompok layanan",
                    ),
                ),
                (
                    "due_working_days",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Dihitung dari wawancara.",
                        null=True,
                        verbose_name="selesai dalam hari kerja",
                    ),
                ),
                (
                    "makes_passport",
                    models.BooleanField(default=True, verbose_name="menghasilkan paspor"),
                ),
                (
                    "documents",
                    models.JSONField(blank=True, default=list, verbose_name="berkas yang diminta"),
                ),
            ],
            options={
                "verbose_name": "jenis layanan",
                "verbose_name_plural": "jenis layanan",
            },
        ),
        migrations.CreateModel(
            name="Office",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=12, unique=True, verbose_name="kode")),
                ("name", models.CharField(max_length=80, verbose_name="nama")),
                (
                    "region",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="offices",
                        to="offices.region",
                        verbose_name="wilayah",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="service_points",
                        to="offices.office",
                        verbose_name="kantor induk",
                    ),
                ),
                (
                    "time_zone",
                    models.CharField(
                        choices=[
                            ("Asia/Jakarta", "WIB"),
                            ("Asia/Makassar", "WITA"),
                            ("Asia/Jayapura", "WIT"),
                        ],
                        max_length=40,
                        verbose_name="zona waktu",
                    ),
                ),
                ("address", models.CharField(max_length=200, verbose_name="alamat")),
                ("phone", models.CharField(blank=True, max_length=30, verbose_name="telepon")),
                (
                    "booking_stopped_reason",
                    models.CharField(
                        blank=True, max_length=200, verbose_name="alasan penghentian pemesanan"
                    ),
                ),
                (
                    "service_types",
                    models.ManyToManyField(
                        blank=True,
                        related_name="offices",
                        to="offices.servicetype",
                        verbose_name="jenis layanan",
                    ),
                ),
            ],
            options={
                "verbose_name": "kantor",
                "verbose_name_plural": "kantor",
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Hall",
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
                        related_name="halls",
                        to="offices.office",
                        verbose_name="kantor",
                    ),
                ),
                ("code", models.SlugField(max_length=20, verbose_name="kode")),
                ("name", models.CharField(max_length=80, verbose_name="nama")),
                (
                    "name_en",
                    models.CharField(blank=True, max_length=80, verbose_name="nama Inggris"),
                ),
                ("floor", models.CharField(max_length=10, verbose_name="lantai")),
                (
                    "groups",
                    models.ManyToManyField(
                        related_name="halls",
                        to="offices.servicegroup",
                        verbose_name="kelompok layanan",
                    ),
                ),
                (
                    "lanes",
                    models.ManyToManyField(
                        related_name="halls", to="offices.lane", verbose_name="jalur"
                    ),
                ),
            ],
            options={
                "verbose_name": "ruang layanan",
                "verbose_name_plural": "ruang layanan",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("office", "code"), name="hall_code_once_an_office"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Counter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "hall",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="counters",
                        to="offices.hall",
                        verbose_name="ruang layanan",
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="nomor")),
                ("is_one_stop", models.BooleanField(default=True, verbose_name="satu atap")),
                (
                    "stages",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("documents", "Berkas"),
                                ("interview", "Wawancara"),
                                ("photo", "Foto dan biometrik"),
                            ],
                            max_length=20,
                        ),
                        default=list,
                        size=None,
                        verbose_name="tahap",
                    ),
                ),
            ],
            options={
                "verbose_name": "loket",
                "verbose_name_plural": "loket",
                "ordering": ["number"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("hall", "number"), name="counter_number_once_a_hall"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Holiday",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(verbose_name="tanggal")),
                ("name", models.CharField(max_length=160, verbose_name="nama")),
                (
                    "name_en",
                    models.CharField(blank=True, max_length=160, verbose_name="nama Inggris"),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("national", "libur nasional"),
                            ("cuti_bersama", "cuti bersama"),
                            ("local", "libur daerah"),
                        ],
                        max_length=20,
                        verbose_name="jenis",
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
            ],
            options={
                "verbose_name": "hari libur",
                "verbose_name_plural": "hari libur",
                "ordering": ["day"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("day", "office"), name="holiday_once_a_day", nulls_distinct=False
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Device",
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
                        related_name="devices",
                        to="offices.office",
                        verbose_name="kantor",
                    ),
                ),
                (
                    "counter",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="devices",
                        to="offices.counter",
                        verbose_name="loket",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("camera", "kamera"),
                            ("fingerprint", "pemindai sidik jari"),
                            ("printer", "pencetak paspor"),
                            ("scanner", "pemindai berkas"),
                        ],
                        max_length=20,
                        verbose_name="jenis",
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="nama")),
                (
                    "minutes_a_visit",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Kosong: selama tahapnya berlangsung.",
                        null=True,
                        verbose_name="menit dipakai tiap kunjungan",
                    ),
                ),
            ],
            options={
                "verbose_name": "alat",
                "verbose_name_plural": "alat",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("office", "name"), name="device_name_once_an_office"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BookingSwitch",
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
                        related_name="booking_switches",
                        to="offices.office",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="alasan")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="oleh",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="pada")),
            ],
            options={
                "verbose_name": "sakelar pemesanan",
                "verbose_name_plural": "sakelar pemesanan",
                "ordering": ["-at", "-id"],
                "indexes": [
                    models.Index(fields=["office", "-at"], name="booking_switch_by_office")
                ],
            },
        ),
        migrations.CreateModel(
            name="Attendance",
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
                        related_name="attendance",
                        to="offices.office",
                        verbose_name="kantor",
                    ),
                ),
                (
                    "percent",
                    models.DecimalField(
                        decimal_places=2,
                        default=Decimal("100"),
                        max_digits=5,
                        verbose_name="persen hadir",
                    ),
                ),
            ],
            options={
                "verbose_name": "kehadiran petugas",
                "verbose_name_plural": "kehadiran petugas",
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("office", "="),
                            (
                                offices.dated.DateRange(
                                    models.F("valid_from"),
                                    models.F("valid_until"),
                                    models.Value("[]"),
                                ),
                                "&&",
                            ),
                        ],
                        name="attendance_never_overlaps",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_until__isnull", True),
                            ("valid_until__gte", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="attendance_valid_span",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("percent__gte", 0), ("percent__lte", 100)),
                        name="attendance_percent",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AdmissionRule",
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
                        related_name="admission_rules",
                        to="offices.office",
                        verbose_name="kantor",
                    ),
                ),
                (
                    "admits_walk_ins",
                    models.BooleanField(verbose_name="menerima kedatangan langsung"),
                ),
                ("admits_companions", models.BooleanField(verbose_name="pendamping boleh masuk")),
                (
                    "has_drive_thru",
                    models.BooleanField(default=False, verbose_name="pengambilan drive-thru"),
                ),
            ],
            options={
                "verbose_name": "aturan masuk",
                "verbose_name_plural": "aturan masuk",
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("office", "="),
                            (
                                offices.dated.DateRange(
                                    models.F("valid_from"),
                                    models.F("valid_until"),
                                    models.Value("[]"),
                                ),
                                "&&",
                            ),
                        ],
                        name="admission_rule_never_overlaps",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_until__isnull", True),
                            ("valid_until__gte", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="admission_rule_valid_span",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OfficerEvent",
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
                        related_name="officer_events",
                        to="offices.office",
                        verbose_name="kantor",
                    ),
                ),
                (
                    "officer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="officer_events",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="petugas",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("invited", "diundang"),
                            ("suspended", "dihentikan"),
                            ("reset", "diatur ulang"),
                        ],
                        max_length=12,
                        verbose_name="kejadian",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("gate", "petugas gerbang"),
                            ("counter", "petugas loket"),
                            ("pickup", "petugas pengambilan"),
                            ("supervisor", "supervisor"),
                            ("regional", "kantor wilayah"),
                            ("national", "direktorat jenderal"),
                            ("data_protection_officer", "pejabat pelindungan data pribadi"),
                        ],
                        max_length=24,
                        verbose_name="peran",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="oleh",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="pada")),
            ],
            options={
                "verbose_name": "perubahan petugas",
                "verbose_name_plural": "perubahan petugas",
                "ordering": ["-at", "-id"],
                "indexes": [models.Index(fields=["office", "-at"], name="officer_event_by_office")],
            },
        ),
        migrations.CreateModel(
            name="OpeningHours",
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
                        related_name="opening_hours",
                        to="offices.office",
                        verbose_name="kantor",
                    ),
                ),
                (
                    "weekday",
                    models.PositiveSmallIntegerField(
                        help_text="1 Senin … 7 Minggu",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(7),
                        ],
                        verbose_name="hari",
                    ),
                ),
                ("opens", models.TimeField(verbose_name="buka")),
                ("closes", models.TimeField(verbose_name="tutup")),
                ("breaks", models.JSONField(blank=True, default=list, verbose_name="istirahat")),
            ],
            options={
                "verbose_name": "jam buka",
                "verbose_name_plural": "jam buka",
                "ordering": ["office", "weekday", "valid_from"],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("office", "="),
                            ("weekday", "="),
                            (
                                offices.dated.DateRange(
                                    models.F("valid_from"),
                                    models.F("valid_until"),
                                    models.Value("[]"),
                                ),
                                "&&",
                            ),
                        ],
                        name="opening_hours_never_overlap",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_until__isnull", True),
                            ("valid_until__gte", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="opening_hours_valid_span",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("weekday__gte", 1), ("weekday__lte", 7)),
                        name="opening_hours_weekday",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("opens__lt", models.F("closes"))),
                        name="opening_hours_open_before_they_close",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Outage",
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
                        related_name="outages",
                        to="offices.office",
                        verbose_name="kantor",
                    ),
                ),
                (
                    "device",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="outages",
                        to="offices.device",
                        verbose_name="alat",
                    ),
                ),
                (
                    "counter",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="outages",
                        to="offices.counter",
                        verbose_name="loket",
                    ),
                ),
                ("started_at", models.DateTimeField(verbose_name="sejak")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="sampai")),
                ("reason", models.CharField(max_length=200, verbose_name="sebab")),
                ("noted_at", models.DateTimeField(verbose_name="dicatat pada")),
                (
                    "noted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="dicatat oleh",
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="diakhiri oleh",
                    ),
                ),
            ],
            options={
                "verbose_name": "gangguan alat",
                "verbose_name_plural": "gangguan alat",
                "ordering": ["-started_at", "-id"],
                "indexes": [models.Index(fields=["office", "started_at"], name="outage_by_office")],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("device__isnull", False)),
                        expressions=[
                            ("device", "="),
                            (
                                offices.dated.MomentRange(
                                    models.F("started_at"), models.F("ended_at")
                                ),
                                "&&",
                            ),
                        ],
                        name="outage_once_a_device",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("counter__isnull", False)),
                        expressions=[
                            ("counter", "="),
                            (
                                offices.dated.MomentRange(
                                    models.F("started_at"), models.F("ended_at")
                                ),
                                "&&",
                            ),
                        ],
                        name="outage_once_a_counter",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("counter__isnull", False), ("device__isnull", True)),
                            models.Q(("counter__isnull", True), ("device__isnull", False)),
                            _connector="OR",
                        ),
                        name="outage_of_one_thing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_at__isnull", True),
                            ("ended_at__gt", models.F("started_at")),
                            _connector="OR",
                        ),
                        name="outage_ends_after_it_begins",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("ended_by__isnull", True)),
                            models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="outage_end_is_whole",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Protocol",
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
                ("name", models.CharField(max_length=120, verbose_name="nama")),
                ("name_en", models.CharField(max_length=120, verbose_name="nama Inggris")),
                ("items", models.JSONField(default=list, verbose_name="yang diperiksa")),
            ],
            options={
                "verbose_name": "protokol",
                "verbose_name_plural": "protokol",
                "ordering": ["office", "region", "-valid_from"],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
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
                        name="protocol_never_overlaps",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_until__isnull", True),
                            ("valid_until__gte", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="protocol_valid_span",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("office__isnull", True), ("region__isnull", True), _connector="OR"
                        ),
                        name="protocol_one_scope",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProductRule",
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
                    "products",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("plain_5", "paspor biasa 5 tahun"),
                                ("plain_10", "paspor biasa 10 tahun"),
                                ("electronic_5", "paspor elektronik 5 tahun"),
                                ("electronic_10", "paspor elektronik 10 tahun"),
                                ("stay_permit", "izin tinggal"),
                                ("accelerated", "tambahan layanan percepatan"),
                                ("lost", "denda paspor hilang"),
                                ("damaged", "denda paspor rusak"),
                            ],
                            max_length=20,
                        ),
                        size=None,
                        verbose_name="jenis paspor yang dilayani",
                    ),
                ),
            ],
            options={
                "verbose_name": "aturan jenis paspor",
                "verbose_name_plural": "aturan jenis paspor",
                "ordering": ["office", "region", "-valid_from"],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
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
                        name="product_rule_never_overlaps",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_until__isnull", True),
                            ("valid_until__gte", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="product_rule_valid_span",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("office__isnull", True), ("region__isnull", True), _connector="OR"
                        ),
                        name="product_rule_one_scope",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("products__len__gt", 0)),
                        name="product_rule_names_a_product",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NoShowRule",
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
                    "no_shows",
                    models.PositiveSmallIntegerField(default=1, verbose_name="kali tidak hadir"),
                ),
                (
                    "within_days",
                    models.PositiveSmallIntegerField(default=90, verbose_name="dalam sekian hari"),
                ),
                (
                    "restricted_days",
                    models.PositiveSmallIntegerField(verbose_name="lama pembatasan (hari)"),
                ),
            ],
            options={
                "verbose_name": "aturan tidak hadir",
                "verbose_name_plural": "aturan tidak hadir",
                "ordering": ["office", "region", "-valid_from"],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
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
                        name="no_show_rule_never_overlaps",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_until__isnull", True),
                            ("valid_until__gte", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="no_show_rule_valid_span",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("office__isnull", True), ("region__isnull", True), _connector="OR"
                        ),
                        name="no_show_rule_one_scope",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("no_shows__gte", 1),
                            ("restricted_days__range", (1, 366)),
                            ("within_days__range", (1, 366)),
                        ),
                        name="no_show_rule_spans",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BookingLimit",
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
                    "subject",
                    models.CharField(
                        choices=[
                            ("account", "akun"),
                            ("phone", "nomor telepon"),
                            ("device", "perangkat"),
                        ],
                        max_length=10,
                        verbose_name="yang dibatasi",
                    ),
                ),
                (
                    "within_days",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Kosong: jadwal yang berlaku pada saat yang sama.",
                        null=True,
                        verbose_name="pemesanan baru dalam sekian hari",
                    ),
                ),
                ("most", models.PositiveSmallIntegerField(verbose_name="paling banyak")),
            ],
            options={
                "verbose_name": "batas pemesanan",
                "verbose_name_plural": "batas pemesanan",
                "ordering": ["office", "region", "subject", "-valid_from"],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("subject", "="),
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
                                    models.F("within_days"), models.Value(0)
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
                        name="booking_limit_never_overlaps",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_until__isnull", True),
                            ("valid_until__gte", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="booking_limit_valid_span",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("office__isnull", True), ("region__isnull", True), _connector="OR"
                        ),
                        name="booking_limit_one_scope",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("most__gte", 1)), name="booking_limit_lets_one_book"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("within_days__isnull", True),
                            ("within_days__range", (1, 366)),
                            _connector="OR",
                        ),
                        name="booking_limit_span",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RosterShift",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "officer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="roster_shifts",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="petugas",
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="roster_shifts",
                        to="offices.office",
                        verbose_name="kantor",
                    ),
                ),
                (
                    "counter",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="roster_shifts",
                        to="offices.counter",
                        verbose_name="loket",
                    ),
                ),
                ("day", models.DateField(verbose_name="tanggal")),
                ("starts_at", models.DateTimeField(verbose_name="mulai")),
                ("ends_at", models.DateTimeField(verbose_name="selesai")),
                (
                    "overtime_reason",
                    models.CharField(blank=True, max_length=200, verbose_name="alasan lembur"),
                ),
                (
                    "absent_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="dicatat tidak hadir"),
                ),
                (
                    "absent_reason",
                    models.CharField(blank=True, max_length=200, verbose_name="alasan tidak hadir"),
                ),
                (
                    "absent_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="dicatat oleh",
                    ),
                ),
            ],
            options={
                "verbose_name": "jadwal petugas",
                "verbose_name_plural": "jadwal petugas",
                "ordering": ["starts_at", "id"],
                "indexes": [models.Index(fields=["office", "day"], name="roster_shift_by_day")],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("absent_at__isnull", True)),
                        expressions=[
                            ("officer", "="),
                            (
                                offices.dated.MomentRange(
                                    models.F("starts_at"), models.F("ends_at")
                                ),
                                "&&",
                            ),
                        ],
                        name="roster_shift_officer_in_one_place",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("absent_at__isnull", True), ("counter__isnull", False)),
                        expressions=[
                            ("counter", "="),
                            (
                                offices.dated.MomentRange(
                                    models.F("starts_at"), models.F("ends_at")
                                ),
                                "&&",
                            ),
                        ],
                        name="roster_shift_one_officer_a_counter",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("starts_at__lt", models.F("ends_at"))),
                        name="roster_shift_ends_after_it_begins",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("absent_at__isnull", True),
                                ("absent_by__isnull", True),
                                ("absent_reason", ""),
                            ),
                            models.Q(
                                ("absent_at__isnull", False),
                                ("absent_by__isnull", False),
                                models.Q(("absent_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="roster_shift_absence_is_whole",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Closure",
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
                        related_name="closures",
                        to="offices.office",
                    ),
                ),
                ("first_day", models.DateField(verbose_name="hari pertama")),
                ("last_day", models.DateField(blank=True, null=True, verbose_name="hari terakhir")),
                ("from_time", models.TimeField(blank=True, null=True, verbose_name="dari jam")),
                ("until_time", models.TimeField(blank=True, null=True, verbose_name="sampai jam")),
                (
                    "hall",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="offices.hall",
                        verbose_name="ruang layanan",
                    ),
                ),
                (
                    "lane",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="offices.lane",
                        verbose_name="jalur",
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="taken_over",
                        to="offices.office",
                        verbose_name="digabung ke",
                    ),
                ),
                ("reason", models.CharField(max_length=160, verbose_name="alasan")),
                (
                    "reason_en",
                    models.CharField(
                        blank=True, max_length=160, verbose_name="alasan dalam bahasa Inggris"
                    ),
                ),
                (
                    "instrument",
                    models.CharField(blank=True, max_length=200, verbose_name="dasar hukum"),
                ),
                ("made_at", models.DateTimeField(verbose_name="dicatat")),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "moved_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="selesai memindahkan"),
                ),
                ("lifted_at", models.DateTimeField(blank=True, null=True, verbose_name="dicabut")),
                (
                    "reopened_at",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="pembukaan kembali dicatat"
                    ),
                ),
                (
                    "reopened_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "open_lanes",
                    models.ManyToManyField(
                        blank=True,
                        related_name="+",
                        to="offices.lane",
                        verbose_name="jalur yang tetap buka",
                    ),
                ),
                (
                    "open_services",
                    models.ManyToManyField(
                        blank=True,
                        related_name="+",
                        to="offices.servicetype",
                        verbose_name="layanan yang tetap berjalan",
                    ),
                ),
            ],
            options={
                "verbose_name": "penutupan",
                "verbose_name_plural": "penutupan",
                "ordering": ["-first_day", "-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("moved_at__isnull", True)),
                        fields=["made_at"],
                        name="closure_still_moving",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("last_day__isnull", True),
                            ("last_day__gte", models.F("first_day")),
                            _connector="OR",
                        ),
                        name="closure_days_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("from_time__isnull", True), ("until_time__isnull", True)),
                            ("from_time__lt", models.F("until_time")),
                            _connector="OR",
                        ),
                        name="closure_hours_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("merged_into__isnull", True),
                            models.Q(("merged_into", models.F("office")), _negated=True),
                            _connector="OR",
                        ),
                        name="closure_merged_into_another",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StaffRole",
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
                        related_name="staff_roles",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="akun",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("gate", "petugas gerbang"),
                            ("counter", "petugas loket"),
                            ("pickup", "petugas pengambilan"),
                            ("supervisor", "supervisor"),
                            ("regional", "kantor wilayah"),
                            ("national", "direktorat jenderal"),
                            ("data_protection_officer", "pejabat pelindungan data pribadi"),
                        ],
                        max_length=24,
                        verbose_name="peran",
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
                ("valid_from", models.DateField(verbose_name="berlaku sejak")),
                (
                    "valid_until",
                    models.DateField(blank=True, null=True, verbose_name="berlaku sampai"),
                ),
            ],
            options={
                "verbose_name": "peran petugas",
                "verbose_name_plural": "peran petugas",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("office__isnull", True),
                                ("region__isnull", True),
                                ("role__in", ["national", "data_protection_officer"]),
                            ),
                            models.Q(
                                ("office__isnull", True),
                                ("region__isnull", False),
                                ("role", "regional"),
                            ),
                            models.Q(
                                ("office__isnull", False),
                                ("region__isnull", True),
                                ("role__in", ["gate", "counter", "pickup", "supervisor"]),
                            ),
                            _connector="OR",
                        ),
                        name="staff_role_has_its_scope",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("user", "="),
                            ("role", "="),
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
                        name="staff_role_never_overlaps",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_until__isnull", True),
                            ("valid_until__gte", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="staff_role_valid_span",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StageStandard",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "service_type",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="stages",
                        to="offices.servicetype",
                        verbose_name="jenis layanan",
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("documents", "Berkas"),
                            ("interview", "Wawancara"),
                            ("photo", "Foto dan biometrik"),
                        ],
                        max_length=20,
                        verbose_name="tahap",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(verbose_name="urutan")),
                ("minutes", models.PositiveSmallIntegerField(verbose_name="menit standar")),
            ],
            options={
                "verbose_name": "standar tahap",
                "verbose_name_plural": "standar tahap",
                "ordering": ["service_type", "position"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("service_type", "stage"), name="stage_standard_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("minutes__gt", 0)), name="stage_standard_takes_time"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StageTime",
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
                        related_name="stage_times",
                        to="offices.office",
                        verbose_name="kantor",
                    ),
                ),
                (
                    "service_type",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="stage_times",
                        to="offices.servicetype",
                        verbose_name="jenis layanan",
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("documents", "Berkas"),
                            ("interview", "Wawancara"),
                            ("photo", "Foto dan biometrik"),
                        ],
                        max_length=20,
                        verbose_name="tahap",
                    ),
                ),
                ("p50", models.FloatField(verbose_name="menit untuk separuh kunjungan")),
                ("p80", models.FloatField(verbose_name="menit untuk empat dari lima kunjungan")),
                ("mean", models.FloatField(verbose_name="menit rata-rata")),
                ("n", models.PositiveIntegerField(verbose_name="kunjungan yang diukur")),
                ("measured_until", models.DateTimeField(verbose_name="diukur sampai")),
            ],
            options={
                "verbose_name": "waktu tahap terukur",
                "verbose_name_plural": "waktu tahap terukur",
                "ordering": ["office", "service_type", "stage"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("office", "service_type", "stage"), name="stage_time_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("mean__gte", 0), ("p50__gte", 0), ("p80__gte", models.F("p50"))
                        ),
                        name="stage_time_makes_sense",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="bookingswitch",
            trigger=pgtrigger.compiler.Trigger(
                name="booking_switch_append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="fb4a2d09ea7f34649abd3bd1be2b4cc20a849283",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_booking_switch_append_only_d7e9b",
                    table="offices_bookingswitch",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="officerevent",
            trigger=pgtrigger.compiler.Trigger(
                name="officer_event_append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="11d88438781242a2384b22560dd4fa3c3b099daa",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_officer_event_append_only_06d93",
                    table="offices_officerevent",
                    when="BEFORE",
                ),
            ),
        ),
    ])
