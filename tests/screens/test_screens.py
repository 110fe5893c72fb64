"""Every page of the portal in windows of all widths, with large letters and long names; its HTML; axe."""

import os

import pytest

from applications.documents.prints import MOST_BYTES
from tests.chromium import CHROMIUM
from tests.looking import load_axe, objections
from tests.screens.markup import remarks
from tests.screens.measuring import PHONE, Frame, Sheet, browser_window
from tests.screens.rendering import LONG, LONG_IN_RUSSIAN, Screen
from tests.screens.walking import lost
from tests.screens.weighing import cold

pytestmark = pytest.mark.django_db
COLD, COLD_QUEUE = 30 * 1024, 45 * 1024  # bytes of a first visit
# What is not seen is not painted: the frame in this window is as wide as it is set.
PEEPHOLE = {"width": 16, "height": 16}
WALKED = ("filing:", "in_person:page", "signing:page", "review:application")  # filing, signing and deciding
needs_browser = pytest.mark.skipif(
    not CHROMIUM and not os.environ.get("REQUIRE_BROWSER"), reason="chromium is not installed"
)


def test_long_names_stand_on_pages_of_everybody(screens: list[Screen]) -> None:
    assert len(LONG) == len(LONG_IN_RUSSIAN) == 40
    named = [screen.lang for screen in screens if LONG in screen.html or LONG_IN_RUSSIAN in screen.html]
    assert set(named) == {"kk", "ru"}
    assert len(named) > len(screens) / 2


def test_html_has_no_faults(screens: list[Screen]) -> None:
    """In one language: the other differs from it in its words alone."""
    read = [screen for screen in screens if screen.lang == "kk"]
    assert {screen.name: found for screen in read if (found := remarks(screen.html))} == {}


def test_first_visit_is_light(screens: list[Screen]) -> None:
    """So that the page is there in seconds where a phone has 150 kbit/s."""
    weights = {screen.name: cold(screen) for screen in screens if " GET " in screen.name}
    most = {name: COLD_QUEUE if name.startswith("review:queue ") else COLD for name in weights}

    assert {name: weight for name, weight in weights.items() if weight > most[name]} == {}


def test_parent_pays_for_no_more_of_a_photo_than_is_shown(screens: list[Screen]) -> None:
    """Whoever decides by a document sees it large."""
    shown = {screen.name: screen.pictures for screen in screens if not screen.name.startswith("review:")}
    weights = {name: weight for name, pictures in shown.items() for weight in pictures}

    assert len(weights) > 1
    assert {name: weight for name, weight in weights.items() if weight > MOST_BYTES} == {}


@pytest.mark.browser
@needs_browser
def test_page_scrolls_down_only_and_is_pressed_by_fingers(screens: list[Screen]) -> None:
    wrong = {}
    with browser_window(viewport=PEEPHOLE) as context:
        frame = Frame(context)
        for screen in screens:
            if found := frame.faults(screen):
                wrong[screen.name] = found

    assert wrong == {}


@pytest.mark.browser
@needs_browser
def test_pages_pass_axe(screens: list[Screen]) -> None:
    """Where an element is new; the languages differ in their words alone."""
    wrong = {}
    with browser_window(viewport={"width": PHONE, "height": 740}) as context:
        richest_first = sorted(screens, key=lambda screen: len(screen.html), reverse=True)
        sheet = Sheet(context)
        load_axe(sheet.page)
        for screen in richest_first:
            if screen.lang == "kk":
                sheet.write(screen)
                if found := objections(sheet.page, loaded=True):
                    wrong[screen.name] = found

    assert wrong == {}


@pytest.mark.browser
@needs_browser
@pytest.mark.parametrize("width", [PHONE, 1280])
def test_keyboard_comes_to_everything_and_is_seen_where_it_is(screens: list[Screen], width: int) -> None:
    wrong = {}
    with browser_window(viewport={"width": width, "height": 740}) as context:
        sheet = Sheet(context)
        for screen in screens:
            if screen.name.startswith(WALKED) and screen.lang == "kk":
                sheet.write(screen)
                if found := lost(sheet.page):
                    wrong[screen.name] = found

    assert wrong == {}
