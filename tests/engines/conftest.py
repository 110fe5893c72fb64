"""The stand of the browser tests, and windows of any engine onto it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Stand
from tests.browser.conftest import chromium as chromium
from tests.browser.conftest import stand as stand
from tests.engines import firefox, text, webkit
from tests.engines.chromium import ChromiumWindow
from tests.engines.window import Window

Opened = Callable[..., AbstractContextManager[Window]]
BORN = "{}-03-15"


@dataclass(frozen=True)
class Family:
    """A parent of school №63's microdistrict and the only child, for whom nothing is filed yet."""

    parent: str
    child: str


@pytest.fixture
def opened(chromium: Browser, tmp_path: Path) -> Opened:
    """opened("webkit", scripts=True, width=360): a window of one more person, who is known to nobody."""

    @contextmanager
    def in_chromium(_folder: Path, *, scripts: bool, width: int) -> Iterator[ChromiumWindow]:
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=scripts, locale="kk-KZ"
        )
        yield ChromiumWindow(context.new_page(), scripts=scripts)
        context.close()

    engines: dict[str, Opened] = {
        "chromium": in_chromium, "firefox": firefox.opened, "webkit": webkit.opened, "w3m": text.opened,
    }  # fmt: skip

    def open_window(engine: str, *, scripts: bool, width: int) -> AbstractContextManager[Window]:
        folder = tmp_path / f"{engine}-{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        return engines[engine](folder, scripts=scripts, width=width)

    return open_window


@pytest.fixture(scope="package")
def families(stand: Stand) -> Iterator[Family]:
    """Another one each time."""
    return _families(stand)


def _families(stand: Stand) -> Iterator[Family]:
    state = stand.control("state", method="GET")
    year = int(state["now"][:4]) - (6 if state["now"][5:10] <= "08-31" else 5)
    parents = [one for one in state["people"] if one["sim"] and one["in_base"] and not one["job"]]
    home = next(one["address"] for one in parents if one["address"]["street"] == "Сәтбаев көшесі")
    for parent in parents:
        stand.control(f"people/{parent['iin']}", method="PATCH", address=home, children=[])
        facts = {"name": "Ерасыл", "birth_date": BORN.format(year), "sex": "M"}
        stand.control(f"people/{parent['iin']}/children", **facts)
        yield Family(parent["iin"], "Ерасыл")
