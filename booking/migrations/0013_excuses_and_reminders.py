import core.crypto
import django.contrib.postgres.constraints
import django.db.models.deletion
import offices.dated
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('booking', '0012_payments'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='booking',
            name='reminder_code',
            field=models.CharField(blank=True, db_default='', default='', max_length=10, verbose_name='varian pengingat'),
        ),
        migrations.AddField(
            model_name='restriction',
            name='appeal_reason',
            field=models.CharField(blank=True, choices=[('ill', 'sakit atau kecelakaan'), ('family', 'keluarga sakit atau meninggal'), ('disaster', 'bencana atau cuaca'), ('travel', 'jalan atau kendaraan umum terputus'), ('office', 'saya datang, tetapi tidak tercatat'), ('not_mine', 'bukan saya yang memesan'), ('other', 'hal lain')], db_default='', default='', max_length=10, verbose_name='alasan tidak datang'),
        ),
        migrations.CreateModel(
            name='ReminderWording',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid_from', models.DateField(verbose_name='berlaku sejak')),
                ('valid_until', models.DateField(blank=True, null=True, verbose_name='berlaku sampai')),
                ('instrument', models.CharField(help_text='Surat keputusan atau edaran yang menetapkannya.', max_length=200, verbose_name='dasar hukum')),
                ('code', models.SlugField(max_length=10, verbose_name='varian')),
                ('text', models.CharField(max_length=300, verbose_name='kalimat')),
                ('text_en', models.CharField(max_length=300, verbose_name='kalimat Inggris')),
            ],
            options={
                'verbose_name': 'kalimat pengingat',
                'verbose_name_plural': 'kalimat pengingat',
                'ordering': ['code', 'valid_from'],
                'constraints': [django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('code', '='), (offices.dated.DateRange(models.F('valid_from'), models.F('valid_until'), models.Value('[]')), '&&')], name='reminder_wording_never_overlaps'), models.CheckConstraint(condition=models.Q(('valid_until__isnull', True), ('valid_until__gte', models.F('valid_from')), _connector='OR'), name='reminder_wording_valid_span')],
            },
        ),
        migrations.CreateModel(
            name='StoredFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('excuse', 'bukti keberatan')], max_length=10, verbose_name='jenis')),
                ('content_type', models.CharField(max_length=40, verbose_name='jenis berkas')),
                ('size', models.PositiveIntegerField(verbose_name='ukuran')),
                ('data', core.crypto.EncryptedBytesField(blank=True, verbose_name='isi')),
                ('kept_at', models.DateTimeField(verbose_name='diterima')),
                ('erased_at', models.DateTimeField(blank=True, null=True, verbose_name='isi dihapus')),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='files', to=settings.AUTH_USER_MODEL, verbose_name='akun')),
            ],
            options={
                'verbose_name': 'berkas',
                'verbose_name_plural': 'berkas',
            },
        ),
        migrations.AddField(
            model_name='restriction',
            name='evidence',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='restriction', to='booking.storedfile', verbose_name='bukti'),
        ),
        migrations.AddConstraint(
            model_name='storedfile',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('erased_at__isnull', True), models.Q(('data', ''), _negated=True)), models.Q(('data', ''), ('erased_at__isnull', False)), _connector='OR'), name='stored_file_whole_or_erased'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='storedfile',
            trigger=pgtrigger.compiler.Trigger(name='stored_file_never_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='20e7fda61d91d1a3d4c8f80d0bcf3180673dec0f', operation='DELETE', pgid='pgtrigger_stored_file_never_deleted_e9324', table='booking_storedfile', when='BEFORE')),
        ),
    ]
