"""Since when a telephone number is known. eGov told it at the last sign-in; who never signed in wrote it on paper."""

from django.db import migrations, models
from django.db.models import F


def from_last_sign_in(apps, schema_editor):
    users = apps.get_model("accounts", "User").objects.exclude(phone="").exclude(last_login=None)
    users.update(phone_known_at=F("last_login"))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_longer_names")]

    operations = [
        migrations.AddField("user", "phone_known_at", models.DateTimeField(blank=True, null=True)),
        migrations.RunPython(from_last_sign_in, migrations.RunPython.noop, elidable=True),
    ]
