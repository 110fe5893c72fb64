"""Places that ended are found under those that they have become a part of, and these under them (D66)."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.http import QueryDict

from schools import address_requests, cascade, catalogue, microdistricts, residence, successors, versions
from schools.list_files import Source
from schools.models import AddressRequest, EndedPlace, Locality, School
from schools.tests.conftest import YEAR, almaty
from schools.tests.test_catalogue import MAGZHAN, OKRUG, QARAQOGA, SKO, add_street
from tests.environment import undone

pytestmark = pytest.mark.rule("D66")
OBRAZETS, CHISTOE, ZHASTAR, OTHER_OKRUG = "593651400", "593651500", "593657100", "593657000"


def become(*pairs: tuple[str, str | None]) -> None:
    EndedPlace.objects.all().delete()
    for place, successor in pairs:
        EndedPlace.objects.create(place_id=place, ended_on=almaty("2026-06-01 00:00"), successor_id=successor)


def test_address_is_looked_for_in_all_that_its_place_has_been(
    make_school: Callable[..., School], subtests: Any
) -> None:
    school = make_school(QARAQOGA, "Қарақоға", kk=8)
    chain = ((QARAQOGA, OBRAZETS), (OBRAZETS, ZHASTAR))
    for street in ("Мектеп көшесі", ""):
        school.addresses.all().delete()
        add_street(school, street)
        for pairs, kato, is_found in (
            ((), QARAQOGA, True),
            ((), OBRAZETS, False),
            (((QARAQOGA, None),), QARAQOGA, True),  # ended, and nobody knows yet what it is
            (((QARAQOGA, OBRAZETS),), OBRAZETS, True),
            (chain, ZHASTAR, True),
            (chain, QARAQOGA, True),
            (((OBRAZETS, QARAQOGA), (ZHASTAR, OBRAZETS)), ZHASTAR, True),  # the register has the old code
            (((QARAQOGA, ZHASTAR), (OBRAZETS, ZHASTAR)), OBRAZETS, False),  # a neighbour in the new place
            (((QARAQOGA, OBRAZETS), (OBRAZETS, QARAQOGA)), OBRAZETS, True),  # a ring ends
        ):
            with subtests.test(street=street, pairs=pairs, kato=kato):
                become(*pairs)
                found = catalogue.attached_to(kato=kato, street="Мектеп көшесі", house="5")
                assert found == ([school] if is_found else [])
    become(*chain)
    versions.replace(school, [], [], lines={}, origin=versions.Origin("", "", ""))
    line = Source(1, "Мектеп көшесі 1-9")
    version = microdistricts.replace(
        microdistricts.read([line], school), versions.Origin("Департамент", "№1")
    )
    assert versions.why(version, kato=ZHASTAR, street="Мектеп к.", house_text="5") == ["Мектеп көшесі 1-9"]


def test_list_of_an_absorbed_village_is_not_the_whole_town_s(
    make_school: Callable[..., School], subtests: Any
) -> None:
    """What it names street by street stays its school's; the town is not inside the village."""
    school, town = make_school(QARAQOGA, "Қарақоға", kk=8), make_school(ZHASTAR, "Жастар", kk=8)
    become((QARAQOGA, OBRAZETS), (OBRAZETS, ZHASTAR))
    lists = {"Абай көшесі": (school, None), "Мектеп көшесі": (school, town), "": (school, None)}
    for street, owners in lists.items():
        for owner in filter(None, owners):
            add_street(owner, street)
    add_street(school, "Тың көшесі", kato=OKRUG)
    for kato, street, found in (
        (ZHASTAR, "Абай көшесі", [school]),
        (ZHASTAR, "Мектеп көшесі", [town]),  # its own street of the name
        (ZHASTAR, "Бөтен көшесі", []),  # the village was whole, the town is not
        (ZHASTAR, "Тың көшесі", []),  # of the rural district that the village was in
        (QARAQOGA, "Мектеп көшесі", [school]),
        (QARAQOGA, "Бөтен көшесі", [school]),
    ):
        with subtests.test(kato=kato, street=street):
            assert catalogue.attached_to(kato=kato, street=street, house="5") == found
    town.addresses.all().delete()
    add_street(town, "Тың көшесі", kato=OBRAZETS)  # the one that came between took the village in
    assert catalogue.attached_to(kato=ZHASTAR, street="Бөтен көшесі", house="5") == []


def test_school_of_an_ended_place_is_chosen_under_its_successor(make_school: Callable[..., School]) -> None:
    school, other = make_school(QARAQOGA, "Қарақоға", kk=8), make_school(OBRAZETS, "Образец", kk=8)
    become((QARAQOGA, CHISTOE), (CHISTOE, ZHASTAR))

    drafted = cascade.read_cascade(QueryDict(), school=school, year=YEAR)  # a draft goes on
    assert drafted.school == school
    assert [one.chosen and one.chosen.kato for one in drafted.levels] == [SKO, MAGZHAN, OTHER_OKRUG, ZHASTAR]

    okrugs = catalogue.levels([SKO, MAGZHAN], year=YEAR)[2].options
    assert {one.kato for one in okrugs} == {OKRUG, OTHER_OKRUG}
    villages = catalogue.levels([SKO, MAGZHAN, OKRUG], year=YEAR)[3].options
    assert [one.kato for one in villages] == [OBRAZETS]
    okrug, village = Locality.objects.get(kato=OTHER_OKRUG), Locality.objects.get(kato=ZHASTAR)
    assert (catalogue.schools_in(okrug, year=YEAR), catalogue.schools_in(village, year=YEAR)) == (
        [],
        [school],
    )
    assert list(catalogue.in_area(okrug, year=YEAR)) == [school]
    assert list(catalogue.search("карак", year=YEAR, under=okrug)) == [school]
    assert list(catalogue.in_area(Locality.objects.get(kato=MAGZHAN), year=YEAR)) == [school, other]


