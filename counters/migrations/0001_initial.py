"""Visits, tickets, counter sessions and passport books."""

import django.contrib.postgres.constraints
import django.db.models.deletion
import offices.dated
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from core.operations import together
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("booking", "0001_initial"),
        ("offices", "0001_initial"),
    ]

    operations = together([
        migrations.CreateModel(
            name="CounterSession",
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
                        related_name="counter_sessions",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="petugas",
                    ),
                ),
                (
                    "counter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sessions",
                        to="offices.counter",
                        verbose_name="loket",
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="counter_sessions",
                        to="offices.office",
                        verbose_name="kantor",
                    ),
                ),
                ("opened_at", models.DateTimeField(verbose_name="dibuka")),
                (
                    "paused_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="jeda sejak"),
                ),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="ditutup")),
                (
                    "is_from_paper",
                    models.BooleanField(
                        db_default=False, default=False, verbose_name="dari daftar cetak"
                    ),
                ),
            ],
            options={
                "verbose_name": "tugas loket",
                "verbose_name_plural": "tugas loket",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at__isnull", True)),
                        fields=("officer",),
                        name="counter_session_one_an_officer",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at__isnull", True)),
                        fields=("counter",),
                        name="counter_session_one_a_counter",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closed_at__isnull", True),
                            ("closed_at__gte", models.F("opened_at")),
                            _connector="OR",
                        ),
                        name="counter_session_ends_after_it_begins",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("is_from_paper", True)),
                        expressions=[
                            ("counter", "="),
                            (
                                offices.dated.MomentRange(
                                    models.F("opened_at"), models.F("closed_at")
                                ),
                                "&&",
                            ),
                        ],
                        name="counter_session_one_paper_line_at_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TicketSeries",
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
                        to="offices.office",
                        verbose_name="kantor",
                    ),
                ),
                ("day", models.DateField(verbose_name="tanggal")),
                ("letter", models.CharField(max_length=1, verbose_name="seri")),
                (
                    "last_number",
                    models.PositiveIntegerField(default=0, verbose_name="nomor terakhir"),
                ),
            ],
            options={
                "verbose_name": "seri nomor antrean",
                "verbose_name_plural": "seri nomor antrean",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("office", "day", "letter"), name="ticket_series_once_a_day"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Visit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "booking",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to="booking.booking",
                        verbose_name="booking",
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to="offices.office",
                        verbose_name="kantor",
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
                    "lane",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="offices.lane",
                        verbose_name="jalur",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("first", "pertama"), ("return", "kembali melengkapi berkas")],
                        max_length=10,
                        verbose_name="kunjungan",
                    ),
                ),
                ("day", models.DateField(verbose_name="tanggal")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "Menunggu"),
                            ("called", "Dipanggil"),
                            ("serving", "Dilayani"),
                            ("finished", "Selesai"),
                            ("incomplete", "Berkas kurang"),
                            ("left", "Pergi sebelum dilayani"),
                            ("refused", "Ditolak, nama tidak cocok"),
                        ],
                        default="waiting",
                        max_length=12,
                        verbose_name="status",
                    ),
                ),
                ("arrived_at", models.DateTimeField(verbose_name="tiba")),
                ("queue_at", models.DateTimeField(verbose_name="urutan sejak")),
                (
                    "session",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to="counters.countersession",
                        verbose_name="tugas loket",
                    ),
                ),
                (
                    "first_called_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="panggilan pertama"),
                ),
                (
                    "called_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="dipanggil"),
                ),
                (
                    "calls",
                    models.PositiveSmallIntegerField(default=0, verbose_name="kali dipanggil"),
                ),
                (
                    "started_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="mulai dilayani"),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="selesai")),
                ("notes", models.TextField(blank=True, verbose_name="catatan wawancara")),
                (
                    "missing",
                    models.CharField(blank=True, max_length=300, verbose_name="yang kurang"),
                ),
                (
                    "documents_checked",
                    models.JSONField(blank=True, default=list, verbose_name="berkas yang dilihat"),
                ),
            ],
            options={
                "verbose_name": "kunjungan",
                "verbose_name_plural": "kunjungan",
                "ordering": ["-arrived_at"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("status", "waiting")),
                        fields=["office", "queue_at"],
                        name="visit_waiting",
                    ),
                    models.Index(fields=["office", "day"], name="visit_by_office_and_day"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "first")),
                        fields=("booking",),
                        name="visit_first_once_a_booking",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ["waiting", "called", "serving"])),
                        fields=("booking",),
                        name="visit_one_unfinished_a_booking",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ["called", "serving"])),
                        fields=("session",),
                        name="visit_one_at_a_counter",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status__in", ["called", "serving"]), _negated=True),
                            ("session__isnull", False),
                            _connector="OR",
                        ),
                        name="visit_session_as_status_claims",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("ended_at__isnull", False),
                                ("status__in", ["finished", "incomplete", "left", "refused"]),
                            ),
                            models.Q(
                                models.Q(
                                    ("status__in", ["finished", "incomplete", "left", "refused"]),
                                    _negated=True,
                                ),
                                ("ended_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="visit_ended_as_status_claims",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PassportBook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "visit",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="book",
                        to="counters.visit",
                        verbose_name="kunjungan",
                    ),
                ),
                (
                    "applicant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="books",
                        to="booking.applicant",
                        verbose_name="pemohon",
                    ),
                ),
                (
                    "service_type",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="offices.servicetype",
                        verbose_name="layanan",
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="books",
                        to="offices.office",
                        verbose_name="kantor",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("ordered", "dalam pengerjaan"),
                            ("printed", "tercetak"),
                            ("checked", "diperiksa"),
                            ("ready", "siap diambil"),
                            ("handed_over", "sudah diambil"),
                            ("cancelled", "dibatalkan"),
                        ],
                        default="ordered",
                        max_length=12,
                        verbose_name="status",
                    ),
                ),
                ("ordered_at", models.DateTimeField(verbose_name="dipesan")),
                ("due_on", models.DateField(blank=True, null=True, verbose_name="dijanjikan")),
                (
                    "printed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="tercetak"),
                ),
                (
                    "checked_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="diperiksa"),
                ),
                ("ready_at", models.DateTimeField(blank=True, null=True, verbose_name="siap")),
            ],
            options={
                "verbose_name": "buku paspor",
                "verbose_name_plural": "buku paspor",
                "indexes": [
                    models.Index(fields=["office", "status", "due_on"], name="book_by_office")
                ],
            },
        ),
        migrations.CreateModel(
            name="BookEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="oleh",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="alasan")),
                ("at", models.DateTimeField(verbose_name="pada")),
                (
                    "book",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="history",
                        to="counters.passportbook",
                        verbose_name="buku paspor",
                    ),
                ),
                (
                    "old",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("ordered", "dalam pengerjaan"),
                            ("printed", "tercetak"),
                            ("checked", "diperiksa"),
                            ("ready", "siap diambil"),
                            ("handed_over", "sudah diambil"),
                            ("cancelled", "dibatalkan"),
                        ],
                        max_length=12,
                        verbose_name="dari",
                    ),
                ),
                (
                    "new",
                    models.CharField(
                        choices=[
                            ("ordered", "dalam pengerjaan"),
                            ("printed", "tercetak"),
                            ("checked", "diperiksa"),
                            ("ready", "siap diambil"),
                            ("handed_over", "sudah diambil"),
                            ("cancelled", "dibatalkan"),
                        ],
                        max_length=12,
                        verbose_name="menjadi",
                    ),
                ),
            ],
            options={
                "verbose_name": "riwayat paspor",
                "verbose_name_plural": "riwayat paspor",
                "ordering": ["at", "id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Pickup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "book",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pickup",
                        to="counters.passportbook",
                        verbose_name="buku paspor",
                    ),
                ),
                ("collector_name", models.CharField(max_length=120, verbose_name="nama pengambil")),
                (
                    "right",
                    models.CharField(
                        choices=[
                            ("self", "pemilik sendiri"),
                            ("family", "keluarga dalam satu KK"),
                            ("letter", "pemegang surat kuasa"),
                        ],
                        max_length=10,
                        verbose_name="status pengambil",
                    ),
                ),
                ("evidence", models.CharField(max_length=200, verbose_name="bukti yang dilihat")),
                (
                    "where",
                    models.CharField(
                        choices=[("desk", "loket pengambilan"), ("drive_thru", "drive-thru")],
                        default="desk",
                        max_length=12,
                        verbose_name="tempat",
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
                "verbose_name": "pengambilan",
                "verbose_name_plural": "pengambilan",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("collector_name", ""), _negated=True),
                            models.Q(("evidence", ""), _negated=True),
                        ),
                        name="pickup_says_who_and_by_what_right",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Ticket",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "visit",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ticket",
                        to="counters.visit",
                        verbose_name="kunjungan",
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="offices.office",
                        verbose_name="kantor",
                    ),
                ),
                ("day", models.DateField(verbose_name="tanggal")),
                ("letter", models.CharField(max_length=1, verbose_name="seri")),
                ("number", models.PositiveIntegerField(verbose_name="nomor")),
            ],
            options={
                "verbose_name": "nomor antrean",
                "verbose_name_plural": "nomor antrean",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("office", "day", "letter", "number"), name="ticket_number_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StageRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stage_runs",
                        to="counters.visit",
                        verbose_name="kunjungan",
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
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stage_runs",
                        to="counters.countersession",
                        verbose_name="tugas loket",
                    ),
                ),
                ("started_at", models.DateTimeField(verbose_name="mulai")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="selesai")),
                (
                    "result",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("done", "selesai"),
                            ("incomplete", "berkas kurang"),
                            ("abandoned", "terhenti"),
                        ],
                        max_length=12,
                        verbose_name="hasil",
                    ),
                ),
                ("is_rework", models.BooleanField(default=False, verbose_name="diulang")),
            ],
            options={
                "verbose_name": "tahap kunjungan",
                "verbose_name_plural": "tahap kunjungan",
                "ordering": ["started_at", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("visit",),
                        name="stage_run_one_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("result", "")),
                            models.Q(
                                ("ended_at__isnull", False), models.Q(("result", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="stage_run_ends_with_a_result",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="VisitEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="oleh",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="alasan")),
                ("at", models.DateTimeField(verbose_name="pada")),
                (
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="history",
                        to="counters.visit",
                        verbose_name="kunjungan",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("arrived", "tiba"),
                            ("returned", "datang lagi"),
                            ("called", "dipanggil menurut urutan"),
                            ("called_out_of_order", "dipanggil di luar urutan"),
                            ("recalled", "dipanggil ulang"),
                            ("skipped", "dilewati"),
                            ("started", "mulai dilayani"),
                            ("rework", "tahap diulang"),
                            ("passed_on", "dialihkan"),
                            ("incomplete", "berkas kurang"),
                            ("finished", "selesai"),
                            ("left", "pergi"),
                            ("left_over", "sisa hari sebelumnya"),
                            ("refused", "nama tidak cocok"),
                        ],
                        max_length=20,
                        verbose_name="kejadian",
                    ),
                ),
                (
                    "old",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("waiting", "Menunggu"),
                            ("called", "Dipanggil"),
                            ("serving", "Dilayani"),
                            ("finished", "Selesai"),
                            ("incomplete", "Berkas kurang"),
                            ("left", "Pergi sebelum dilayani"),
                            ("refused", "Ditolak, nama tidak cocok"),
                        ],
                        max_length=12,
                        verbose_name="dari",
                    ),
                ),
                (
                    "new",
                    models.CharField(
                        choices=[
                            ("waiting", "Menunggu"),
                            ("called", "Dipanggil"),
                            ("serving", "Dilayani"),
                            ("finished", "Selesai"),
                            ("incomplete", "Berkas kurang"),
                            ("left", "Pergi sebelum dilayani"),
                            ("refused", "Ditolak, nama tidak cocok"),
                        ],
                        max_length=12,
                        verbose_name="menjadi",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="counters.countersession",
                        verbose_name="tugas loket",
                    ),
                ),
            ],
            options={
                "verbose_name": "riwayat kunjungan",
                "verbose_name_plural": "riwayat kunjungan",
                "ordering": ["at", "id"],
                "abstract": False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="bookevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="a81efcd139a67590191e8c95de1e342406dc3201",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_c9b5a",
                    table="counters_bookevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="pickup",
            trigger=pgtrigger.compiler.Trigger(
                name="pickup_append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="34fc3db54862a8207c3c7e5ec1a22ac806eb4b66",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_pickup_append_only_4d752",
                    table="counters_pickup",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="visit",
            trigger=pgtrigger.compiler.Trigger(
                name="status_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."status" IS DISTINCT FROM (NEW."status"))',
                    func='IF OLD."status" || \':\' || NEW."status" <> ALL (\'{waiting:called,waiting:left,waiting:refused,called:left,called:refused,called:serving,called:waiting,serving:finished,serving:incomplete,serving:refused,serving:waiting,left:waiting,refused:waiting}\'::text[]) THEN RAISE EXCEPTION \'Status of % may not change from "%" to "%"\', TG_TABLE_NAME, OLD."status", NEW."status"; END IF; IF (SELECT line."old" || \':\' || line."new" FROM "counters_visitevent" line WHERE line."visit_id" = NEW."id" ORDER BY line."id" DESC LIMIT 1) IS DISTINCT FROM OLD."status" || \':\' || NEW."status" THEN RAISE EXCEPTION \'Status of % may not change without its line of history\', TG_TABLE_NAME; END IF; RETURN NEW;',
                    hash="93decf841163a49879425130d29c35b121ee67b6",
                    operation="UPDATE",
                    pgid="pgtrigger_status_moves_04596",
                    table="counters_visit",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="visit",
            trigger=pgtrigger.compiler.Trigger(
                name="status_begins",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NOT (NEW.\"status\" IN ('waiting')))",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot insert rows from % table', TG_TABLE_NAME;",
                    hash="b1500d4676831b68270ab715bca59471ba9d17c5",
                    operation="INSERT",
                    pgid="pgtrigger_status_begins_4e071",
                    table="counters_visit",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="passportbook",
            trigger=pgtrigger.compiler.Trigger(
                name="status_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."status" IS DISTINCT FROM (NEW."status"))',
                    func='IF OLD."status" || \':\' || NEW."status" <> ALL (\'{ordered:cancelled,ordered:printed,printed:checked,printed:ordered,checked:ready,ready:cancelled,ready:handed_over}\'::text[]) THEN RAISE EXCEPTION \'Status of % may not change from "%" to "%"\', TG_TABLE_NAME, OLD."status", NEW."status"; END IF; IF (SELECT line."old" || \':\' || line."new" FROM "counters_bookevent" line WHERE line."book_id" = NEW."id" ORDER BY line."id" DESC LIMIT 1) IS DISTINCT FROM OLD."status" || \':\' || NEW."status" THEN RAISE EXCEPTION \'Status of % may not change without its line of history\', TG_TABLE_NAME; END IF; RETURN NEW;',
                    hash="550aadd26ede9c151e0ed99ce9fdc4b4629958ba",
                    operation="UPDATE",
                    pgid="pgtrigger_status_moves_67780",
                    table="counters_passportbook",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="passportbook",
            trigger=pgtrigger.compiler.Trigger(
                name="status_begins",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NOT (NEW.\"status\" IN ('ordered')))",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot insert rows from % table', TG_TABLE_NAME;",
                    hash="9efcadad645bc27476e375c921f44884b73d406a",
                    operation="INSERT",
                    pgid="pgtrigger_status_begins_1fcfe",
                    table="counters_passportbook",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="visitevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="62289c772ceeecb86db0f18fc1f453222ed60a1b",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_90eb1",
                    table="counters_visitevent",
                    when="BEFORE",
                ),
            ),
        ),
    ])
