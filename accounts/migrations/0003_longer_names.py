from django.db import migrations, models


def column(model: str, name: str, *, blank: bool = True) -> migrations.AlterField:
    return migrations.AlterField(model, name, models.CharField(blank=blank, max_length=300))


class Migration(migrations.Migration):
    """Names are never cut: each part has room for what no register exceeds."""

    dependencies = [
        ('accounts', '0002_trouble'),
    ]

    operations = [
        column('child', 'name', blank=False),
        *(column('child', part) for part in ('surname', 'patronymic')),
        *(column('user', part) for part in ('surname', 'name', 'patronymic')),
    ]
