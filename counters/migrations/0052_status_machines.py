"""Triggers of `core.status` for visits and passports."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("counters", "0051_one_paper_line_at_a_time"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="bookevent",
            name="book_event_append_only",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="passportbook",
            name="book_status_moves",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="visit",
            name="visit_status_moves",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="visitevent",
            name="visit_event_append_only",
        ),
        migrations.AlterField(
            model_name="bookevent",
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
            model_name="visitevent",
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
    ]
