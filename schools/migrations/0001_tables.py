"""The tables as they were before the first release; a database of an older version counts as having them."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('schools', '0001_initial'),
        ('schools', '0002_houses_taken_out'),
        ('schools', '0003_streets_keyed_anew'),
        ('schools', '0004_lists_kept'),
        ('schools', '0005_names_of_the_country'),
        ('schools', '0006_posts_with_a_history'),
        ('schools', '0007_schools_that_stop'),
        ('schools', '0008_documents_asked_for'),
    ]

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Holiday',
            fields=[
                ('date', models.DateField(primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('off', 'демалыс күні'), ('work', 'жұмыс күні')], default='off', max_length=4)),
                ('name_kk', models.CharField(max_length=100)),
                ('name_ru', models.CharField(max_length=100)),
            ],
        ),
        migrations.CreateModel(
            name='Language',
            fields=[
                ('code', models.CharField(max_length=3, primary_key=True, serialize=False)),
                ('name_kk', models.CharField(max_length=40)),
                ('name_ru', models.CharField(max_length=40)),
                ('position', models.PositiveSmallIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='Locality',
            fields=[
                ('kato', models.CharField(max_length=9, primary_key=True, serialize=False)),
                ('name_kk', models.CharField(max_length=200)),
                ('name_ru', models.CharField(max_length=200)),
                ('sort_kk', models.CharField(db_index=True, max_length=400)),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='schools.locality')),
            ],
            options={
                'verbose_name_plural': 'localities',
            },
        ),
        migrations.CreateModel(
            name='School',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('bin', models.CharField(max_length=12, unique=True)),
                ('name_kk', models.CharField(max_length=300)),
                ('name_ru', models.CharField(max_length=300)),
                ('address_kk', models.CharField(blank=True, max_length=300)),
                ('address_ru', models.CharField(blank=True, max_length=300)),
                ('phone', models.CharField(blank=True, max_length=40)),
                ('has_transport', models.BooleanField(default=False)),
                ('sort_kk', models.CharField(db_index=True, max_length=600)),
                ('search', models.CharField(blank=True, max_length=600)),
                ('stops_on', models.DateField(blank=True, null=True)),
                ('locality', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='schools', to='schools.locality')),
                ('successor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='predecessors', to='schools.school')),
            ],
        ),
        migrations.CreateModel(
            name='MicrodistrictAddress',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('street', models.CharField(blank=True, max_length=200)),
                ('street_key', models.CharField(blank=True, max_length=200)),
                ('house_from', models.PositiveIntegerField(default=1)),
                ('house_to', models.PositiveIntegerField(blank=True, null=True)),
                ('suffix', models.CharField(blank=True, max_length=20)),
                ('parity', models.CharField(choices=[('ALL', 'барлығы'), ('ODD', 'тақ'), ('EVEN', 'жұп')], default='ALL', max_length=4)),
                ('excluded', models.BooleanField(default=False)),
                ('line', models.PositiveIntegerField(blank=True, null=True)),
                ('locality', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.locality')),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='addresses', to='schools.school')),
            ],
        ),
        migrations.CreateModel(
            name='Intake',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField()),
                ('seats', models.PositiveIntegerField()),
                ('outside_ratio', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('outside_limit', models.PositiveIntegerField()),
                ('held_local', models.PositiveIntegerField(default=0)),
                ('held_outside', models.PositiveIntegerField(default=0)),
                ('language', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.language')),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='intakes', to='schools.school')),
            ],
        ),
        migrations.CreateModel(
            name='FormerBin',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=12, unique=True)),
                ('until', models.DateField()),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='former_bins', to='schools.school')),
            ],
        ),
        migrations.CreateModel(
            name='AddressList',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('began', models.DateTimeField(default=django.utils.timezone.now)),
                ('ended', models.DateTimeField(blank=True, null=True)),
                ('author', models.CharField(max_length=200)),
                ('reason', models.CharField(max_length=300)),
                ('source', models.CharField(max_length=255)),
                ('lines', models.JSONField(default=dict)),
                ('rows', models.JSONField(default=list)),
                ('aliases', models.JSONField(default=list)),
                ('school', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='address_lists', to='schools.school')),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='StaffMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('EXECUTOR', 'Орындаушы'), ('DIRECTOR', 'Директор'), ('DEPARTMENT', 'Білім басқармасының маманы'), ('OPS', 'Портал қызметі')], max_length=10)),
                ('acting', models.BooleanField(default=False)),
                ('starts_on', models.DateField(blank=True, null=True)),
                ('ends_on', models.DateField(blank=True, null=True)),
                ('appointed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('appointed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('region', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='schools.locality')),
                ('school', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='staff', to='schools.school')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='posts', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='StreetAlias',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=200)),
                ('other', models.CharField(max_length=200)),
                ('locality', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='schools.locality')),
                ('school', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='aliases', to='schools.school')),
            ],
            options={
                'verbose_name_plural': 'street aliases',
            },
        ),
        migrations.CreateModel(
            name='Period',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField()),
                ('opens', models.DateField()),
                ('closes', models.DateField()),
                ('asks_documents', models.BooleanField(default=False)),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='periods', to='schools.locality')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('region', 'year'), name='one_period_per_region_and_year'), models.CheckConstraint(condition=models.Q(('closes__gte', models.F('opens'))), name='period_runs_forward')],
            },
        ),
        migrations.AddConstraint(
            model_name='school',
            constraint=models.CheckConstraint(condition=models.Q(('bin__regex', '^\\d{12}$')), name='school_bin_has_twelve_digits'),
        ),
        migrations.AddConstraint(
            model_name='school',
            constraint=models.CheckConstraint(condition=models.Q(('successor', None), models.Q(('stops_on__isnull', False), models.Q(('successor', models.F('pk')), _negated=True)), _connector='OR'), name='succeeded_school_stops'),
        ),
        migrations.AddIndex(
            model_name='microdistrictaddress',
            index=models.Index(fields=['street_key', 'locality', 'house_from', 'house_to'], name='schools_mic_street__866ddb_idx'),
        ),
        migrations.AddConstraint(
            model_name='microdistrictaddress',
            constraint=models.CheckConstraint(condition=models.Q(('house_to__isnull', True), ('house_to__gte', models.F('house_from')), _connector='OR'), name='house_range_runs_forward'),
        ),
        migrations.AddConstraint(
            model_name='intake',
            constraint=models.UniqueConstraint(fields=('school', 'year', 'language'), name='one_intake_per_school_year_language'),
        ),
        migrations.AddConstraint(
            model_name='intake',
            constraint=models.CheckConstraint(condition=models.Q(('held_outside__lte', models.F('outside_limit'))), name='outside_never_over_its_limit'),
        ),
        migrations.AddConstraint(
            model_name='intake',
            constraint=models.CheckConstraint(condition=models.Q(('outside_limit__lte', models.F('seats'))), name='outside_limit_within_seats'),
        ),
        migrations.AddConstraint(
            model_name='addresslist',
            constraint=models.UniqueConstraint(condition=models.Q(('ended', None)), fields=('school',), name='one_current_address_list_per_school'),
        ),
        migrations.AddConstraint(
            model_name='staffmember',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('user', 'school', 'region', 'role', 'acting'), name='one_post_per_role', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='staffmember',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('region__isnull', False), ('role', 'DEPARTMENT'), ('school__isnull', True)), models.Q(('region__isnull', True), ('role__in', ['EXECUTOR', 'DIRECTOR']), ('school__isnull', False)), models.Q(('region__isnull', True), ('role', 'OPS'), ('school__isnull', True)), _connector='OR'), name='post_belongs_to_school_or_region'),
        ),
        migrations.AddConstraint(
            model_name='staffmember',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('acting', False), ('ends_on', None), ('starts_on', None)), models.Q(('acting', True), ('ends_on__gte', models.F('starts_on')), ('role', 'DIRECTOR'), ('starts_on__isnull', False)), _connector='OR'), name='acting_director_has_days'),
        ),
        migrations.AddIndex(
            model_name='streetalias',
            index=models.Index(fields=['key', 'locality'], name='schools_str_key_90d426_idx'),
        ),
        migrations.AddIndex(
            model_name='streetalias',
            index=models.Index(fields=['other', 'locality'], name='schools_str_other_1be861_idx'),
        ),
        migrations.AddConstraint(
            model_name='streetalias',
            constraint=models.UniqueConstraint(condition=models.Q(('school', None)), fields=('locality', 'key', 'other'), name='one_alias_per_pair', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='streetalias',
            constraint=models.UniqueConstraint(fields=('locality', 'key', 'other', 'school'), name='one_alias_per_pair_and_school'),
        ),
    ]
