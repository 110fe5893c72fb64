"""Whereabouts of children that a court hides from a person."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_revoked_consents'),
    ]

    operations = [
        migrations.CreateModel(
            name='Protection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('child_iin', models.CharField(max_length=12)),
                ('barred_iin', models.CharField(max_length=12)),
                ('since', models.DateTimeField()),
                ('why', models.CharField(max_length=300)),
                ('lifted_at', models.DateTimeField(blank=True, null=True)),
                ('lifted_why', models.CharField(blank=True, max_length=300)),
                ('lifted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('set_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('lifted_at', None)), fields=['barred_iin'], name='protection_barred')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('lifted_at', None)), fields=('child_iin', 'barred_iin'), name='one_protection_of_a_child_from_a_person'), models.CheckConstraint(condition=models.Q(('lifted_at', None), models.Q(('lifted_by__isnull', False), models.Q(('lifted_why', ''), _negated=True)), _connector='OR'), name='lifted_protection_says_by_whom_and_why'), models.CheckConstraint(condition=models.Q(('why', ''), _negated=True), name='protection_says_why')],
            },
        ),
    ]
