"""The classifier of places: its structure and its traps (R76, D31)."""

import os
from collections.abc import Callable
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from schools import classifier, kato
from schools.files import BadFile, BadRows
from schools.models import EndedPlace, Locality

HEADER = "kato,kato_version,level,type_code,name_ru,name_kk\n"
SIBLING = settings.BASE_DIR.parent / "shared" / "data" / "kato.csv"
FULL = Path(os.environ.get("KATO_CSV", SIBLING))


def load(path: Path, **options: object) -> str:
    out = StringIO()
    call_command("load_kato", path, stdout=out, **options)
    return out.getvalue()


@pytest.mark.parametrize(
    ("code", "prefix", "ancestors"),
    [
        ("590000000", "59", []),
        ("593600000", "5936", ["590000000"]),
        ("593651000", "593651", ["593600000", "590000000"]),
        ("593651100", "593651100", ["593651000", "593600000", "590000000"]),
        ("711210000", "711210", ["711200000", "710000000"]),
    ],
)
def test_code_says_what_it_lies_in(code: str, prefix: str, ancestors: list[str]) -> None:
    assert kato.prefix(code) == prefix
    assert kato.ancestors(code) == ancestors
    assert kato.region_of(code) == (ancestors or [code])[-1]


def test_parent_is_the_nearest_place_that_exists() -> None:
    known = {"710000000", "711210000", "590000000", "593600000", "593651100"}

    assert kato.parent_of("711210000", known) == "710000000"
    assert kato.parent_of("593651100", known) == "593600000"  # the okrug is not there
    assert kato.parent_of("590000000", known) is None


@pytest.mark.parametrize(
    ("mend", "raw", "mended"),
    [
        (kato.mend_kk, "Қарабұлақ   а.ә.", "Қарабұлақ а.ә."),
        (kato.mend_kk, "Ақтау Г.А.", "Ақтау Қ.Ә."),
        (kato.mend_kk, "Мәскеу а.о", "Мәскеу а.о."),
        (kato.mend_kk, "Астана қ.", "Астана қ."),
        (kato.mend_ru, "с.Каракога", "с. Каракога"),
        (kato.mend_ru, "с.о.Магжан", "с.о. Магжан"),
        (kato.mend_ru, "Каракогинский  с.о", "Каракогинский с.о."),
        (kato.mend_ru, "Семей Г.А.", "Семей Г.А."),
    ],
)
def test_slips_of_the_classifier_are_mended(mend: Callable[[str], str], raw: str, mended: str) -> None:
    assert mend(raw) == mended


@pytest.mark.rule("R76", "D31")
def test_extract_holds_the_chain_of_the_instruction(places: None) -> None:
    village = Locality.objects.get(kato="593651100")

    names = []
    place: Locality | None = village
    while place:
        names.append(place.name_kk)
        place = place.parent
    assert names == ["Қарақоға а.", "Қарақоға а.о.", "Мағжан Жұмабаев ауданы", "Солтүстік Қазақстан облысы"]
    assert Locality.objects.filter(parent=None).count() == 20
    districts = Locality.objects.get(kato="710000000").children.order_by("sort_kk")
    assert [place.name_kk for place in districts] == [
        "Алматы ауданы",
        "Байқоңыр ауданы",
        "Есіл ауданы",
        "Нұра ауданы",
        "Сарайшық ауданы",
        "Сарыарқа ауданы",
    ]


def test_long_name_is_in_the_reader_s_language(places: None) -> None:
    from django.utils import translation  # beside its only use

    astana = Locality.objects.get(kato="710000000")

    assert (astana.name, astana.long_name) == ("Астана қ.", "Астана қаласы")
    with translation.override("ru"):
        assert (astana.name, astana.long_name) == ("г. Астана", "город Астана")


def test_loading_twice_renames_and_deletes_nothing(places: None, tmp_path: Path) -> None:
    file = tmp_path / "kato.csv"
    regions = Locality.objects.filter(parent=None).exclude(pk="710000000")
    others = [f"{one.kato},v,oblast,1,{one.name_ru},{one.name_kk}\n" for one in regions]
    file.write_text(HEADER + "710000000,v,oblast,1,г.Астана,Астана қаласы\n" + "".join(others), "utf-8")

    with pytest.raises(CommandError, match="31 places of the portal are not in the file"):
        load(file)
    assert Locality.objects.get(kato="710000000").name_kk == "Астана қ."

    told = load(file, confirm=True).splitlines()

    assert told[0] == "renamed: 710000000 Астана қ. → Астана қаласы"
    left = "31 ended places have no successor: --successors, or /ops/reference/"
    assert told[-3:] == ["gone: 11 more", left, "20 places loaded"]
    assert Locality.objects.get(kato="710000000").name_kk == "Астана қаласы"
    assert Locality.objects.count() == 51
    assert "gone" not in load(file)  # they have ended; what comes back has not
    assert "successor" not in load(classifier.EXTRACT)


