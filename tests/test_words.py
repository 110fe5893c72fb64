"""Words that the portal never says, and words that stand in one place (D2, D27, D29, D30); the glossary of
docs/words.md, held over both languages."""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import polib
import pytest
from django.apps import apps
from django.utils import translation

from applications.models import Result
from notifications.texts import RESULTS

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


class Row(NamedTuple):
    """A line of the glossary: what a thing is called, and what it is never called."""

    kazakh: str
    russian: str
    never_kk: list[str]
    never_ru: list[str]


LABELS = ("family/words", "papers/sections", "papers/signed_by")  # of papers and of a family's file
CELL = re.compile(r"(?<!\\)\|")
PATTERNS = re.compile(r"(kk|ru) (`[^`]+`(?:, `[^`]+`)*)")


def glossary() -> list[Row]:
    lines = (ROOT / "docs" / "words.md").read_text().splitlines()
    table = [CELL.split(line)[1:-1] for line in lines if line.startswith("| ") and "|---" not in line]
    return [_row([cell.strip().replace(r"\|", "|") for cell in cells]) for cells in table[1:]]


def _row(cells: list[str]) -> Row:
    kazakh, russian, _what, never = cells
    said_of = {language: re.findall("`([^`]+)`", found) for language, found in PATTERNS.findall(never)}
    return Row(kazakh, russian, said_of.get("kk", []), said_of.get("ru", []))


@cache
def spoken() -> dict[str, list[str]]:
    """All texts of pages, papers and messages, by language; the pages of an error and the labels of a paper,
    whose two languages stand in one file, are read as both."""
    entries = polib.pofile(str(ROOT / "locale/ru/LC_MESSAGES/django.po"))
    both = [text for text in said().values() if "_components/error_page.html" in text]
    both += [said()[f"applications/{label}.py"] for label in LABELS]
    russian = [form for entry in entries for form in (entry.msgstr, *entry.msgstr_plural.values())]
    return {"kk": [*(entry.msgid for entry in entries), *both], "ru": [*russian, *both]}


@pytest.mark.parametrize("row", glossary(), ids=lambda row: row.kazakh)
def test_a_thing_is_called_as_the_glossary_says(row: Row) -> None:
    never = [("kk", pattern) for pattern in row.never_kk] + [("ru", pattern) for pattern in row.never_ru]
    strangers = [(text, pattern) for language, pattern in never for text in texts(pattern, language)]

    assert strangers == []
    assert texts(_any_ending(row.kazakh), "kk") and texts(_any_ending(row.russian), "ru")


def texts(pattern: str, language: str) -> list[str]:
    return [text for text in spoken()[language] if re.search(pattern, text)]


def _any_ending(words: str) -> str:
    """«справка» is said also where «справки» stands."""
    stems = [word[:-1] if len(word) > 4 else word for word in words.split()]
    return "(?i)" + r"\w*\s".join(re.escape(stem) for stem in stems)


def test_glossary_is_read_whole() -> None:
    rows = {row.kazakh: row for row in glossary()}

    assert len(rows) == len(glossary()) > 40
    assert rows["сеанс"].never_kk == ["[Сс]ессия"] and rows["сеанс"].never_ru == ["[Сс]есси"]
    assert re.search(rows["өтінім"].never_kk[0], "Өтінішті жіберу")
    assert not re.search(rows["өтінім"].never_kk[0], "Өтініш беруші, Өтініш туралы мәліметтер")


@pytest.mark.parametrize(
    "wrong",
    [
        r"\b(?:[Ее]щ[е]|[Рр]ебен|[Пп]рием|[Уу]чет|[Оо]бъем|[Сс]чет(?:а|ом|у|ы)?\b|[Ии]стек\b|[Пп]ридет|[Пп]ройдет)",
        r"[а-яё] Вы\b|[а-яё] Вас\b|[а-яё] Ваш",
        r"осуществля|\bданн(?:ый|ого|ом) (?!ранее|ему)",
        r" - | {2}|\.\.\.",
    ],
)
def test_russian_is_written_as_people_write_it(wrong: str) -> None:
    assert [text for text in texts(wrong, "ru") if "{%" not in text and '"""' not in text] == []


