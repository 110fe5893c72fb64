"""The tables as they were before the first release; a database of an older version counts as having them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('notifications', '0001_initial'),
        ('notifications', '0002_due_order'),
        ('notifications', '0003_one_vocabulary'),
        ('notifications', '0004_more_ways'),
        ('notifications', '0005_hidden'),
        ('notifications', '0006_work_messages_and_quiet_hours'),
    ]

    dependencies = [
        ('accounts', '0001_tables'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Heartbeat',
            fields=[
                ('part', models.CharField(max_length=20, primary_key=True, serialize=False)),
                ('beat_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='SmsReport',
            fields=[
                ('event_id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('received_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Wishes',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, serialize=False, to=settings.AUTH_USER_MODEL)),
                ('digest', models.BooleanField(default=True)),
                ('digest_hour', models.PositiveSmallIntegerField(default=9)),
                ('reminders', models.BooleanField(default=True)),
                ('by_sms', models.BooleanField(default=True)),
                ('by_email', models.BooleanField(default=False)),
                ('digested_on', models.DateField(blank=True, null=True)),
            ],
            options={
                'verbose_name_plural': 'wishes',
                'constraints': [models.CheckConstraint(condition=models.Q(('digest_hour__gte', 8), ('digest_hour__lt', 13)), name='digest_comes_in_the_morning')],
            },
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('next_try_at', models.DateTimeField()),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('key', models.CharField(max_length=200, unique=True)),
                ('channel', models.CharField(choices=[('SMS', 'SMS'), ('CABINET', 'Жеке кабинет'), ('SECOND', 'Екінші нөмірге SMS'), ('EMAIL', 'Электрондық пошта'), ('PUSH', 'eGov хабарламасы')], max_length=7)),
                ('template', models.CharField(max_length=40)),
                ('context', models.JSONField(blank=True, default=dict)),
                ('link', models.CharField(blank=True, max_length=200)),
                ('phone', models.CharField(blank=True, max_length=12)),
                ('text', models.CharField(blank=True, max_length=140)),
                ('state', models.CharField(choices=[('PENDING', 'Жіберілуде'), ('SENT', 'Жіберілді'), ('DELIVERED', 'Жеткізілді'), ('UNDELIVERED', 'Жеткізілмеді'), ('DEAD', 'Жіберілмеді')], default='PENDING', max_length=11)),
                ('provider_id', models.CharField(blank=True, db_index=True, max_length=64)),
                ('error', models.CharField(blank=True, max_length=200)),
                ('created_at', models.DateTimeField()),
                ('held_until', models.DateTimeField(blank=True, null=True)),
                ('good_until', models.DateTimeField(blank=True, null=True)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('delivered_at', models.DateTimeField(blank=True, null=True)),
                ('read_at', models.DateTimeField(blank=True, null=True)),
                ('missed_at', models.DateTimeField(blank=True, null=True)),
                ('reached_at', models.DateTimeField(blank=True, null=True)),
                ('hidden_at', models.DateTimeField(blank=True, null=True)),
                ('reached_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('recipient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='messages', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(models.Q(('channel', 'CABINET'), _negated=True), ('state__in', ['PENDING', 'SENT'])), fields=['next_try_at', 'id'], name='message_due'), models.Index(condition=models.Q(('channel', 'SMS'), ('missed_at', None), models.Q(('state', 'DELIVERED'), _negated=True)), fields=['created_at'], name='message_in_doubt'), models.Index(condition=models.Q(('missed_at__isnull', False), ('reached_at', None)), fields=['recipient'], name='message_unreached'), models.Index(fields=['recipient', '-created_at'], name='message_inbox')],
            },
        ),
    ]
