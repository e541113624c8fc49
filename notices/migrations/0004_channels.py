from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('notices', '0003_withdrawn_messages'),
    ]

    operations = [
        migrations.CreateModel(
            name='ChannelRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('topic', models.CharField(max_length=20, verbose_name='topik')),
                ('channel', models.CharField(choices=[('email', 'surel'), ('whatsapp', 'WhatsApp'), ('sms', 'SMS')], max_length=10, verbose_name='saluran')),
                ('is_offered', models.BooleanField(default=True, verbose_name='ditawarkan')),
                ('is_preset', models.BooleanField(default=False, verbose_name='aktif sebelum dipilih')),
            ],
            options={
                'verbose_name': 'saluran pesan',
                'verbose_name_plural': 'saluran pesan',
                'ordering': ['topic', 'channel'],
            },
        ),
        migrations.AddField(
            model_name='message',
            name='delivered_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='sampai'),
        ),
        migrations.AddField(
            model_name='message',
            name='failed_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='tidak sampai'),
        ),
        migrations.AddField(
            model_name='message',
            name='report_key',
            field=models.CharField(blank=True, db_default='', default='', max_length=64),
        ),
        migrations.AlterField(
            model_name='message',
            name='channel',
            field=models.CharField(choices=[('email', 'surel'), ('whatsapp', 'WhatsApp'), ('sms', 'SMS')], default='email', max_length=10, verbose_name='saluran'),
        ),
        migrations.AlterField(
            model_name='message',
            name='suppressed_reason',
            field=models.CharField(blank=True, choices=[('address', 'terlalu banyak pesan ke alamat ini'), ('account', 'terlalu banyak pesan dari satu akun'), ('network', 'terlalu banyak pesan dari satu jaringan'), ('unconfirmed', 'alamat belum diverifikasi'), ('unconfirmed_day', 'alamat belum diverifikasi: batas pesan sehari tercapai'), ('withdrawn', 'ditarik sebelum dikirim'), ('preference', 'penerima tidak memilih saluran ini')], db_default='', default='', max_length=20, verbose_name='alasan ditahan'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(fields=['address_key', '-id'], name='message_of_mailbox'),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('delivered_at__isnull', True), ('failed_at__isnull', True)), models.Q(('report_key__gt', ''), ('sent_at__isnull', False)), _connector='OR'), name='message_reported_after_it_was_sent'),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.UniqueConstraint(condition=models.Q(('report_key', ''), _negated=True), fields=('report_key',), name='message_report_key_once'),
        ),
        migrations.AddConstraint(
            model_name='channelrule',
            constraint=models.UniqueConstraint(fields=('topic', 'channel'), name='channel_rule_once'),
        ),
    ]
