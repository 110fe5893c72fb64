"""Every page speaks one language, and says so where it does not: a screen reader reads by `lang`."""

from collections.abc import Iterator
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import polib
import pytest
from django.db import transaction

from tests.access import cast
from tests.access.asking import address_of
from tests.access.cast import World
from tests.access.doors import DOORS

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


def pages(world: World, language: str) -> Iterator[tuple[str, str]]:
    """Each page of the table, as who is let in first reads it."""
    for door in DOORS:
        who = next((one for one in world.clients if one in door.for_), cast.OWNER)
        if door.get is None:
            continue
        client = world.clients[who]
        cookies = {key: one.value for key, one in client.cookies.items()}
        with transaction.atomic():
            answer = client.get(address_of(world, door), headers={"accept-language": language})
            transaction.set_rollback(True)
        client.cookies = SimpleCookie(cookies)
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            yield f"{door.name} {door.ids}", answer.content.decode()


@pytest.fixture
def russian() -> set[str]:
    """What only Russian says."""
    entries = polib.pofile(str(PO))
    kazakh = {entry.msgid for entry in entries}
    said = {form for entry in entries for form in (entry.msgstr, *entry.msgstr_plural.values())}
    return {form for form in said - kazakh if form and " " in form}


def test_words_of_the_other_language_are_marked(world: World, russian: set[str], subtests: Any) -> None:
    met = 0
    for name, html in pages(world, "ru"):
        with subtests.test(f"{name} in Russian"):
            met += 1
            assert not [text for lang, text in texts(html) if lang == "ru" and KAZAKH & set(text)]
    for name, html in pages(world, "kk"):
        with subtests.test(f"{name} in Kazakh"):
            assert [text for lang, text in texts(html) if lang == "kk" and text in russian] == []
    assert met > 60


def test_reader_of_pages_knows_the_marks() -> None:
    html = '<html lang="ru"><p>Да<br><bdi lang="kk">Иә, <b>бар</b></bdi> нет</p><script>x</script></html>'

    assert texts(html) == [("ru", "Да"), ("kk", "Иә,"), ("kk", "бар"), ("ru", "нет")]
