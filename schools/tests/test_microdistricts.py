"""A school's microdistrict from a file: shown, checked, replaced (R69, R70)."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from unittest.mock import Mock

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from schools import catalogue, microdistricts
from schools.addresses import overlap
from schools.list_files import Source, sources
from schools.management.commands import load_addresses
from schools.microdistricts import read, replace
from schools.models import Locality, MicrodistrictAddress, School, StreetAlias
from schools.tests.conftest import YEAR
from schools.versions import Origin


@pytest.fixture
def school(make_school: Callable[..., School]) -> School:
    return make_school("593651100", "Қарақоға орта мектебі", kk=20)


def load(path: Path, school: School, **options: object) -> list[str]:
    """What the command says, its refusal last."""
    out = StringIO()
    who = {"by": "Білім бөлімі", "reason": "№15 бұйрық", "confirm": True}
    try:
        call_command("load_addresses", path, school=school.bin, stdout=out, **(who | options))
    except CommandError as error:
        return [*out.getvalue().splitlines(), str(error)]
    return out.getvalue().splitlines()


def write(folder: Path, text: str, name: str = "list.txt") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def stored() -> list[tuple[str, str, int, int | None, str]]:
    rows = MicrodistrictAddress.objects.order_by("pk")
    return list(rows.values_list("locality", "street", "house_from", "house_to", "parity"))


@pytest.mark.rule("R69", "R199")
def test_list_is_shown_and_replaces_the_old_one(school: School, tmp_path: Path) -> None:
    school.addresses.create(locality=school.locality, street="Ескі көше", street_key="street:еск")
    file = write(tmp_path, "Қосымша 1\nМектеп көшесі 1-15\n\nс. Чистое, ауыл толық\n")

    told = load(file, school)

    assert told == [
        "line 1: note: no address, left out: «Қосымша 1»",
        "line 2: Мектеп көшесі: 1-15 odd",
        "line 2: note: read as one side of the street: «1-15»",
        "line 4: Чистое: all",
        "- Ескі көше 1-",
        "+ Мектеп көшесі 1-15",
        "+  1-",
        "2 address ranges of 3 lines in place of the old ones",
    ]
    assert stored() == [("593651100", "Мектеп көшесі", 1, 15, "ODD"), ("593651500", "", 1, None, "ALL")]
    found = catalogue.schools_for(kato="593651500", street="Достық", house="3", year=YEAR)
    assert found == [school]


def test_one_unread_line_keeps_the_whole_file_out(school: School, tmp_path: Path) -> None:
    file = write(tmp_path, "Мектеп көшесі 1-15\nрядом с мечетью\nс. Жоқауыл, ауыл толық\n")

    told = load(file, school)

    assert told[2:] == [
        "line 2: ERROR: no street named: «рядом с мечетью»",
        "line 3: Жоқауыл: all",
        "line 3: ERROR: no such village in the school's district: «Жоқауыл»",
        "2 places cannot be read; nothing is saved",
    ]
    assert stored() == []


def test_dry_run_saves_nothing(school: School, tmp_path: Path) -> None:
    told = load(write(tmp_path, "Мектеп көшесі 1, 3"), school, dry_run=True)

    assert told[-1] == "2 address ranges of 1 lines; dry run, nothing is saved"
    assert stored() == []


def test_address_of_another_school_is_reported_and_kept(
    school: School, make_school: Callable[..., School], tmp_path: Path
) -> None:
    other = make_school("593651100", "№2 мектеп", kk=20)
    load(write(tmp_path, "Мектеп көшесі 1-9 (барлығы)"), other)

    told = load(write(tmp_path, "ул. Мектеп 5, 15"), school)

    assert told[1:] == [
        f"also of №2 мектеп ({other.bin}): ул. Мектеп 5-5 and Мектеп көшесі 1-9",
        "2 address ranges of 1 lines in place of the old ones",
    ]
    assert catalogue.schools_for(kato="593651100", street="Мектеп", house="5", year=YEAR) == [other, school]


def test_range_named_twice_is_stored_once(school: School, tmp_path: Path) -> None:
    load(write(tmp_path, "Мектеп көшесі 5\nул. Мектеп 5\n"), school)

    assert stored() == [("593651100", "Мектеп көшесі", 5, 5, "ALL")]


def test_second_name_of_a_street_leads_to_the_school(school: School, tmp_path: Path) -> None:
    file = write(tmp_path, "Бейбітшілік көшесі (бұрынғы Мир көшесі): 1-9 (барлығы)")
    load(file, school)
    load(file, school)

    assert StreetAlias.objects.count() == 1
    for street in ("Бейбітшілік көшесі", "ул. Мира"):
        assert catalogue.schools_for(kato="593651100", street=street, house="4", year=YEAR) == [school]


@pytest.mark.parametrize("header", [["Көше", "Үйлер"], ["№", "улица", "дома"]])
def test_table_with_two_columns_is_read(school: School, tmp_path: Path, header: list[str]) -> None:
    book = openpyxl.Workbook()
    book.active.append(header)
    number = [1] if len(header) == 3 else []
    book.active.append([*number, "Мектеп көшесі", "1-15 (тақ), 2"])
    book.active.append([*number, "Достық", 7])
    book.active.append([*number, "с. Чистое", None])
    book.save(tmp_path / "list.xlsx")

    load(tmp_path / "list.xlsx", school)

    assert stored() == [
        ("593651100", "Мектеп көшесі", 1, 15, "ODD"),
        ("593651100", "Мектеп көшесі", 2, 2, "ALL"),
        ("593651100", "Достық", 7, 7, "ALL"),
        ("593651500", "", 1, None, "ALL"),
    ]


def test_table_with_one_column_is_read_as_lines(school: School, tmp_path: Path) -> None:
    load(write(tmp_path, "Мектеп көшесі 1, 3, 5\n", "list.csv"), school)

    assert [row[2] for row in stored()] == [1, 3, 5]


@pytest.mark.parametrize(
    ("name", "text", "error"),
    [
        ("list.txt", "", "the file holds no address; nothing is saved"),
        ("list.txt", "Қосымша 1", "the file holds no address; nothing is saved"),
        ("list.xlsx", "not a sheet", "list.xlsx: File is not a zip file"),
    ],
)
def test_file_without_addresses_changes_nothing(
    school: School, tmp_path: Path, name: str, text: str, error: str
) -> None:
    school.addresses.create(locality=school.locality, street="Ескі көше", street_key="street:еск")

    assert load(write(tmp_path, text, name), school)[-1] == error
    assert len(stored()) == 1


def table(path: Path, *rows: list[str]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_file_that_names_another_school_is_refused(
    school: School, make_school: Callable[..., School], tmp_path: Path
) -> None:
    other = make_school("593651100", "№2 мектеп", kk=20)
    for named in (other.bin, "№2 мектеп"):
        rows = [["БСН", "Көше", "Үйлер"], [school.bin, "Абай көшесі", "5"], [named, "Мир көшесі", "7"]]
        assert (
            load(table(tmp_path / "list.xlsx", *rows), school)[-1]
            == f"line 3: names another school, «{named}»"
        )
    assert stored() == []


def test_schools_of_a_region_are_loaded_from_one_file(
    school: School, make_school: Callable[..., School], tmp_path: Path
) -> None:
    other = make_school("593651500", "№2 мектеп", kk=20)
    rows = [["Мектеп", "Мекенжай"], [school.bin, "Абай көшесі 5"], ["№ 2 МЕКТЕП", "Мир көшесі 7"]]
    rows.append([school.name_kk, "Достық көшесі 9"])
    school.bin = ""

    told = load(table(tmp_path / "list.xlsx", *rows), school)

    assert told[-1] == "3 address ranges of 3 lines in place of the old ones"
    assert [row.street for row in other.addresses.all()] == ["Мир көшесі"]
    assert len(stored()) == 3
    rows += [["№3 мектеп", "Абай көшесі 7"], ["", "Абай көшесі 9"]]
    assert load(table(tmp_path / "list.xlsx", *rows), school) == [
        "line 5: no school «№3 мектеп»; line 6: no school «»"
    ]


def test_villages_of_one_name_are_told_apart_by_the_school_s_rural_district(
    school: School, tmp_path: Path
) -> None:
    for code in ("593651700", "593699700", "593699800"):
        name = "Жаңа а." if code.endswith("700") else "Алыс а."
        Locality.objects.create(kato=code, name_kk=name, name_ru=name)
    Locality.objects.create(kato="593698800", name_kk="Алыс а.", name_ru="Алыс а.")

    load(write(tmp_path, "Жаңа ауылы, Абай көшесі 5"), school)

    assert stored() == [("593651700", "Абай көшесі", 5, 5, "ALL")]
    assert "no such village" in load(write(tmp_path, "Алыс ауылы, Абай көшесі 5"), school)[1]


def test_small_settlement_is_found_by_its_kind_in_either_language(school: School, tmp_path: Path) -> None:
    """A wintering is not the village that it is called after."""
    for code, kk, ru in (
        ("593651701", "Қарақоға қыстауы", "зимовка Каракога"), ("593651702", "мекен 4", "точка 4"),
        ("593651703", "Қызылту уч.", "уч.Кызылту"), ("593651704", "Қызылту а.", "с. Кызылту"),
    ):  # fmt: skip
        Locality.objects.create(kato=code, name_kk=kk, name_ru=ru)

    load(
        write(
            tmp_path,
            "зимовка Қарақоға\nточка 4, ул. Мира 3\nуч. Кызылту, толық\nҚызылту ауылы\nҚарақоға а., толық",
        ),
        school,
    )

    assert [row[:2] for row in stored()] == [
        ("593651701", ""), ("593651702", "ул. Мира"), ("593651703", ""), ("593651704", ""), ("593651100", ""),
    ]  # fmt: skip


def test_unknown_school_is_refused(school: School, tmp_path: Path) -> None:
    school.bin = "990540099942"

    assert load(write(tmp_path, "Мектеп көшесі"), school) == ["no school with the BIN 990540099942"]


@pytest.mark.rule("R69")
def test_file_of_errors_is_mended_in_place_and_loaded(
    school: School, make_school: Callable[..., School], tmp_path: Path
) -> None:
    other = make_school("593651100", "№2 мектеп", kk=20)
    text = f"бсн;көше;үйлер\n{school.bin};Абай көшесі;1-9, 2, 4\n{other.bin};Мир көшесі;9-1"
    errors = tmp_path / "errors.csv"
    school.bin = ""

    told = load(write(tmp_path, text, "all.csv"), school, errors=errors)

    assert told[-1] == "1 places cannot be read; nothing is saved" and not stored()
    written = errors.read_text("utf-8-sig")
    assert "Мир көшесі,9-1,a range that runs backwards: «9-1»" in written
    errors.write_text(written.replace("9-1", "1-9"), "utf-8")
    assert load(errors, school)[-1] == "4 address ranges of 2 lines in place of the old ones"


@pytest.mark.rule("R69")
def test_school_whose_lines_give_nothing_is_named_and_not_emptied(
    school: School, make_school: Callable[..., School], tmp_path: Path
) -> None:
    other = make_school("593651100", "№2 мектеп", kk=20)
    other.addresses.create(locality=other.locality, street="Ескі көше", street_key="street:еск")
    text = f"бсн;көше;үйлер\n{school.bin};Абай көшесі;1-9\n{other.bin};Қосымша 1;"
    school.bin = ""

    told = load(write(tmp_path, text, "all.csv"), school)

    assert told[-1] == f"no address is read for №2 мектеп ({other.bin}); nothing is saved"
    assert len(stored()) == 1


@pytest.mark.rule("R69")
def test_list_saved_while_the_file_was_read_is_not_undone(
    school: School, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meanwhile(*_: object, **__: object) -> None:
        replace(read([Source(1, "Мир көшесі 7")], school), Origin("Омаров", "№16 бұйрық"))

    monkeypatch.setattr(load_addresses.Command, "_demand_meant", meanwhile)

    told = load(write(tmp_path, "Абай көшесі 1-9"), school)

    assert told[-1].startswith(f"{school.name_kk} ({school.bin}): another list was saved meanwhile")
    assert [row[1] for row in stored()] == ["Мир көшесі"]


@pytest.mark.rule("R69")
def test_file_of_errors_computes_nothing_and_is_loaded_again(school: School, tmp_path: Path) -> None:
    errors = tmp_path / "errors.csv"
    text = "көше;үйлер\n=Абай көшесі;9-1\nМир көшесі;7"

    load(write(tmp_path, text, "all.csv"), school, errors=errors)

    written = errors.read_text("utf-8-sig")
    assert "'=Абай көшесі" in written
    assert [each.text for each in sources(errors)] == ["=Абай көшесі | 9-1", "Мир көшесі | 7"]


def test_doubles_are_compared_only_where_numbers_meet(
    school: School, make_school: Callable[..., School], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_school("593651100", "№2 мектеп", kk=20)
    replace(read([Source(1, "Абай көшесі " + ", ".join(map(str, range(1, 60))))], other), Origin("x", "y"))
    asked = Mock(wraps=overlap)
    monkeypatch.setattr(microdistricts, "overlap", asked)
    found = read([Source(1, "Абай көшесі 7, 50-70 (чет)")], school)

    pairs = [(row.house_from, one.house_from) for row, one in microdistricts.conflicts(found)]

    assert pairs == [(7, 7), (50, 50), (50, 52), (50, 54), (50, 56), (50, 58)] and asked.call_count == 11
