"""How soon the pages of the main route are there on a slow line: Chromium, each page as it is first visited,
at 150 kbit/s with 600 ms. Printed, for docs/performance.md."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import WIDTHS, Stand
from tests.browser.walk import DIRECTOR, photo
from tests.engines import route
from tests.engines.chromium import ChromiumWindow
from tests.engines.conftest import Family, Opened
from tests.engines.route import Walker
from tests.engines.window import Window

pytestmark = pytest.mark.engines
SPEED = 150_000 / 8  # bytes a second
LINE = {"offline": False, "latency": 600, "downloadThroughput": SPEED, "uploadThroughput": SPEED}
PAINTED = """() => performance.getEntriesByName("first-contentful-paint").map(paint => paint.startTime)[0]"""
SOON = 2_500  # ms; told and not judged, for a busy machine is no fault of the page
OF_EVERYBODY = ("/schedule/", "/questions/", "/before/", "/schools/")
TRIES = 3  # of which the best counts: the machine has other work


class Line:
    """A slow line: the page at which a window stands is asked for anew, by a browser that has nothing yet."""

    def __init__(self, chromium: Browser) -> None:
        self.chromium = chromium
        # Of each page: first paint in ms, bytes over the line
        self.figures: dict[str, tuple[float, int]] = {}

    def look(self, window: Window) -> None:
        assert isinstance(window, ChromiumWindow)
        tries = [self._visit(window) for _ in range(TRIES)]
        self.figures[window.text("//h1")] = min(tries)

    def _visit(self, window: ChromiumWindow) -> tuple[float, int]:
        signed_in: Any = window.page.context.storage_state()
        context = self.chromium.new_context(
            viewport=WIDTHS["phone"],  # type: ignore[arg-type]  # a plain dict is what it is
            locale="kk-KZ", storage_state=signed_in,
        )  # fmt: skip
        page = context.new_page()
        devtools = context.new_cdp_session(page)
        sizes: list[int] = []
        devtools.on("Network.loadingFinished", lambda told: sizes.append(told["encodedDataLength"]))
        devtools.send("Network.enable")
        devtools.send("Network.emulateNetworkConditions", LINE)
        page.goto(window.address, wait_until="load")
        painted = float(page.wait_for_function(PAINTED).json_value())
        context.close()
        return painted, int(sum(sizes))


def test_page_is_there_soon_on_a_slow_line(
    stand: Stand, families: Iterator[Family], opened: Opened, chromium: Browser, tmp_path: Path
) -> None:
    line, family = Line(chromium), next(families)
    with opened("chromium", scripts=True, width=360) as window:
        parent = Walker(window, stand, family.parent, at_each=line.look)
        for path in OF_EVERYBODY:
            parent.open(path)
        route.file(parent, family.child, photo(tmp_path))
        parent.open("/applications/")
    with opened("chromium", scripts=True, width=1280) as window:
        Walker(window, stand, DIRECTOR, at_each=line.look).sign_in("/school/")

    print("\n| page | first paint, s | bytes |\n|---|---:|---:|")
    for heading, (painted, size) in line.figures.items():
        late = " (late)" if painted > SOON else ""
        print(f"| {heading} | {painted / 1000:.2f}{late} | {size:,} |")
    assert len(line.figures) > len(OF_EVERYBODY)
