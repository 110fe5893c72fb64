"""Looking at a page in a real browser: what axe objects to, and whether it scrolls sideways."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

GUIDELINES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
AXE = Axe()
_seen: set[str] = set()  # elements looked at in this run, by the way that leads to them

PATHS = """() => {
    const one = each => [each.tagName, ...each.classList, "[", ...each.getAttributeNames().sort()].join(" ");
    const path = each => (each.parentElement ? path(each.parentElement) + ">" : "") + one(each);
    return [...new Set([...document.body.querySelectorAll("*")].map(path))];
}"""


def has_news(page: Page) -> bool:
    """Whether something stands on the page, or is written on it, that no page before had."""
    return not set(page.evaluate(PATHS)) <= _seen


def faults(page: Page) -> list[str]:
    """What is wrong with the page. The contrast of colours is most of the work, and the same wherever
    the same elements stand: it is measured where there are news."""
    colours = has_news(page)
    found = AXE.run(
        page,
        options={
            "runOnly": GUIDELINES,
            "resultTypes": ["violations"],  # the others would be described too, at twice the time
            "rules": {"color-contrast": {"enabled": colours}},
        },
    )
    wrong = [
        f"{each['id']}: {[node['html'] for node in each['nodes']][:3]}"
        for each in found.response["violations"]
    ]
    _seen.update(page.evaluate(PATHS))
    wide = sideways(page)
    return wrong + ([f"scrolls sideways by {wide} px"] if wide > 0 else [])


def sideways(page: Page) -> int:
    """Pixels by which the page scrolls sideways. A page that moves by itself has no document for a moment."""
    found = page.wait_for_function(
        """() => document.readyState === "complete"
            && {wide: document.documentElement.scrollWidth - document.documentElement.clientWidth}"""
    )
    return int(found.json_value()["wide"])
