"""The keys of streets once more, in the versions of lists too: more spellings are one since (R66)."""

from importlib import import_module

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from schools.streets import street_key

make_keys = import_module("schools.migrations.0003_streets_keyed_anew").make_keys
STREET, KEY = 1, 2  # in a row of a version


def make_keys_of_versions(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    for version in apps.get_model("schools", "AddressList").objects.iterator(chunk_size=100):
        rows = [_keyed(row) for row in version.rows]
        if rows != version.rows:
            version.rows = rows
            version.save(update_fields=["rows"])


def _keyed(row: list[object]) -> list[object]:
    kind, _, name = street_key(str(row[STREET])).partition(":")
    kind = kind or str(row[KEY]).partition(":")[0]
    return [*row[:KEY], f"{kind}:{name}", *row[KEY + 1 :]] if name else row


class Migration(migrations.Migration):
    dependencies = [("schools", "0008_documents_asked_for")]

    operations = [
        migrations.RunPython(make_keys, migrations.RunPython.noop),
        migrations.RunPython(make_keys_of_versions, migrations.RunPython.noop),
    ]
