"""Looking at a page in a real browser: what axe objects to, and whether it scrolls sideways."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

GUIDELINES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {
    "runOnly": GUIDELINES,
    "resultTypes": ["violations"],  # the others would be described too, at twice the time
}
ASK = "([where, options]) => axe.run(where ?? document, options).then(found => found.violations)"
_seen: set[str] = set()  # elements looked at in this run, by the width and the way that leads to them

# An element with its parent and theirs: what stands higher changes how it looks, and hardly ever what it is.
# How much a field takes, and where a form is sent, is nothing to axe.
OF_EACH = """
    const TOLD = new Set(["role", "alt", "title", "for", "id", "href", "lang", "scope", "headers", "tabindex",
        "type", "autocomplete", "checked", "disabled"]);
    const tells = name => TOLD.has(name) || name.startsWith("aria-");
    const told = each => each.getAttributeNames().filter(tells).sort();
    const one = each => [each.tagName, ...each.classList, "[", ...told(each)].join(" ");
    const above = (each, up) => up && each.parentElement ? path(each.parentElement, up - 1) + ">" : "";
    const path = (each, up) => above(each, up) + one(each);
    const of = each => `${innerWidth} ${path(each, 2)}`;
    const all = [...document.body.querySelectorAll("*")];
"""
PATHS = f"() => {{ {OF_EACH} return [...new Set(all.map(of))]; }}"
MARKED = "data-new"
MARK = f"""news => {{
    {OF_EACH}
    for (const one of all.filter(each => news.includes(of(each)))) one.dataset.new = "";
}}"""
FEW = 3  # new elements of a page: they are judged by themselves, for the page is as others are


def news_of(page: Page) -> set[str]:
    """What stands on the page that no page of this width had before."""
    return set(page.evaluate(PATHS)) - _seen


def faults(page: Page) -> list[str]:
    """What is wrong with the page. axe judges elements and their attributes, and is asked where some of
    them are new; how wide a page is depends on its words, too."""
    wide = sideways(page)
    return objections(page) + ([f"scrolls sideways by {wide} px"] if wide > 0 else [])


def objections(page: Page, *, loaded: bool = False) -> list[str]:
    """What axe says of the page's new elements; `loaded`, where it is in the page already."""
    news = news_of(page)
    if not news:
        return []
    if not loaded:
        load_axe(page)
    few = len(news) <= FEW
    if few:
        page.evaluate(MARK, sorted(news))
    found = page.evaluate(ASK, [f"[{MARKED}]" if few else None, OPTIONS])
    _seen.update(news)
    return [f"{each['id']}: {[node['html'] for node in each['nodes']][:3]}" for each in found]


def load_axe(page: Page) -> None:
    page.evaluate(Axe().axe_script)


def sideways(page: Page) -> int:
    """Pixels by which the page scrolls sideways. A page that moves by itself has no document for a moment."""
    found = page.wait_for_function(
        """() => document.readyState === "complete"
            && {wide: document.documentElement.scrollWidth - document.documentElement.clientWidth}"""
    )
    return int(found.json_value()["wide"])
