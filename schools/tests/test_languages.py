"""Languages of instruction come with the portal, and from a table (D3)."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from schools.models import Language

pytestmark = pytest.mark.django_db


def load(*files: Path) -> str:
    out = StringIO()
    call_command("load_languages", *files, stdout=out, stderr=out)
    return out.getvalue()


def table(folder: Path, text: str) -> Path:
    path = folder / "languages.csv"
    path.write_text("code;name_kk;name_ru;position\n" + text, "utf-8")
    return path


def test_portal_brings_its_own_and_leaves_what_stands(tmp_path: Path) -> None:
    assert "5 languages" in load()
    Language.objects.filter(code="uz").update(name_ru="Узбекский язык")

    assert load() == ""
    assert Language.objects.get(code="uz").name_ru == "Узбекский язык"


def test_table_adds_and_renames(tmp_path: Path) -> None:
    load()

    assert "1 languages of instruction loaded, 1 changed" in load(
        table(tmp_path, "de;Неміс;Немецкий;6\nuz;Өзбек тілі;Узбекский;3\nkk;Қазақ;Казахский;1\n")
    )
    assert list(Language.objects.order_by("position").values_list("code", flat=True))[-1] == "de"


def test_table_without_positions_moves_nothing(tmp_path: Path) -> None:
    load()
    before = dict(Language.objects.values_list("code", "position"))
    path = tmp_path / "languages.csv"
    path.write_text("code;name_kk;name_ru\nuz;Өзбек тілі;Узбекский язык\nde;Неміс;Немецкий\n", "utf-8")

    load(path)

    assert dict(Language.objects.values_list("code", "position")) == before | {"de": 0}
    assert Language.objects.get(code="uz").name_ru == "Узбекский язык"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("de;;Немецкий;6", "line 3: a language has"),
        ("dede;Неміс;Немецкий;6", "line 3: code has 4 letters"),
        ("de;Неміс;Немецкий;-1", "line 3: «-1»"),
        ("kk;Неміс;Немецкий;6", "stands already"),
    ],
)
def test_nothing_is_saved_of_a_bad_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], row: str, why: str
) -> None:
    out = StringIO()

    with pytest.raises(CommandError, match="nothing is saved"):
        call_command("load_languages", table(tmp_path, f"kk;Қазақ;Казахский;1\n{row}\n"), stderr=out)

    assert why in out.getvalue()
    assert not Language.objects.exists()
