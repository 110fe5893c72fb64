"""Families whose school a new list takes away are counted as the catalogue would answer them (D64)."""

from collections.abc import Callable
from typing import Any

import pytest

from applications import eligibility
from applications.keepers import affected
from applications.models import Application
from conftest import YEAR
from schools import versions
from schools.list_files import Source
from schools.microdistricts import read, replace
from schools.models import School
from schools.versions import Origin
from tests.environment import undone

IN_RUSSIAN = {"text_ru": "г. Астана, улица Школьная, дом 5"}
# The list before, the list after, what the register says of the street, and is the family left out?
CASES: list[tuple[str, str, dict[str, str], bool]] = [
    ("Абай көшесі (бұрынғы Мир көшесі) 1-9", "Абай көшесі 1-9", {"street": "ул. Мира"}, True),
    ("Абай көшесі (бұрынғы Мир көшесі) 1-9", "ул. Мира 1-9", {"street": "ул. Мира"}, False),
    ("ул. А. Толстого 1-9", "ул. Л. Толстого 1-9", {"street": "ул. А. Толстого"}, True),
    ("ул. Толстого 1-9", "ул. Л. Толстого 1-9", {"street": "ул. А. Толстого"}, True),
    ("ул. А. Толстого 1-9", "ул. Толстого 1-9", {"street": "ул. А. Толстого"}, False),
    ("улица Школьная 1-9", "улица Абая 1-9", {"street": "Мектеп көшесі"} | IN_RUSSIAN, True),
    ("мкр. Самал", "мкр. Самал 1-9", {"street": "мкр. Самал, ул. Ашимова"}, True),
    ("Абай көшесі 1-9", "Абай көшесі, кроме 5", {"street": "Абай көшесі"}, True),
    ("Абай көшесі 1-9", "Абай көшесі", {"street": "Абай көшесі"}, False),
]


@pytest.mark.rule("R69", "D64")
def test_family_is_counted_where_the_catalogue_would_answer_it_otherwise(
    make_application: Callable[..., Application], school: School, subtests: Any
) -> None:
    application = make_application()
    applicant, address = application.applicant, application.applicant.registered_address
    for before, after, register, is_left_out in CASES:
        with subtests.test(before=before, after=after), undone():
            applicant.registered_address = address | {"house": "5"} | register
            applicant.save()
            replace(read([Source(1, before)], school), Origin("x", "y"))
            assert eligibility.local_schools(application) == [school]
            found = read([Source(1, after)], school)

            change = versions.difference(school, found.rows, found.aliases)
            families = affected.families_left_out(found, year=YEAR, reader=applicant)

            assert change.gone and change.added and families == int(is_left_out)
            replace(found, Origin("x", "y"))
            assert (eligibility.local_schools(application) == []) == is_left_out
