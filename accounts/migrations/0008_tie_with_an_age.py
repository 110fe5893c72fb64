from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def date_from_the_child(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """A tie was told together with the child's facts: it is as old as they are."""
    ties = apps.get_model("accounts", "Guardianship").objects
    children = apps.get_model("accounts", "Child").objects.filter(pk=models.OuterRef("child"))
    ties.update(answered_at=models.Subquery(children.values("refreshed_at")[:1]))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_protection")]

    operations = [
        migrations.AddField(
            model_name="guardianship",
            name="answered_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="guardianship",
            name="closed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="guardianship",
            name="denied_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="guardianship",
            name="document",
            field=models.CharField(blank=True, max_length=100),
        ),
        migrations.RunPython(date_from_the_child, migrations.RunPython.noop),
    ]
