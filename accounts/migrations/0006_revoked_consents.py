"""A consent that was given and taken back is told from one that was never given."""

from django.db import migrations, models
from django.db.models import F, Q


def name_them(apps, schema_editor):
    taken_back = apps.get_model("accounts", "Consent").objects.filter(status="DENIED", expires_at__isnull=False)
    taken_back.update(status="REVOKED", revoked_at=F("answered_at"), token="", public_key="")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_more_ways")]

    operations = [
        migrations.AddField("consent", "revoked_at", models.DateTimeField(blank=True, null=True)),
        migrations.AlterField(
            "consent",
            "status",
            models.CharField(
                choices=[
                    ("PENDING", "Жауап күтілуде"),
                    ("GRANTED", "Келісім берілді"),
                    ("DENIED", "Келісім берілмеді"),
                    ("EXPIRED", "Мерзімі өтті"),
                    ("REVOKED", "Қайтарып алынды"),
                ],
                db_index=True,
                default="PENDING",
                max_length=8,
            ),
        ),
        migrations.RunPython(name_them, migrations.RunPython.noop, elidable=True),
        migrations.AddConstraint(
            "consent",
            models.CheckConstraint(
                condition=Q(status="REVOKED", revoked_at__isnull=False)
                | Q(revoked_at=None) & ~Q(status="REVOKED"),
                name="revoked_consent_has_its_time",
            ),
        ),
    ]