@pytest.mark.rule("D66")
def test_known_successor_is_not_forgotten_unsaid_and_no_region_ends_that_the_file_lacks(
    places: None, tmp_path: Path
) -> None:
    ended = EndedPlace.objects.create(
        place_id="593651100", ended_on=date(2026, 6, 1), successor_id="593651400"
    )
    file = tmp_path / "kato.csv"
    file.write_text(HEADER + "750000000,v,oblast,1,г.Алматы,Алматы қ.\n", "utf-8")
    load(file, confirm=True)
    assert {one.place_id[:2] for one in EndedPlace.objects.exclude(pk=ended.pk)} == {"75"}

    assert "back: 593651100 Қарақоға а., a part of 593651400" in load(classifier.EXTRACT, dry_run=True)
    with pytest.raises(CommandError, match="1 places that became a part of others are in the file again"):
        load(classifier.EXTRACT)
    assert EndedPlace.objects.filter(pk=ended.pk, successor="593651400").exists()
    load(classifier.EXTRACT, confirm=True)
    assert not EndedPlace.objects.exists()


def test_dry_run_saves_nothing(db: None) -> None:
    assert load(classifier.EXTRACT, dry_run=True).endswith("51 places read\n")
    assert not Locality.objects.exists()


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "the file is empty"),
        ("kato,name_ru\n1,а\n", "no column name_kk"),
        (HEADER + "71000000,v,o,1,г.Астана,Астана қ.\n", "line 2: «71000000» is not a code of nine digits"),
        (HEADER + "710000000,v,o,1,,Астана қ.\n", "line 2: 710000000 has no name in both languages"),
        (HEADER + "711210000,v,o,1,район,Есіл\n", "711210000 lies in a region that the file does not have"),
        (HEADER, "a header and no places"),
        (HEADER + "710000000,v,o,1,г.Астана,?стана ?.\n", "line 2: 710000000 has «.» for letters"),
        (HEADER + "710000000,v,o,1,г.Астана\n", "line 2: 710000000 has no name in both languages"),
        (HEADER + "710000000,v,o,1,а,а\n710000000,v,o,1,б,б\n", "stands already in line 2"),
    ],
)
def test_file_with_a_fault_is_refused_whole(db: None, tmp_path: Path, text: str, error: str) -> None:
    file = tmp_path / "kato.csv"
    file.write_text(text, "utf-8")

    with pytest.raises(CommandError, match=error):
        load(file)

    assert not Locality.objects.exists()


@pytest.mark.skipif(not FULL.is_file(), reason="no full classifier: set KATO_CSV to its path")
def test_full_classifier_is_loaded_with_its_traps(db: None) -> None:
    told = load(FULL)

    assert told.endswith("15594 places loaded\n")
    assert Locality.objects.filter(parent=None).count() == 20
    assert Locality.objects.get(kato="711210000").parent_id == "710000000"
    assert Locality.objects.get(kato="101000000").name_kk == "Семей Қ.Ә."
    assert not Locality.objects.filter(name_kk__contains="  ").exists()
    beyond_a_level = Locality.objects.exclude(kato__endswith="000").filter(parent__kato__endswith="00000")
    assert beyond_a_level.count() == 78  # settlements right under a district


def test_partial_file_moves_nobody(places: None, tmp_path: Path) -> None:
    """The village's rural district and its own district are not in the file; its region is."""
    before = dict(Locality.objects.values_list("kato", "parent"))
    file = tmp_path / "kato.csv"
    rows = "590000000,v,o,1,СКО,Солтүстік\n593651100,v,s,1,с.Каракога,Қарақоға а.\n"
    rows += "593651999,v,s,1,с.Новое,Жаңа а.\n"
    file.write_text(HEADER + rows, "utf-8")

    told = load(file, confirm=True)

    assert "added: 593651999 Жаңа а.\n" in told and "moved" not in told
    after = dict(Locality.objects.values_list("kato", "parent"))
    assert after == before | {"593651999": "593651000"}


def test_file_without_any_kazakh_letter_is_refused(places: None, tmp_path: Path) -> None:
    file = tmp_path / "kato.csv"
    rows = "".join(f"7112100{number:02d},v,o,1,село,ауыл\n" for number in range(100))
    file.write_text(HEADER + "710000000,v,o,1,г.Астана,Астана\n" + rows, "utf-8")

    with pytest.raises(CommandError, match="none of the names has a Kazakh letter"):
        load(file)


def test_workbook_of_the_bureau_is_read_by_its_own_columns(db: None, tmp_path: Path) -> None:
    file = tmp_path / "kato.csv"
    file.write_text(
        "KATO\n\nte,ab,cd,ef,hij,k,name_kaz,name_rus,nn\n710000000,71,00,00,000,1,Астана қ.,г.Астана,\n"
    )

    load(file)

    assert Locality.objects.get().name_ru == "г. Астана"


def test_errors_name_every_bad_line(tmp_path: Path) -> None:
    file = tmp_path / "kato.csv"
    file.write_text("kato;name_kk;name_ru\n1;а;а\n2;б;б\n", "utf-8")

    with pytest.raises(BadRows) as refused:
        classifier.read(file)

    assert [line for line, _ in refused.value.problems] == [2, 3]
    with pytest.raises(BadFile, match=r"no\.csv"):
        classifier.read(tmp_path / "no.csv")
