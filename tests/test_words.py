"""Words that the portal never says, and words that stand in one place (D2, D27, D29, D30)."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ("accounts", "applications", "notifications", "schools", "oqu")


def said() -> dict[str, str]:
    """Everything that a page, a paper or a message is made of, by file, spaces as one."""
    files = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "static" / "js").glob("*.js")]
    for app in APPS:
        files += [path for path in (ROOT / app).rglob("*.py") if "tests" not in path.parts]
    files += (ROOT / "locale").rglob("*.po")
    return {str(path.relative_to(ROOT)): " ".join(path.read_text().split()) for path in files}


def places(pattern: str) -> list[str]:
    return [place for place, text in said().items() if re.search(pattern, text)]


@pytest.mark.rule("R2", "D30")
@pytest.mark.parametrize(
    "slip",
    [
        "ОQU|OQУ",  # a Cyrillic letter in the name of the platform
        "ЭЦК",
        r"\bбар бар\b",
        r"\bтірде\b",
        "тіркелеген",
        "[Мм]екен-жай",
        "өтінімінде «Тексеруде» мәртебесінде болады",
    ],
)
def test_slips_of_the_instruction_are_mended(slip: str) -> None:
    assert places(slip) == []


@pytest.mark.rule("D2", "D27")
@pytest.mark.parametrize(
    "variant",
    [
        "«Қызметке онлайн тапсырыс беру»",
        "«Қол қою»",
        "«Құжаттарды жүктеу» батырмасын",
        "Өтінішті қайтарып алу",
        "Тасымалдау қызметі қажет пе",
        "Баланың ерекше білім беру қажеттіліктері бар",
        "Кері қайтарылды",
    ],
)
def test_button_or_status_has_one_name(variant: str) -> None:
    assert places(variant) == []


@pytest.mark.rule("D29")
def test_egovs_name_of_the_service_stands_in_the_help_about_egov_alone() -> None:
    name = "1-сыныпқа қабылдау үшін құжаттарды қабылдау"

    assert [place for place in places(name) if not place.startswith("locale/")] == [
        "templates/public/_login_help.html"
    ]
