"""A hand on the keyboard and none on a pointer: Tab to the place, then Space, Enter or the arrows."""

from pathlib import Path

from playwright.sync_api import FileChooser, Locator, Page

STOPS = 250  # of a page, against going round for ever
# A label stands for its field; Tab comes to the checked one of some radios, or to the first or last of them.
HERE = """one => {
    const at = document.activeElement, field = one.control ?? one;
    return at === field || (field.type === "radio" && at.type === "radio" && at.name === field.name);
}"""
CHECKED = "one => Boolean((one.control ?? one).checked)"
RADIO = """one => (one.control ?? one).type === "radio" """


def tab_to(place: Locator) -> None:
    page = place.page
    place.wait_for(state="attached")
    for _stop in range(STOPS):
        if place.evaluate(HERE):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not come to {place}")


def choose(place: Locator) -> None:
    """A tick, a radio, or a button of a script: what leads nowhere."""
    tab_to(place)
    if not place.evaluate(RADIO):
        place.page.keyboard.press("Space")
        return
    _choose_of_radios(place)


def _choose_of_radios(place: Locator) -> None:
    """Where none is checked yet, Space checks the one that has the focus; the arrows go on from there."""
    if not place.page.evaluate("document.activeElement.checked"):
        place.page.keyboard.press("Space")
    for _stop in range(STOPS):
        if place.evaluate(CHECKED):
            return
        place.page.keyboard.press("ArrowDown")
    raise AssertionError(f"the arrows do not come to {place}")


def go_on(place: Locator) -> None:
    """Press what leads to another page, and wait for it."""
    tab_to(place)
    with place.page.expect_navigation():
        place.page.keyboard.press("Enter")


def attach(place: Locator, file: Path) -> None:
    page: Page = place.page
    # From here on the browser hands its choosers over: asked for it as Enter is pressed, it may be too late.
    page.on("filechooser", _taken)
    tab_to(place)
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(file)
    page.remove_listener("filechooser", _taken)


def _taken(_chooser: FileChooser) -> None:
    """By who expects it."""
