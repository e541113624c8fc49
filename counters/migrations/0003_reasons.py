import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

COPY = """
INSERT INTO offices_reason (id, use, code, name, name_en, needs_note, valid_from, valid_until, instrument)
SELECT id, 'out_of_order', code, name, name_en, needs_note, valid_from, valid_until, instrument FROM counters_callreason;
SELECT setval(pg_get_serial_sequence('offices_reason', 'id'), COALESCE((SELECT max(id) FROM offices_reason), 0) + 1, false);
"""


class Migration(migrations.Migration):
    """The reasons for calling out of order become rows of offices.Reason, with the same ids."""

    dependencies = [
        ("counters", "0002_call_reasons"),
        ("offices", "0006_day_rules"),
    ]

    operations = [
        migrations.RunSQL(COPY, migrations.RunSQL.noop),
        migrations.RemoveConstraint("visitevent", "visit_event_call_reason"),
        migrations.RenameField("visitevent", "call_reason", "listed_reason"),
        migrations.AlterField(
            "visitevent",
            "listed_reason",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="offices.reason",
                verbose_name="alasan dari daftar",
            ),
        ),
        # Not valid: lines of calls before the list have a text only, and history never changes.
        AddConstraintNotValid(
            "visitevent",
            models.CheckConstraint(
                condition=models.Q(("kind", "called_out_of_order"), _negated=True)
                | models.Q(("listed_reason__isnull", False)),
                name="visit_event_reason_out_of_order",
            ),
        ),
        migrations.DeleteModel("CallReason"),
    ]
