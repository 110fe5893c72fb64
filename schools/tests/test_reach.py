"""A list that nobody's address can match says so; all else is found by its own address (R69)."""

from collections.abc import Callable
from datetime import date
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.core.management import call_command

from schools import addresses, matching, microdistricts, reach
from schools.addresses import KINDS, House, HouseRange, on_side
from schools.list_files import Source
from schools.models import EndedPlace, School
from schools.successors import Codes
from schools.tests.test_catalogue import QARAQOGA
from schools.tests.test_house_lists import make_list
from schools.tests.test_lines import AREA_NAMES, AREA_TYPES, STREETS, TYPES
from schools.tests.test_successors import OBRAZETS

pytestmark = pytest.mark.rule("R69")
CASES: list[tuple[str, bool]] = [
    ("Мектеп көшесі 1-9", False),
    ("Мектеп көшесі", False),
    ("Мектеп көшесі 12А, 6/1, 10 корпус 2", False),
    ("15 мкр с участка №1105 по участок №2034", False),
    ("Мектеп көшесі барлығы, 1-ден басқа", False),
    ("Мектеп көшесі 1-5, кроме 1-3", False),
    ("Мектеп көшесі 1-5, кроме 1-5", True),
    ("Мектеп көшесі барлығы, 1-ден бастап басқа", True),
    ("Мектеп көшесі 7, кроме 7", True),
    ("ауыл толық", False),
    ("с. Образец, ул. Мира 7", True),  # the place has ended, and nobody knows what it has become
    ("с. Образец, толық", True),
    ("с. Чистое, ул. Мира 7", False),  # it has ended, and has a successor
]


def test_line_that_no_address_can_match_is_named(
    make_school: Callable[..., School], tmp_path: Path, subtests: Any
) -> None:
    school = make_school(QARAQOGA, "Қарақоға")
    EndedPlace.objects.create(place_id=OBRAZETS, ended_on=date(2026, 6, 1))
    EndedPlace.objects.create(place_id="593651500", ended_on=date(2026, 6, 1), successor_id=QARAQOGA)
    for line, is_out in CASES:
        with subtests.test(line):
            found = microdistricts.read([Source(1, line)], school)
            assert found.rows and not found.errors
            assert found.out_of_reach == is_out
    file, out = tmp_path / "list.txt", StringIO()
    file.write_text("\n".join(line for line, _ in CASES), "utf-8")

    call_command("load_addresses", file, school=school.bin, dry_run=True, stdout=out)

    assert out.getvalue().count("note: nobody's address can match this") == sum(is_out for _, is_out in CASES)
    assert "\n5 lines hold what nobody's address can match\n" in out.getvalue()


def test_no_line_is_dear_to_tell(make_school: Callable[..., School], monkeypatch: pytest.MonkeyPatch) -> None:
    school, asked = make_school(QARAQOGA, "Қарақоға"), 0

    def covers(row: HouseRange, found: House | None) -> bool:
        nonlocal asked
        asked += 1
        return addresses.covers(row, found)

    monkeypatch.setattr(reach, "covers", covers)
    numbers = ", ".join(str(number) for number in range(1, 201))
    for houses, is_out in ((f"{numbers}, кроме {numbers}", True), (numbers, False)):
        found = microdistricts.read([Source(1, f"ул. Абая {houses}")], school)
        assert len(found.rows) >= 200 and not found.errors
        assert found.out_of_reach == is_out
    assert asked < 4_000


def test_every_line_without_a_warning_is_found_by_its_own_address(make_school: Callable[..., School]) -> None:
    """Written by the register in its own way, in Kazakh or in Russian."""
    random, school = Random(20260830), make_school(QARAQOGA, "Қарақоға")
    asked = 0
    for _ in range(1_000):
        line, streets, house = make_line(random)
        found = microdistricts.read([Source(1, line)], school)
        asked += bool(found.errors)
        assert not found.out_of_reach, line
        for street in () if found.errors else streets:
            address = matching.sought(Codes(QARAQOGA), street=street, house_text=house, aliases=())
            assert matching.holds(found.rows, address), (line, street, house)
    assert asked < 30


def make_line(random: Random) -> tuple[str, list[str], str]:
    """A line of a list, its street as the register writes it, and one of its houses."""
    kazakh, russian = random.choice(STREETS)
    in_kazakh, in_russian = random.choice(TYPES)
    if random.random() < 0.25:
        kazakh = russian = random.choice(AREA_NAMES)
        in_kazakh, in_russian = AREA_TYPES
    street = random.choice([f"{kazakh} {random.choice(in_kazakh)}", f"{random.choice(in_russian)} {russian}"])
    houses = make_list(random)
    out = [span.start for span in houses.spans if span.excluded]
    first = houses.spans[0]
    inside = (number for number in range(first.start, 400) if on_side(number, first.parity))
    number = next(number for number in inside if number not in out)
    house = f"{first.suffix} {number}" if first.suffix in KINDS else f"{number}{first.suffix}"
    return (
        f"{street}: {houses.text}",
        [f"{kazakh} {in_kazakh[0]}", f"{in_russian[0]} {russian}"],
        house,
    )
