"""How a few pages look where somebody has asked the browser, or the system, for other looks: on paper, in the
dark, in the system's own few colours."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.chromium import CHROMIUM
from tests.screens.measuring import Sheet, browser_window
from tests.screens.rendering import Screen

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.browser,
    pytest.mark.skipif(
        not CHROMIUM and not os.environ.get("REQUIRE_BROWSER"), reason="chromium is not installed"
    ),
]
# A page to print, one of forms with ticks, one of tables, one of cards and tags, one of an error.
FEW = (
    "filing:step draft review GET parent A kk", "filing:step draft documents GET parent A kk",
    "review:queue GET director of school A kk", "cabinet:applications GET parent A kk",
    "public:home GET anonymous kk", "error 503 anonymous kk",
)  # fmt: skip
FAINT = (Path(__file__).resolve().parent / "contrast.js").read_text()
SEEN = """(what) => [...document.querySelectorAll(what)].filter(one => one.checkVisibility())
    .map(one => one.outerHTML.slice(0, 80))"""
GROUND = "getComputedStyle(document.body).backgroundColor"
OUTLINE = """() => {
    const one = document.activeElement, look = getComputedStyle(one);
    const ground = getComputedStyle(document.body).backgroundColor;
    return [look.outlineStyle, parseFloat(look.outlineWidth), look.outlineColor, ground];
}"""


@pytest.fixture
def few(screens: list[Screen]) -> list[Screen]:
    found = {screen.name: screen for screen in screens if screen.name in FEW}
    assert set(found) == set(FEW)
    return [found[name] for name in FEW]


@pytest.fixture
def sheet() -> Iterator[Sheet]:
    with browser_window(viewport={"width": 800, "height": 900}) as context:
        yield Sheet(context)


def found(sheet: Sheet, few: list[Screen], script: str, given: Any = None) -> dict[str, list[str]]:
    wrong = {}
    for screen in few:
        sheet.write(screen)
        if said := sheet.page.evaluate(script, given):
            wrong[screen.name] = said
    return wrong


def test_paper_shows_words_and_nothing_to_press(sheet: Sheet, few: list[Screen]) -> None:
    """Browsers print no grounds: what is light on a dark one would be lost."""
    sheet.page.emulate_media(media="print")

    assert found(sheet, few, SEEN, "nav, .menu, .language, .skip, .actions, .button, [type=file]") == {}
    assert found(sheet, few, FAINT, True) == {}


def test_dark_pages_are_dark_and_read(sheet: Sheet, few: list[Screen]) -> None:
    sheet.page.emulate_media(color_scheme="dark")

    assert found(sheet, few, FAINT, False) == {}
    assert sheet.page.evaluate(GROUND) == "rgb(13, 24, 29)"  # --paper of the dark scheme


def test_few_colours_leave_the_focus_and_the_tick(sheet: Sheet, few: list[Screen]) -> None:
    page = sheet.page
    page.emulate_media(forced_colors="active")
    assert found(sheet, few, FAINT, False) == {}
    sheet.write(few[1])

    tick = page.locator("[name=data_correct]")
    tick.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    style, width, colour, ground = page.evaluate(OUTLINE)
    assert (style, colour != ground) == ("solid", True) and width >= 2
    assert _looks(page) == "another look"


def _looks(page: Page) -> str:
    """Of a box, ticked and not."""
    tick = page.locator("[name=data_correct]")
    pictures = []
    for ticked in (False, True):
        tick.set_checked(ticked, force=True)
        pictures.append(tick.locator("..").screenshot())
    return "another look" if pictures[0] != pictures[1] else "the same look"