def test_school_of_a_place_that_became_a_part_of_the_area_itself_is_not_passed_over(
    make_school: Callable[..., School],
) -> None:
    school, other = make_school(QARAQOGA, "Қарақоға", kk=8), make_school(OBRAZETS, "Образец", kk=8)
    become((QARAQOGA, OKRUG))

    asked = catalogue.levels([SKO, MAGZHAN, OKRUG], year=YEAR)

    assert (asked[-1].name, asked[-1].chosen) == ("village", None)  # the only village is not all there is
    assert catalogue.schools_in(Locality.objects.get(kato=OKRUG), year=YEAR) == [school]
    assert catalogue.schools_in(Locality.objects.get(kato=OBRAZETS), year=YEAR) == [other]


def test_address_typed_before_leads_to_the_successor(places: None) -> None:
    become((QARAQOGA, ZHASTAR))

    assert residence.codes_down_to(QARAQOGA) == [SKO, MAGZHAN, OTHER_OKRUG, ZHASTAR]
    asked = residence.levels([SKO, MAGZHAN, OKRUG, QARAQOGA])
    assert [one.chosen and one.chosen.kato for one in asked] == [SKO, MAGZHAN, OTHER_OKRUG, ZHASTAR]
    offered = [one.kato for one in residence.levels([SKO, MAGZHAN, OKRUG])[3].options]
    assert offered == [OBRAZETS, CHISTOE]


def test_lists_and_requests_go_on_under_either_code(make_school: Callable[..., School]) -> None:
    school = make_school(QARAQOGA, "Қарақоға", kk=8)
    anew = Locality.objects.create(
        kato="593657300", parent_id=OTHER_OKRUG, name_kk="Образец а.", name_ru="с.Образец", sort_kk="образец"
    )
    line = Source(1, "с. Образец, ул. Мира 7")
    assert microdistricts.read([line], school).rows[0].locality_id == OBRAZETS  # its okrug's
    become((OBRAZETS, anew.kato), (QARAQOGA, ZHASTAR))
    assert microdistricts.read([line], school).rows[0].locality == anew

    request = AddressRequest(
        kato=ZHASTAR, street="Абай көшесі", house="4", asked_at=almaty("2026-06-10 09:00")
    )
    row, text = address_requests.line_of(request, school)
    assert (row.locality_id, text) == (QARAQOGA, "Абай көшесі 4")


def test_table_of_successors_is_loaded_whole_or_not_at_all(
    places: None, tmp_path: Path, subtests: Any
) -> None:
    table = tmp_path / "successors.csv"

    def load(text: str, **options: Any) -> str:
        table.write_text("kato,successor\n" + text, "utf-8")
        out = StringIO()
        call_command("load_kato", successors=table, stdout=out, **options)
        return out.getvalue()

    chain = f"{QARAQOGA},{OBRAZETS}\n{OBRAZETS},{ZHASTAR}\n"
    for text, said in (
        (f"{chain}{ZHASTAR},{QARAQOGA}\n", f"line 4: {QARAQOGA} leads back to {ZHASTAR}"),
        (f"{QARAQOGA},{QARAQOGA}\n", "leads back"),
        (f"{chain}593651999,{ZHASTAR}\n", "line 4: no place with the code «593651999»"),
        (f"{chain}{ZHASTAR},\n", "no place with the code «»"),
        (f"{chain}{QARAQOGA},{CHISTOE}\n", "stands already in line 2"),
        (f"{QARAQOGA},{OTHER_OKRUG}\n", f"line 2: {OTHER_OKRUG} is an area: name the place in it"),
        (f"{chain}{OKRUG},{OTHER_OKRUG}\n", f"line 4: {OKRUG} has places under it without a successor"),
    ):
        with subtests.test(said), undone(), pytest.raises(CommandError, match=said):
            load(text)
    with undone():
        load(f"{OKRUG},{OTHER_OKRUG}\n{chain}{CHISTOE},{ZHASTAR}\n{ZHASTAR},710000000\n")
        assert successors.today(QARAQOGA) == "710000000"
    load(chain, dry_run=True)
    assert not EndedPlace.objects.exists()

    assert load(chain) == "2 successors loaded\n"
    assert successors.today(QARAQOGA) == ZHASTAR
    ended = EndedPlace.objects.get(pk=QARAQOGA)
    EndedPlace.objects.update(ended_on=almaty("2026-01-01 00:00"))
    load(f"{QARAQOGA},{CHISTOE}\n")  # corrected: the day stays
    assert EndedPlace.objects.get(pk=QARAQOGA).successor_id == CHISTOE
    assert EndedPlace.objects.get(pk=QARAQOGA).ended_on < ended.ended_on
