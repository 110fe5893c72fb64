"""An invitation to sign may hold several documents: its tokens, its person and its term move to a batch."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import applications.models

SHARED = ("token", "auth_token", "user_id", "created_at", "expires_at")


def give_batches(apps: Any, _editor: Any) -> None:
    batches = apps.get_model("applications", "SigningBatch")
    for request in apps.get_model("applications", "SigningRequest").objects.iterator():
        request.batch = batches.objects.create(**{name: getattr(request, name) for name in SHARED})
        request.save(update_fields=["batch"])


class Migration(migrations.Migration):

    dependencies = [("applications", "0002_revocation_list"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name="SigningBatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token", models.CharField(default=applications.models.new_token, max_length=40, unique=True)),
                ("auth_token", models.CharField(default=applications.models.new_token, max_length=40)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddField(
            "signingrequest",
            "batch",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="requests",
                to="applications.signingbatch",
            ),
        ),
        migrations.RunPython(give_batches, migrations.RunPython.noop),
        # The rows just written wait for their checks, and a table with waiting checks may not be altered.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AlterField(
            "signingrequest",
            "batch",
            models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="requests",
                to="applications.signingbatch",
            ),
        ),
        *(
            migrations.RemoveField("signingrequest", name)
            for name in ("token", "auth_token", "user", "created_at", "expires_at")
        ),
        migrations.AlterModelOptions("signingrequest", {"ordering": ["pk"]}),
        migrations.AddConstraint(
            "signingrequest",
            models.UniqueConstraint(
                fields=["batch", "application", "purpose"], name="one_document_of_a_kind_per_batch"
            ),
        ),
    ]
