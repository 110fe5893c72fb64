"""A hand on the keyboard: round a page by Tab alone."""

from playwright.sync_api import Page

STOPS = 200  # of a page, against going round for ever
# Where the focus is, and what is wrong with the place (WCAG 2.4.7, 2.4.11); of radios Tab finds one.
STOP = """() => {
    const one = document.activeElement;
    if (one === document.body) return {}; // past the end, from which Tab goes on at the top
    if (stops.includes(one)) return {again: true};
    stops.push(one);
    // The first line of a link that goes on in a second one: between them lies what is around it.
    const look = getComputedStyle(one), [box = one.getBoundingClientRect()] = one.getClientRects();
    const seen = (look.outlineStyle !== "none" && parseFloat(look.outlineWidth) >= 2) || "no outline";
    const inside = (box.bottom > 0 && box.top < innerHeight && box.width > 0) || "out of the window";
    const x = Math.min(Math.max(box.left + box.width / 2, 0), innerWidth - 1);
    const y = (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2;
    const upper = document.elementFromPoint(x, y);
    const bare = one.contains(upper) || upper?.contains(one) || "covered";
    return {wrong: [seen, inside, bare].find(each => each !== true), what: one.outerHTML.slice(0, 120)};
}"""
UNREACHED = """() => [...document.querySelectorAll("main button, main a[href], main select, main textarea")]
    .filter(one => one.checkVisibility() && !stops.includes(one) && one.tabIndex >= 0)
    .map(one => one.outerHTML.slice(0, 120))"""


def lost(page: Page) -> list[str]:
    """Where it is not seen what has the focus, and what Tab does not come to."""
    wrong = []
    page.evaluate("window.stops = []")
    for _stop in range(STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(STOP)
        if stop.get("again"):
            break
        if stop.get("wrong"):
            wrong.append(f"{stop['wrong']}: {stop['what']}")
    unreached = page.evaluate(UNREACHED)
    return wrong + [f"not reached: {one}" for one in unreached]
