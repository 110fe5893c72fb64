"""The tables as they were before the first release; a database of an older version counts as having them."""

import accounts.fields
import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('accounts', '0001_initial'),
        ('accounts', '0002_trouble'),
        ('accounts', '0003_longer_names'),
        ('accounts', '0004_phone_known_at'),
        ('accounts', '0005_more_ways'),
        ('accounts', '0006_revoked_consents'),
        ('accounts', '0007_protection'),
        ('accounts', '0008_tie_with_an_age'),
        ('accounts', '0009_journal'),
        ('accounts', '0010_phone_confirmed_at'),
        ('accounts', '0011_protection_by_register'),
        ('accounts', '0012_erased'),
        ('accounts', '0013_locked_tokens'),
        ('accounts', '0014_ties_by_time'),
    ]

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Child',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('iin', models.CharField(max_length=12, unique=True)),
                ('surname', models.CharField(blank=True, max_length=300)),
                ('name', models.CharField(max_length=300)),
                ('patronymic', models.CharField(blank=True, max_length=300)),
                ('birth_date', models.DateField()),
                ('sex', models.CharField(choices=[('M', 'Ұл'), ('F', 'Қыз')], max_length=1)),
                ('registered_address', models.JSONField(blank=True, default=dict)),
                ('refreshed_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='JournalLink',
            fields=[
                ('position', models.BigIntegerField(primary_key=True, serialize=False)),
                ('entry', models.BigIntegerField(unique=True)),
                ('entry_hash', models.CharField(max_length=64)),
                ('previous', models.CharField(max_length=64)),
                ('hash', models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name='Trouble',
            fields=[
                ('system', models.CharField(max_length=20, primary_key=True, serialize=False)),
                ('ours', models.BooleanField()),
                ('reason', models.CharField(max_length=100)),
                ('failures', models.PositiveIntegerField(default=1)),
                ('since', models.DateTimeField()),
                ('seen_at', models.DateTimeField()),
                ('until', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('iin', models.CharField(max_length=12, unique=True)),
                ('surname', models.CharField(blank=True, max_length=300)),
                ('name', models.CharField(blank=True, max_length=300)),
                ('patronymic', models.CharField(blank=True, max_length=300)),
                ('birth_date', models.DateField(blank=True, null=True)),
                ('phone', models.CharField(blank=True, max_length=12)),
                ('phone_known_at', models.DateTimeField(blank=True, null=True)),
                ('phone_confirmed_at', models.DateTimeField(blank=True, null=True)),
                ('second_phone', models.CharField(blank=True, max_length=12)),
                ('email', models.EmailField(blank=True, max_length=254)),
                ('ways_allowed_at', models.DateTimeField(blank=True, null=True)),
                ('lang', models.CharField(choices=[('kk', 'Қазақша'), ('ru', 'Русский')], default='kk', max_length=2)),
                ('registered_address', models.JSONField(blank=True, default=dict)),
                ('refreshed_at', models.DateTimeField(blank=True, null=True)),
                ('is_active', models.BooleanField(default=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('iin__regex', '^\\d{12}$')), name='user_iin_has_twelve_digits')],
            },
        ),
        migrations.CreateModel(
            name='Guardianship',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('relation', models.CharField(choices=[('PARENT', 'Ата-анасы'), ('GUARDIAN', 'Заңды өкілі')], default='PARENT', max_length=8)),
                ('document', models.CharField(blank=True, max_length=100)),
                ('added_at', models.DateTimeField(auto_now_add=True)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('denied_at', models.DateTimeField(blank=True, null=True)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('child', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='guardianships', to='accounts.child')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='guardianships', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddField(
            model_name='child',
            name='guardians',
            field=models.ManyToManyField(related_name='children', through='accounts.Guardianship', to=settings.AUTH_USER_MODEL),
        ),
        migrations.CreateModel(
            name='JournalEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('kind', models.CharField(choices=[('BASELINE', 'Baseline'), ('INSERT', 'Insert'), ('UPDATE', 'Update'), ('DELETE', 'Delete'), ('READ', 'Read'), ('SIGN_IN', 'Sign In'), ('SIGN_OUT', 'Sign Out'), ('ERASED', 'Erased')], max_length=8)),
                ('model', models.CharField(max_length=40)),
                ('row', models.CharField(max_length=64)),
                ('said', models.JSONField(null=True)),
                ('child', models.BigIntegerField(null=True)),
                ('nonce', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), editable=False)),
                ('facts', models.JSONField(default=dict)),
            ],
            options={
                'indexes': [models.Index(fields=['model', 'row', 'id'], name='journal_of_a_row'), models.Index(condition=models.Q(('child__isnull', False)), fields=['child', 'id'], name='journal_of_a_child')],
            },
        ),
        migrations.CreateModel(
            name='Protection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('child_iin', models.CharField(max_length=12)),
                ('barred_iin', models.CharField(max_length=12)),
                ('since', models.DateTimeField()),
                ('why', models.CharField(max_length=300)),
                ('document', models.CharField(blank=True, max_length=100)),
                ('decided_on', models.DateField(blank=True, null=True)),
                ('until', models.DateField(blank=True, null=True)),
                ('region', models.CharField(blank=True, max_length=9)),
                ('lifted_at', models.DateTimeField(blank=True, null=True)),
                ('lifted_why', models.CharField(blank=True, max_length=300)),
                ('lifted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('set_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('child_iin', models.CharField(blank=True, max_length=12)),
                ('reference', models.CharField(max_length=64, unique=True)),
                ('status', models.CharField(choices=[('PENDING', 'Жауап күтілуде'), ('GRANTED', 'Келісім берілді'), ('DENIED', 'Келісім берілмеді'), ('EXPIRED', 'Мерзімі өтті'), ('REVOKED', 'Қайтарып алынды')], db_index=True, default='PENDING', max_length=8)),
                ('token', accounts.fields.LockedTextField(blank=True)),
                ('public_key', accounts.fields.LockedTextField(blank=True)),
                ('text_version', models.CharField(max_length=20)),
                ('requested_at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('child', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='consents', to='accounts.child')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='consents', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('revoked_at__isnull', False), ('status', 'REVOKED')), models.Q(('revoked_at', None), models.Q(('status', 'REVOKED'), _negated=True)), _connector='OR'), name='revoked_consent_has_its_time'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'GRANTED'), _negated=True), models.Q(('answered_at__isnull', False), ('expires_at__isnull', False)), _connector='OR'), name='granted_consent_has_times')],
            },
        ),
        migrations.AddIndex(
            model_name='guardianship',
            index=models.Index(condition=models.Q(('closed_at', None)), fields=['denied_at'], name='tie_denied'),
        ),
        migrations.AddIndex(
            model_name='guardianship',
            index=models.Index(fields=['added_at'], name='tie_added'),
        ),
        migrations.AddConstraint(
            model_name='guardianship',
            constraint=models.UniqueConstraint(fields=('user', 'child'), name='one_guardianship_per_pair'),
        ),
        migrations.AddConstraint(
            model_name='child',
            constraint=models.CheckConstraint(condition=models.Q(('iin__regex', '^\\d{12}$')), name='child_iin_has_twelve_digits'),
        ),
        migrations.AddIndex(
            model_name='protection',
            index=models.Index(condition=models.Q(('lifted_at', None)), fields=['barred_iin'], name='protection_barred'),
        ),
        migrations.AddConstraint(
            model_name='protection',
            constraint=models.UniqueConstraint(condition=models.Q(('lifted_at', None)), fields=('child_iin', 'barred_iin'), name='one_protection_of_a_child_from_a_person'),
        ),
        migrations.AddConstraint(
            model_name='protection',
            constraint=models.CheckConstraint(condition=models.Q(('lifted_at', None), models.Q(('lifted_by__isnull', False), models.Q(('lifted_why', ''), _negated=True)), _connector='OR'), name='lifted_protection_says_by_whom_and_why'),
        ),
        migrations.AddConstraint(
            model_name='protection',
            constraint=models.CheckConstraint(condition=models.Q(('why', ''), _negated=True), name='protection_says_why'),
        ),
    ]