HEADING = re.compile(r"\{% block title %\}(.*?)\{% endblock|<h[1-3][^>]*>(.*?)</h[1-3]>", re.DOTALL)
WORDS = re.compile(r"""\{% trans ["'](.+?)["'] %\}""")
INFINITIVE = re.compile(r"\w+(?:ть|ти|чь)(?:ся)?")


def test_heading_in_russian_names_its_object_too() -> None:
    """A button stands beside what it is about; a page called «Снять» says nothing."""
    russian = {
        entry.msgid: entry.msgstr for entry in polib.pofile(str(ROOT / "locale/ru/LC_MESSAGES/django.po"))
    }
    texts = [path.read_text() for path in (ROOT / "templates").rglob("*.html")]
    parts = ["".join(found) for text in texts for found in HEADING.findall(text)]
    named = {words for part in parts for words in WORDS.findall(part) if " " in words}

    assert len(named) > 100
    assert [words for words in sorted(named) if INFINITIVE.fullmatch(russian.get(words, ""))] == []


def test_what_a_row_says_of_itself_is_no_command_in_russian() -> None:
    """«Прежнее решение: Отказать» tells the reader to refuse."""
    ours = [model for model in apps.get_models() if model.__module__.startswith(APPS)]
    fields = [field for model in ours for field in model._meta.fields if field.choices]
    with translation.override("ru"):
        said = {str(label) for field in fields for _value, label in field.flatchoices}

    assert {"Приём", "Отказ"} <= said
    assert [label for label in sorted(said) if INFINITIVE.fullmatch(label)] == []


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_notice_calls_a_decision_as_its_row_does(language: str) -> None:
    with translation.override(language):
        assert {value: str(words) for value, words in RESULTS.items()} == {
            one.value: str(one.label) for one in Result
        }


BLOCK = re.compile(r"\{% blocktrans\b(.*?)%\}(.*?)\{% endblocktrans %\}")
DAY = re.compile(r"(?:%\(\w+\)s|\{\{ ([^{}]+?) \}\}) (бастап|кейін|дейін)")
ENDS = {"бастап": "|since", "кейін": "|since", "дейін": "|until"}  # the filter that gives a day its ending


def bare(text: str) -> list[str]:
    """Where the word stands behind a value without its ending."""
    found = [_bare(body, dict(re.findall(r"(\w+)=(\S+)", given))) for given, body in BLOCK.findall(text)]
    return [one for some in (*found, _bare(BLOCK.sub("", text), {})) for one in some]


def _bare(text: str, given: dict[str, str]) -> list[str]:
    days = [(day[0], given.get(day[1], day[1] or ""), day[2]) for day in DAY.finditer(text)]
    return [said for said, value, word in days if not value.endswith(ENDS[word])]


def test_no_ending_hangs_on_a_value() -> None:
    """Its vowels are not known: a value stands bare, and a day before «бастап» or «дейін» has its filter."""
    hanging = [text for text in texts(r"%\(\w+\)s-(?!бет|кезең|сурет|үйден|%)", "kk") if "{%" not in text]
    sources = {place: text for place, text in said().items() if not place.startswith("locale/")}

    assert hanging == []
    assert {place: found for place, text in sources.items() if (found := bare(text))} == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{% blocktrans trimmed with day=row.day|since %} {{ day }} бастап {% endblocktrans %}", []),
        ("{% blocktrans with day=row.day|until %}{{ day }} бастап{% endblocktrans %}", ["{{ day }} бастап"]),
        (
            "{% blocktrans with day=a|since %}{{ day }} бастап{% endblocktrans %} "
            "{% blocktrans with last=b|date %}{{ last }} дейін{% endblocktrans %}",
            ["{{ last }} дейін"],
        ),
        ("{{ day|until }} дейін, {{ day }} кейін", ["{{ day }} кейін"]),
        ("_('%(day)s бастап')", ["%(day)s бастап"]),
    ],
)
def test_value_before_its_word_is_found_in_every_place_by_itself(text: str, found: list[str]) -> None:
    assert bare(text) == found
