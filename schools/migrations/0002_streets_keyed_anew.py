"""The keys of streets that are stored, made by the rules of today, in the versions of lists too: a list is found
without being loaded again (R66)."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from schools.streets import street_key

STREET, KEY = 1, 2  # in a row of a version


def make_keys(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    addresses = apps.get_model("schools", "MicrodistrictAddress").objects
    for street, key in addresses.exclude(street="").values_list("street", "street_key").distinct().iterator():
        addresses.filter(street=street, street_key=key).update(street_key=_today(street, key))


def make_keys_of_versions(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    for version in apps.get_model("schools", "AddressList").objects.iterator(chunk_size=100):
        rows = [[*row[:KEY], _today(str(row[STREET]), str(row[KEY])), *row[KEY + 1 :]] for row in version.rows]
        if rows != version.rows:
            version.rows = rows
            version.save(update_fields=["rows"])


def _today(street: str, key: str) -> str:
    """A column of streets may have named the type: the old key knows it. What names no street keeps its key."""
    kind, _, name = street_key(street).partition(":")
    kind = kind or key.partition(":")[0]
    return f"{kind}:{name}" if name else key


class Migration(migrations.Migration):
    dependencies = [("schools", "0001_tables")]

    operations = [
        migrations.RunPython(make_keys, migrations.RunPython.noop),
        migrations.RunPython(make_keys_of_versions, migrations.RunPython.noop),
    ]
