"""Triggers of `core.status`: allowed moves, no move without its line of history, histories that cannot change."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("booking", "0100_drop_booking_functions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="offerevent",
            options={
                "ordering": ["at", "id"],
                "verbose_name": "riwayat tawaran",
                "verbose_name_plural": "riwayat tawaran",
            },
        ),
        migrations.AlterModelOptions(
            name="waitingevent",
            options={
                "ordering": ["at", "id"],
                "verbose_name": "riwayat daftar tunggu",
                "verbose_name_plural": "riwayat daftar tunggu",
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="booking",
            name="booking_status_moves",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="bookingevent",
            name="booking_event_append_only",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="contest",
            name="contest_status_moves",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="contestevent",
            name="contest_event_append_only",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="offer",
            name="offer_status_moves",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="offerevent",
            name="offer_event_append_only",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="restrictionevent",
            name="restriction_event_append_only",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="waitingevent",
            name="waiting_event_append_only",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="waitinglistentry",
            name="waiting_entry_status_moves",
        ),
        migrations.AlterField(
            model_name="contestevent",
            name="by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="oleh",
            ),
        ),
        migrations.AlterField(
            model_name="offerevent",
            name="reason",
            field=models.CharField(blank=True, max_length=200, verbose_name="alasan"),
        ),
        migrations.AlterField(
            model_name="restrictionevent",
            name="by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="oleh",
            ),
        ),
        migrations.AlterField(
            model_name="waitingevent",
            name="reason",
            field=models.CharField(blank=True, max_length=200, verbose_name="alasan"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="booking",
            trigger=pgtrigger.compiler.Trigger(
                name="status_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."status" IS DISTINCT FROM (NEW."status"))',
                    func='IF OLD."status" || \':\' || NEW."status" <> ALL (\'{held:booked,held:cancelled,held:displaced,held:expired,booked:cancelled,booked:checked_in,booked:displaced,booked:no_show,displaced:booked,displaced:cancelled,checked_in:no_show,checked_in:served,no_show:checked_in}\'::text[]) THEN RAISE EXCEPTION \'Status of % may not change from "%" to "%"\', TG_TABLE_NAME, OLD."status", NEW."status"; END IF; IF (SELECT line."old" || \':\' || line."new" FROM "booking_bookingevent" line WHERE line."booking_id" = NEW."id" ORDER BY line."id" DESC LIMIT 1) IS DISTINCT FROM OLD."status" || \':\' || NEW."status" THEN RAISE EXCEPTION \'Status of % may not change without its line of history\', TG_TABLE_NAME; END IF; RETURN NEW;',
                    hash="db18abbcb24abbbfd83a9f3e3cb2cf703508cdee",
                    operation="UPDATE",
                    pgid="pgtrigger_status_moves_733d3",
                    table="booking_booking",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="booking",
            trigger=pgtrigger.compiler.Trigger(
                name="status_begins",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NOT (NEW.\"status\" IN ('held', 'booked')))",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot insert rows from % table', TG_TABLE_NAME;",
                    hash="161e31f18424e08b7fc486eb1f89d969c4479130",
                    operation="INSERT",
                    pgid="pgtrigger_status_begins_0b407",
                    table="booking_booking",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="bookingevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="72dc78b49b808da49c6294bbbc2e3251f6a2f687",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_ae242",
                    table="booking_bookingevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contest",
            trigger=pgtrigger.compiler.Trigger(
                name="status_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."status" IS DISTINCT FROM (NEW."status"))',
                    func='IF OLD."status" || \':\' || NEW."status" <> ALL (\'{open:dismissed,open:lapsed,open:released,open:withdrawn}\'::text[]) THEN RAISE EXCEPTION \'Status of % may not change from "%" to "%"\', TG_TABLE_NAME, OLD."status", NEW."status"; END IF; IF (SELECT line."old" || \':\' || line."new" FROM "booking_contestevent" line WHERE line."contest_id" = NEW."id" ORDER BY line."id" DESC LIMIT 1) IS DISTINCT FROM OLD."status" || \':\' || NEW."status" THEN RAISE EXCEPTION \'Status of % may not change without its line of history\', TG_TABLE_NAME; END IF; RETURN NEW;',
                    hash="27e00a74015f40d407778ef813402147d6e68156",
                    operation="UPDATE",
                    pgid="pgtrigger_status_moves_1536c",
                    table="booking_contest",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contest",
            trigger=pgtrigger.compiler.Trigger(
                name="status_begins",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NOT (NEW.\"status\" IN ('open')))",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot insert rows from % table', TG_TABLE_NAME;",
                    hash="b12d09a496e1f6153ef47d80c56d558d5a2d9616",
                    operation="INSERT",
                    pgid="pgtrigger_status_begins_061ab",
                    table="booking_contest",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contestevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="2651579f717459e9beb9bf480563de0dd4538c56",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_4b0a1",
                    table="booking_contestevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="offer",
            trigger=pgtrigger.compiler.Trigger(
                name="status_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."status" IS DISTINCT FROM (NEW."status"))',
                    func='IF OLD."status" || \':\' || NEW."status" <> ALL (\'{open:accepted,open:declined,open:expired,open:withdrawn}\'::text[]) THEN RAISE EXCEPTION \'Status of % may not change from "%" to "%"\', TG_TABLE_NAME, OLD."status", NEW."status"; END IF; IF (SELECT line."old" || \':\' || line."new" FROM "booking_offerevent" line WHERE line."offer_id" = NEW."id" ORDER BY line."id" DESC LIMIT 1) IS DISTINCT FROM OLD."status" || \':\' || NEW."status" THEN RAISE EXCEPTION \'Status of % may not change without its line of history\', TG_TABLE_NAME; END IF; RETURN NEW;',
                    hash="8b43e260726d98c0728db92ea6a8c92d13a8506b",
                    operation="UPDATE",
                    pgid="pgtrigger_status_moves_ca4d8",
                    table="booking_offer",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="offer",
            trigger=pgtrigger.compiler.Trigger(
                name="status_begins",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NOT (NEW.\"status\" IN ('open')))",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot insert rows from % table', TG_TABLE_NAME;",
                    hash="8a8075217f984f3300fb334d1e07c24f6c2680a4",
                    operation="INSERT",
                    pgid="pgtrigger_status_begins_85a78",
                    table="booking_offer",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="offerevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="6645af430ae1af63c9f67befe3f02b50d077387c",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_1ef63",
                    table="booking_offerevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="restrictionevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="a73df33e2960cc4767b5f8a82573413283eb3840",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_72388",
                    table="booking_restrictionevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="waitingevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="bd6bd4615e9c604ade8b19c47dca2615480b80ff",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_7f763",
                    table="booking_waitingevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="waitinglistentry",
            trigger=pgtrigger.compiler.Trigger(
                name="status_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."status" IS DISTINCT FROM (NEW."status"))',
                    func='IF OLD."status" || \':\' || NEW."status" <> ALL (\'{waiting:booked,waiting:changed,waiting:lapsed,waiting:placed,waiting:stopped,waiting:used_up}\'::text[]) THEN RAISE EXCEPTION \'Status of % may not change from "%" to "%"\', TG_TABLE_NAME, OLD."status", NEW."status"; END IF; IF (SELECT line."old" || \':\' || line."new" FROM "booking_waitingevent" line WHERE line."entry_id" = NEW."id" ORDER BY line."id" DESC LIMIT 1) IS DISTINCT FROM OLD."status" || \':\' || NEW."status" THEN RAISE EXCEPTION \'Status of % may not change without its line of history\', TG_TABLE_NAME; END IF; RETURN NEW;',
                    hash="54abcb80f28f937ebd29140b052916bd92a4d01e",
                    operation="UPDATE",
                    pgid="pgtrigger_status_moves_f0000",
                    table="booking_waitinglistentry",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="waitinglistentry",
            trigger=pgtrigger.compiler.Trigger(
                name="status_begins",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NOT (NEW.\"status\" IN ('waiting')))",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot insert rows from % table', TG_TABLE_NAME;",
                    hash="3845cf9af496ed357cb63665eb227642dc48091b",
                    operation="INSERT",
                    pgid="pgtrigger_status_begins_84b66",
                    table="booking_waitinglistentry",
                    when="BEFORE",
                ),
            ),
        ),
    ]
