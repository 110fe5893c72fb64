"""A sealed paper is called so, be it a receipt or a notice; a signing request is called so everywhere."""

import django.db.models.deletion
from django.db import migrations, models


def to(model: str, related_name: str, on_delete=django.db.models.deletion.PROTECT, **more):
    return models.ForeignKey(on_delete=on_delete, related_name=related_name, to=model, **more)


class Migration(migrations.Migration):
    dependencies = [("applications", "0004_filed_with_both_ticks")]

    operations = [
        migrations.RenameModel("Receipt", "Paper"),
        migrations.RenameField("Application", "paper_phone", "applicant_phone"),
        migrations.AlterField("Paper", "application", to("applications.application", "papers")),
        migrations.AlterField("Paper", "signature", to("applications.signature", "papers", null=True, blank=True)),
        migrations.AlterField(
            "SigningRequest",
            "batch",
            to("applications.signingbatch", "signing_requests", django.db.models.deletion.CASCADE),
        ),
    ]
