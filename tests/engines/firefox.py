"""Firefox by WebDriver BiDi, which it speaks itself. Nothing here runs a script in the page, so that it is
the same where they are off: elements are found, pressed and read by the browser's own means."""

import base64
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium.webdriver.common.bidi.browsing_context import BrowsingContext
from selenium.webdriver.common.bidi.input import Input
from selenium.webdriver.common.bidi.session import Session
from selenium.webdriver.remote.websocket_connection import WebSocketConnection

from tests.browser.phone import PATIENCE, until

SOON = 0.1  # seconds between two looks for an answer
TALL = 15_000  # px, higher than any page: what is pressed is never out of the window
USUAL = 900
ALL_OF_IT = {"maxDomDepth": 100}
SETTINGS = """user_pref("javascript.enabled", {scripts});
user_pref("intl.accept_languages", "kk");
"""


class FirefoxWindow:
    def __init__(self, connection: WebSocketConnection, *, scripts: bool, width: int) -> None:
        self.scripts, self.width = scripts, width
        self.pages, self.hands = BrowsingContext(connection), Input(connection)
        self.tab = self.pages.get_tree()[0].context
        self._grow(TALL)
        self.loaded = 0
        self.pages.add_event_handler("load", self._has_loaded)

    def _has_loaded(self, _page: Any) -> None:
        self.loaded += 1

    @property
    def address(self) -> str:
        return str(self.pages.get_tree(root=self.tab)[0].url)

    def open(self, address: str) -> None:
        self.pages.navigate(self.tab, address, wait="complete")

    def text(self, where: str) -> str:
        return " ".join(" ".join(map(_words, self._all(where, ALL_OF_IT))).split())

    def value(self, where: str, attribute: str) -> str:
        return str(self._one(where)["value"]["attributes"].get(attribute, ""))

    def count(self, where: str) -> int:
        return len(self._all(where))

    def fill(self, where: str, words: str) -> None:
        self.choose(where)
        keys = [{"type": kind, "value": key} for key in words for kind in ("keyDown", "keyUp")]
        self.hands.perform_actions(self.tab, [{"type": "key", "id": "keys", "actions": keys}])

    def attach(self, where: str, file: Path) -> None:
        self.hands.set_files(self.tab, _reference(self._one(where)), [str(file)])

    def choose(self, where: str) -> None:
        middle = {"type": "element", "element": _reference(self._one(where))}
        acts = [
            {"type": "pointerMove", "x": 0, "y": 0, "origin": middle},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        self.hands.perform_actions(self.tab, [{"type": "pointer", "id": "hand", "actions": acts}])

    def press(self, where: str) -> None:
        before = self.loaded
        self.choose(where)
        until(lambda: self.loaded > before, f"the page behind {where}")

    def picture(self, file: Path) -> None:
        self._grow(USUAL)
        file.write_bytes(base64.b64decode(self.pages.capture_screenshot(self.tab, origin="document")))
        self._grow(TALL)

    def _grow(self, height: int) -> None:
        self.pages.set_viewport(self.tab, viewport={"width": self.width, "height": height})

    def _all(self, where: str, options: Any = None) -> list[Any]:
        found: list[Any] = self.pages.locate_nodes(self.tab, {"type": "xpath", "value": where}, options)
        return found

    def _one(self, where: str) -> Any:
        found = self._all(where)
        assert found, f"{where} is not there: {self.address}"
        return found[0]


def _reference(node: Any) -> dict[str, Any]:
    return {"sharedId": node["sharedId"]}


def _words(node: Any) -> str:
    value = node["value"]
    return value.get("nodeValue") or " ".join(map(_words, value.get("children", [])))


@contextmanager
def opened(folder: Path, *, scripts: bool, width: int) -> Iterator[FirefoxWindow]:
    (folder / "user.js").write_text(SETTINGS.format(scripts=str(scripts).lower()))
    command = ["firefox-esr", "--headless", "--no-remote", "--profile", str(folder)]
    command += ["--remote-debugging-port=0"]
    env = os.environ | {"HOME": str(folder), "MOZ_CRASHREPORTER_DISABLE": "1"}
    with (
        (folder / "firefox.log").open("w") as log,
        subprocess.Popen(command, env=env, stdout=log, stderr=log) as process,
    ):
        try:
            connection = WebSocketConnection(_listens_at(folder, process), PATIENCE, SOON)
            Session(connection).new({"alwaysMatch": {}})
            yield FirefoxWindow(connection, scripts=scripts, width=width)
            connection.close()
        finally:
            process.terminate()


def _listens_at(profile: Path, process: subprocess.Popen) -> str:
    file = profile / "WebDriverBiDiServer.json"

    def told() -> bool:
        assert process.poll() is None, (profile / "firefox.log").read_text()
        return file.is_file() and file.stat().st_size > 0

    until(told, "Firefox")
    server = json.loads(file.read_text())
    return f"ws://{server['ws_host']}:{server['ws_port']}/session"
