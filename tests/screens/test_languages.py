"""Every page speaks one language, and says so where it does not: a screen reader reads by `lang`."""

from html.parser import HTMLParser
from pathlib import Path

import polib
import pytest

from tests.screens.rendering import Screen

PO = Path(__file__).resolve().parents[2] / "locale" / "ru" / "LC_MESSAGES" / "django.po"
KAZAKH = frozenset("әғқңөұүһіӘҒҚҢӨҰҮҺІ")
VOID = frozenset({"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
UNREAD = frozenset({"script", "style", "textarea"})  # what somebody types is in whichever language


class Texts(HTMLParser):
    """The words of a page, each with the language that it is marked with."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, str]] = []
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            inherited = self.open[-1][1] if self.open else ""
            self.open.append((tag, dict(attrs).get("lang") or inherited))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Holds no words."""

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        words = " ".join(data.split())
        if words and self.open and self.open[-1][0] not in UNREAD:
            self.found.append((self.open[-1][1], words))


def texts(html: str) -> list[tuple[str, str]]:
    reader = Texts()
    reader.feed(html)
    return reader.found


@pytest.fixture
def russian() -> set[str]:
    """What only Russian says."""
    entries = polib.pofile(str(PO))
    kazakh = {entry.msgid for entry in entries}
    said = {form for entry in entries for form in (entry.msgstr, *entry.msgstr_plural.values())}
    return {form for form in said - kazakh if form and " " in form}


@pytest.mark.django_db
def test_words_of_the_other_language_are_marked(screens: list[Screen], russian: set[str]) -> None:
    def foreign(lang: str, text: str) -> bool:
        return bool(KAZAKH & set(text)) if lang == "ru" else text in russian

    wrong = {}
    for screen in screens:
        own = [said for lang, said in texts(screen.html) if lang == screen.lang]
        if found := [said for said in own if foreign(screen.lang, said)]:
            wrong[screen.name] = found

    assert wrong == {}


def test_reader_of_pages_knows_the_marks() -> None:
    html = '<html lang="ru"><p>Да<br><bdi lang="kk">Иә, <b>бар</b></bdi> нет</p><script>x</script></html>'

    assert texts(html) == [("ru", "Да"), ("kk", "Иә,"), ("kk", "бар"), ("ru", "нет")]
