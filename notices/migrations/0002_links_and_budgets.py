"""Answers by links in messages, and what the budgets of messages count."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("notices", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name='LinkAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('purpose', models.CharField(max_length=40, verbose_name='untuk')),
                ('subject', models.CharField(max_length=40, verbose_name='nomor objek')),
                ('action', models.CharField(max_length=20, verbose_name='jawaban')),
                ('message_number', models.BigIntegerField(blank=True, null=True, verbose_name='nomor pesan')),
                ('account_number', models.BigIntegerField(blank=True, null=True, verbose_name='nomor akun')),
                ('at', models.DateTimeField(verbose_name='pada')),
            ],
            options={
                'verbose_name': 'jawaban lewat tautan',
                'verbose_name_plural': 'jawaban lewat tautan',
                'ordering': ['at', 'id'],
            },
        ),
        migrations.RemoveIndex(
            model_name='message',
            name='message_waiting',
        ),
        migrations.AddField(
            model_name='message',
            name='account_number',
            field=models.BigIntegerField(blank=True, null=True, verbose_name='nomor akun pemicu'),
        ),
        migrations.AddField(
            model_name='message',
            name='address_key',
            field=models.CharField(blank=True, db_default='', default='', max_length=64),
        ),
        migrations.AddField(
            model_name='message',
            name='admitted_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='boleh dikirim sejak'),
        ),
        migrations.AddField(
            model_name='message',
            name='is_always_sent',
            field=models.BooleanField(db_default=False, default=False, verbose_name='selalu dikirim'),
        ),
        migrations.AddField(
            model_name='message',
            name='network_key',
            field=models.CharField(blank=True, db_default='', default='', max_length=64),
        ),
        migrations.AddField(
            model_name='message',
            name='suppressed_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='ditahan'),
        ),
        migrations.AddField(
            model_name='message',
            name='suppressed_reason',
            field=models.CharField(blank=True, choices=[('address', 'terlalu banyak pesan ke alamat ini'), ('account', 'terlalu banyak pesan dari satu akun'), ('network', 'terlalu banyak pesan dari satu jaringan'), ('unconfirmed', 'alamat belum diverifikasi'), ('unconfirmed_day', 'alamat belum diverifikasi: batas pesan sehari tercapai')], db_default='', default='', max_length=20, verbose_name='alasan ditahan'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('given_up_at__isnull', True), ('sent_at__isnull', True), ('suppressed_at__isnull', True)), fields=['next_at', 'id'], name='message_waiting'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('admitted_at__isnull', False), ('is_always_sent', False)), fields=['address_key', 'created_at'], name='message_to_address'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('admitted_at__isnull', False), ('is_always_sent', False)), fields=['account_number', 'created_at'], name='message_by_account'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('admitted_at__isnull', False), ('is_always_sent', False)), fields=['network_key', 'created_at'], name='message_by_network'),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('suppressed_at__isnull', True), ('suppressed_reason', '')), models.Q(('is_always_sent', False), ('sent_at__isnull', True), ('suppressed_at__isnull', False), models.Q(('suppressed_reason', ''), _negated=True)), _connector='OR'), name='message_suppressed_with_a_reason'),
        ),
        migrations.AddIndex(
            model_name='linkanswer',
            index=models.Index(fields=['purpose', 'subject'], name='link_answer_subject'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='linkanswer',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='350aaa01137606dd3b7649a451a682e73626d982', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_47d12', table='notices_linkanswer', when='BEFORE')),
        ),
    ]
