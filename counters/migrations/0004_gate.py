import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Undone check-ins, the start of the two hours, and refusals at the gate."""

    dependencies = [
        ('booking', '0008_gate'),
        ('counters', '0003_reasons'),
        ('offices', '0006_day_rules'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='GateRefusal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(verbose_name='tanggal')),
                ('at', models.DateTimeField(verbose_name='pada')),
                ('kind', models.CharField(choices=[('walk_in', 'datang tanpa jadwal'), ('companion', 'pendamping'), ('screening', 'pemeriksaan kesehatan'), ('name', 'nama tidak cocok')], max_length=10, verbose_name='yang ditolak')),
            ],
            options={
                'verbose_name': 'penolakan di gerbang',
                'verbose_name_plural': 'penolakan di gerbang',
                'ordering': ['-at', '-id'],
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='visit',
            name='status_moves',
        ),
        migrations.RemoveConstraint(
            model_name='visit',
            name='visit_first_once_a_booking',
        ),
        migrations.RemoveConstraint(
            model_name='visit',
            name='visit_ended_as_status_claims',
        ),
        migrations.AddField(
            model_name='visit',
            name='clock_from',
            field=models.DateTimeField(null=True, verbose_name='waktu pelayanan dihitung sejak'),
        ),
        # Visits of the time before: until now the two hours began at the arrival.
        migrations.RunSQL(
            "UPDATE counters_visit SET clock_from = arrived_at", migrations.RunSQL.noop
        ),
        migrations.AlterField(
            model_name='visit',
            name='clock_from',
            field=models.DateTimeField(verbose_name='waktu pelayanan dihitung sejak'),
        ),
        migrations.AlterField(
            model_name='visit',
            name='status',
            field=models.CharField(choices=[('waiting', 'Menunggu'), ('called', 'Dipanggil'), ('serving', 'Dilayani'), ('finished', 'Selesai'), ('incomplete', 'Berkas kurang'), ('left', 'Pergi sebelum dilayani'), ('refused', 'Ditolak, nama tidak cocok'), ('undone', 'Daftar ulang dibatalkan')], default='waiting', max_length=12, verbose_name='status'),
        ),
        migrations.AlterField(
            model_name='visitevent',
            name='kind',
            field=models.CharField(choices=[('arrived', 'tiba'), ('returned', 'datang lagi'), ('called', 'dipanggil menurut urutan'), ('called_out_of_order', 'dipanggil di luar urutan'), ('recalled', 'dipanggil ulang'), ('skipped', 'dilewati'), ('started', 'mulai dilayani'), ('rework', 'tahap diulang'), ('passed_on', 'dialihkan'), ('incomplete', 'berkas kurang'), ('finished', 'selesai'), ('left', 'pergi'), ('left_over', 'sisa hari sebelumnya'), ('refused', 'nama tidak cocok'), ('undone', 'daftar ulang dibatalkan'), ('moved_lane', 'dipindah ke jalur prioritas')], max_length=20, verbose_name='kejadian'),
        ),
        migrations.AlterField(
            model_name='visitevent',
            name='new',
            field=models.CharField(choices=[('waiting', 'Menunggu'), ('called', 'Dipanggil'), ('serving', 'Dilayani'), ('finished', 'Selesai'), ('incomplete', 'Berkas kurang'), ('left', 'Pergi sebelum dilayani'), ('refused', 'Ditolak, nama tidak cocok'), ('undone', 'Daftar ulang dibatalkan')], max_length=12, verbose_name='menjadi'),
        ),
        migrations.AlterField(
            model_name='visitevent',
            name='old',
            field=models.CharField(blank=True, choices=[('waiting', 'Menunggu'), ('called', 'Dipanggil'), ('serving', 'Dilayani'), ('finished', 'Selesai'), ('incomplete', 'Berkas kurang'), ('left', 'Pergi sebelum dilayani'), ('refused', 'Ditolak, nama tidak cocok'), ('undone', 'Daftar ulang dibatalkan')], max_length=12, verbose_name='dari'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='visit',
            trigger=pgtrigger.compiler.Trigger(name='status_moves', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."status" IS DISTINCT FROM (NEW."status"))', func='IF OLD."status" || \':\' || NEW."status" <> ALL (\'{waiting:called,waiting:left,waiting:refused,waiting:undone,called:left,called:refused,called:serving,called:waiting,serving:finished,serving:incomplete,serving:refused,serving:waiting,left:waiting,refused:waiting}\'::text[]) THEN RAISE EXCEPTION \'Status of % may not change from "%" to "%"\', TG_TABLE_NAME, OLD."status", NEW."status"; END IF; IF (SELECT line."old" || \':\' || line."new" FROM "counters_visitevent" line WHERE line."visit_id" = NEW."id" ORDER BY line."id" DESC LIMIT 1) IS DISTINCT FROM OLD."status" || \':\' || NEW."status" THEN RAISE EXCEPTION \'Status of % may not change without its line of history\', TG_TABLE_NAME; END IF; RETURN NEW;', hash='efc43f171b0b69d385f5a0efda3d39c7cff69fac', operation='UPDATE', pgid='pgtrigger_status_moves_04596', table='counters_visit', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='visit',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'first'), models.Q(('status', 'undone'), _negated=True)), fields=('booking',), name='visit_first_once_a_booking'),
        ),
        migrations.AddConstraint(
            model_name='visit',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', False), ('status__in', ['finished', 'incomplete', 'left', 'refused', 'undone'])), models.Q(models.Q(('status__in', ['finished', 'incomplete', 'left', 'refused', 'undone']), _negated=True), ('ended_at__isnull', True)), _connector='OR'), name='visit_ended_as_status_claims'),
        ),
        migrations.AddField(
            model_name='gaterefusal',
            name='booking',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='gate_refusals', to='booking.booking', verbose_name='booking'),
        ),
        migrations.AddField(
            model_name='gaterefusal',
            name='by',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='oleh'),
        ),
        migrations.AddField(
            model_name='gaterefusal',
            name='office',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='gate_refusals', to='offices.office', verbose_name='kantor'),
        ),
        migrations.AddField(
            model_name='gaterefusal',
            name='reason',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='offices.reason', verbose_name='alasan'),
        ),
        migrations.AddIndex(
            model_name='gaterefusal',
            index=models.Index(fields=['office', 'day'], name='gate_refusal_by_office_and_day'),
        ),
        migrations.AddConstraint(
            model_name='gaterefusal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'name'), _negated=True), ('booking__isnull', False), _connector='OR'), name='gate_refusal_of_a_booking'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='gaterefusal',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='eb46fa8c10d886826878535f0e057c9404e72b06', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_dcdfe', table='counters_gaterefusal', when='BEFORE')),
        ),
    ]
