"""w3m, which has no styles and no scripts: the way up to the signature by QR reads from top to bottom."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.browser.conftest import Stand
from tests.browser.walk import photo
from tests.engines import route
from tests.engines.conftest import Family, Opened
from tests.engines.route import Walker
from tests.engines.text import TextWindow
from tests.engines.window import Window

pytestmark = pytest.mark.engines
FIELDS = "//input[not(@type='hidden')] | //select | //textarea"
PRESSED = "//main//button[not(@aria-hidden)] | //main//summary | //main//a[@href]"
SENTENCE = 30  # letters: a shorter line may be said of two things


def faults(window: TextWindow) -> list[str]:
    page = window.page
    return [*_twice(window.shown, page), *_pressed_twice(page), *_labels(page), *_buttons(page)]


def _twice(shown: str, page: Any) -> Iterator[str]:
    """Paragraphs, as w3m parts them; each document's card may say the same of its own."""
    cards = [_words(card) for card in page.xpath("//*[@data-oqu-card]")]
    said = [" ".join(one.split()) for one in re.split(r"\n\s*\n", shown)]
    for one in set(said):
        if len(one) >= SENTENCE and said.count(one) > max(1, sum(one in card for card in cards)):
            yield f"stands twice: {one}"


def _pressed_twice(page: Any) -> Iterator[str]:
    """Two things to press that are called the same; links to one place are one thing."""
    pressed = {(_words(one), one.get("href", one)) for one in page.xpath(PRESSED)}
    words = [called for called, _what in pressed]
    yield from (f"called the same: {one}" for one in set(words) if words.count(one) > 1)


def _words(element: Any) -> str:
    return " ".join(element.text_content().split())


def _labels(page: Any) -> Iterator[str]:
    """Before a field, and behind a radio or a tick: there is no other way to know which is whose."""
    order = {one: at for at, one in enumerate(page.iter())}
    for field in page.xpath(FIELDS):
        named = page.xpath("//label[@for=$id]", id=field.get("id", ""))
        if len(named) != 1 or not named[0].text_content().strip():
            yield f"{len(named)} labels: {field.get('name')}"
        elif (order[named[0]] < order[field]) == (field.get("type") in ("radio", "checkbox")):
            yield f"label on the wrong side: {field.get('name')}"


def _buttons(page: Any) -> Iterator[str]:
    yield from (
        f"no words: {one.get('name')}" for one in page.xpath("//button") if not one.text_content().strip()
    )


def test_way_to_the_signature_reads_without_styles(
    stand: Stand, families: Iterator[Family], opened: Opened, tmp_path: Path
) -> None:
    family, wrong, headings = next(families), {}, []

    def look(window: Window) -> None:
        assert isinstance(window, TextWindow)
        if urlsplit(window.address).netloc != urlsplit(stand.url).netloc:
            return  # eGov's own pages
        headings.append(window.text("//h1"))
        if found := faults(window):
            wrong[window.address] = found

    with opened("w3m", scripts=False, width=80) as window:
        route.file(Walker(window, stand, family.parent, at_each=look), family.child, photo(tmp_path))

    assert wrong == {}
    assert headings[-1] == route.SIGNED and len(headings) >= 10
