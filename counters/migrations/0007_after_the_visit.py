import booking.codes
import core.crypto
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core.operations import together


class Migration(migrations.Migration):

    dependencies = [
        ('counters', '0006_complaints_and_survey'),
        ('offices', '0010_holiday_proposals'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = together([
        migrations.CreateModel(
            name='AuthorityLetter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(default=booking.codes.new_code, max_length=12, unique=True, verbose_name='nomor surat')),
                ('collector_name', core.crypto.EncryptedTextField(blank=True, verbose_name='nama penerima kuasa')),
                ('collector_identity', core.crypto.EncryptedTextField(blank=True, verbose_name='NIK penerima kuasa')),
                ('made_at', models.DateTimeField(verbose_name='dibuat')),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True, verbose_name='dicabut')),
                ('erased_at', models.DateTimeField(blank=True, null=True, verbose_name='data dihapus')),
            ],
            options={
                'verbose_name': 'surat kuasa',
                'verbose_name_plural': 'surat kuasa',
                'ordering': ['-made_at', '-id'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='drivethruhour',
            name='drive_thru_hour_once_an_office',
        ),
        migrations.RemoveConstraint(
            model_name='drivethrurule',
            name='drive_thru_rule_bounds',
        ),
        migrations.AddField(
            model_name='drivethruhour',
            name='where',
            field=models.CharField(choices=[('desk', 'loket pengambilan'), ('drive_thru', 'drive-thru')], db_default='drive_thru', default='drive_thru', max_length=12, verbose_name='tempat'),
        ),
        migrations.AddField(
            model_name='drivethrurule',
            name='desk_places',
            field=models.PositiveSmallIntegerField(db_default=0, default=0, validators=[django.core.validators.MaxValueValidator(200)], verbose_name='orang per jam pengambilan di loket'),
        ),
        migrations.AlterField(
            model_name='drivethruhour',
            name='places',
            field=models.PositiveSmallIntegerField(verbose_name='tempat'),
        ),
        migrations.AlterField(
            model_name='pickup',
            name='booked_for',
            field=models.DateTimeField(blank=True, null=True, verbose_name='jam pengambilan'),
        ),
        migrations.AddConstraint(
            model_name='drivethruhour',
            constraint=models.UniqueConstraint(fields=('office', 'where', 'starts_at'), name='drive_thru_hour_once_an_office'),
        ),
        migrations.AddConstraint(
            model_name='drivethrurule',
            constraint=models.CheckConstraint(condition=models.Q(('days_ahead__range', (1, 60)), ('desk_places__range', (0, 200)), ('minutes__range', (5, 240)), ('opens__lt', models.F('closes')), ('places__range', (1, 200))), name='drive_thru_rule_bounds'),
        ),
        migrations.AddField(
            model_name='authorityletter',
            name='book',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='authority_letters', to='counters.passportbook', verbose_name='buku paspor'),
        ),
        migrations.AddField(
            model_name='authorityletter',
            name='made_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='dibuat oleh'),
        ),
        migrations.AddField(
            model_name='pickup',
            name='authority',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='counters.authorityletter', verbose_name='surat kuasa'),
        ),
        migrations.AddConstraint(
            model_name='authorityletter',
            constraint=models.UniqueConstraint(condition=models.Q(('withdrawn_at__isnull', True)), fields=('book',), name='authority_letter_one_in_force'),
        ),
        migrations.AddConstraint(
            model_name='authorityletter',
            constraint=models.CheckConstraint(condition=models.Q(('erased_at__isnull', False), models.Q(models.Q(('collector_name', ''), _negated=True), models.Q(('collector_identity', ''), _negated=True)), _connector='OR'), name='authority_letter_names_somebody'),
        ),
    ])
