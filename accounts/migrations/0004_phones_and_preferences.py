import core.crypto
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_personal_data'),
    ]

    operations = [
        migrations.CreateModel(
            name='Phone',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='phone', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('number', core.crypto.EncryptedTextField(verbose_name='nomor ponsel')),
                ('code_hash', models.CharField(blank=True, default='', max_length=64)),
                ('issued_at', models.DateTimeField(verbose_name='kode dikirim')),
                ('confirmed_at', models.DateTimeField(blank=True, null=True, verbose_name='dikonfirmasi')),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('counted_since', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'nomor ponsel',
                'verbose_name_plural': 'nomor ponsel',
            },
        ),
        migrations.CreateModel(
            name='MessagePreference',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('topic', models.CharField(max_length=20, verbose_name='topik')),
                ('channel', models.CharField(choices=[('email', 'surel'), ('whatsapp', 'WhatsApp'), ('sms', 'SMS')], max_length=10, verbose_name='saluran')),
                ('is_on', models.BooleanField(verbose_name='aktif')),
                ('changed_at', models.DateTimeField(verbose_name='diubah')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='message_preferences', to=settings.AUTH_USER_MODEL, verbose_name='akun')),
            ],
            options={
                'verbose_name': 'pilihan pesan',
                'verbose_name_plural': 'pilihan pesan',
                'constraints': [models.UniqueConstraint(fields=('user', 'topic', 'channel'), name='message_preference_once')],
            },
        ),
    ]
