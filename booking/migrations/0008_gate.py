import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """Hours given by an officer in the office, and check-ins that are undone."""

    dependencies = [
        ('booking', '0007_objections'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='booking',
            name='status_moves',
        ),
        migrations.AlterField(
            model_name='booking',
            name='via',
            field=models.CharField(choices=[('first_come', 'siapa cepat'), ('draw', 'undian'), ('waiting_list', 'daftar tunggu'), ('moved_by_applicant', 'dijadwalkan ulang oleh pemohon'), ('moved_by_office', 'dipindahkan oleh kantor'), ('desk', 'di kantor'), ('at_office', 'dipilihkan petugas di kantor')], max_length=20, verbose_name='melalui'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='booking',
            trigger=pgtrigger.compiler.Trigger(name='status_moves', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."status" IS DISTINCT FROM (NEW."status"))', func='IF OLD."status" || \':\' || NEW."status" <> ALL (\'{held:booked,held:cancelled,held:displaced,held:expired,booked:cancelled,booked:checked_in,booked:displaced,booked:no_show,displaced:booked,displaced:cancelled,checked_in:booked,checked_in:no_show,checked_in:served,no_show:checked_in}\'::text[]) THEN RAISE EXCEPTION \'Status of % may not change from "%" to "%"\', TG_TABLE_NAME, OLD."status", NEW."status"; END IF; IF (SELECT line."old" || \':\' || line."new" FROM "booking_bookingevent" line WHERE line."booking_id" = NEW."id" ORDER BY line."id" DESC LIMIT 1) IS DISTINCT FROM OLD."status" || \':\' || NEW."status" THEN RAISE EXCEPTION \'Status of % may not change without its line of history\', TG_TABLE_NAME; END IF; RETURN NEW;', hash='f587046015045d1e73ce19ff2f98a9d1329b2d06', operation='UPDATE', pgid='pgtrigger_status_moves_733d3', table='booking_booking', when='BEFORE')),
        ),
    ]
