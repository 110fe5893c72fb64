"""After an update the streets of stored lists are found by the keys of today (R66)."""

from collections.abc import Callable
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from schools import catalogue
from schools.models import School
from schools.streets import street_key
from schools.tests.conftest import YEAR


@pytest.mark.rule("R66")
def test_stored_streets_are_keyed_anew(make_school: Callable[..., School]) -> None:
    school = make_school("711210000", "№63", kk=25)
    for street, key in (("ул. Набережная", ""), ("Қонаев көшесі", "street:кон"), ("Мира", "lane:мир")):
        school.addresses.create(locality=school.locality, street=street, street_key=key or "street:")
    school.addresses.create(locality=school.locality, house_from=7, house_to=7)

    with connection.schema_editor() as editor:
        import_module("schools.migrations.0002_streets_keyed_anew").make_keys(apps, editor)

    for street in ("Набережная көшесі", "ул. Кунаева", "пер. Мира"):
        assert catalogue.schools_for(kato="711210000", street=street, house="1", year=YEAR) == [school]
    assert school.addresses.filter(street_key="").count() == 1  # what named no street still names none


@pytest.mark.rule("R66", "R69")
def test_versions_of_a_list_are_keyed_anew_too(make_school: Callable[..., School]) -> None:
    """Else one that is put back would not be found."""
    school = make_school("711210000", "№63", kk=25)
    rows = [["711210000", "Мүсірепов", "street:мусирепов", 1, None, "", "ALL", False, 1]]
    rows.append(["711210000", "", "", 1, None, "", "ALL", False, 2])
    version = school.address_lists.create(author="x", reason="x", source="x", rows=rows)

    with connection.schema_editor() as editor:
        import_module("schools.migrations.0002_streets_keyed_anew").make_keys_of_versions(apps, editor)

    version.refresh_from_db()
    assert [row[2] for row in version.rows] == [street_key("ул. Мусрепова"), ""]
    assert version.rows[0][3:] == rows[0][3:]
