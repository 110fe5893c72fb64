"""The keys of streets that are stored, made by the rules of today: a list is found without being loaded again."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from schools.streets import street_key


def make_keys(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    addresses = apps.get_model("schools", "MicrodistrictAddress").objects
    for street, key in addresses.exclude(street="").values_list("street", "street_key").distinct().iterator():
        kind, _, name = street_key(street).partition(":")
        if name:  # a column of streets may have named the type: the old key knows it
            kind = kind or key.partition(":")[0]
            addresses.filter(street=street, street_key=key).update(street_key=f"{kind}:{name}")


class Migration(migrations.Migration):
    dependencies = [("schools", "0001_tables")]

    operations = [migrations.RunPython(make_keys, migrations.RunPython.noop)]
