"""The portal and the sandbox beside each other, and one person with a real browser.

Set PICTURES to a folder to look at every page that is visited.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as project
from django.test import Client
from playwright.sync_api import BrowserContext, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from tests.sandbox import Sandbox, free_port, start

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
PICTURES = Path(os.environ["PICTURES"]) if os.environ.get("PICTURES") else None
WIDTHS = {"phone": (360, 740), "desk": (1280, 900)}
GUIDELINES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]


@dataclass
class Bench:
    url: str
    sandbox: Sandbox
    user: User
    cookie: str

    def drive(self, work: Callable[[BrowserContext], None], *, lang: str = "kk", **options: Any) -> None:
        """Do the work in a browser of its own, in a thread of its own: its loop and the ORM do not mix."""
        with ThreadPoolExecutor(1) as pool:
            pool.submit(self._run, work, lang, options).result()

    def _run(self, work: Callable[[BrowserContext], None], lang: str, options: dict[str, Any]) -> None:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
            )
            context = browser.new_context(**options)
            context.set_default_timeout(15_000)
            cookies = {project.SESSION_COOKIE_NAME: self.cookie, project.LANGUAGE_COOKIE_NAME: lang}
            context.add_cookies([{"name": k, "value": v, "url": self.url} for k, v in cookies.items()])
            work(context)
            browser.close()

    def scan(self, qr: str, **more: str) -> None:
        """The person's phone reads the text of a QR."""
        self.sandbox.control("POST", "scan", {"iin": self.user.iin, "qr": qr} | more)


@contextmanager
def bench_of(user: User, *, folder: Path, settings: Any) -> Iterator[Bench]:
    """This person, signed in, before a portal that runs."""
    if not CHROMIUM:
        assert not os.environ.get("REQUIRE_BROWSER"), "chromium is not installed"
        pytest.skip("chromium is not installed")
    port = free_port()
    process, sandbox = start(folder / "state", portal_url=f"http://127.0.0.1:{port}")
    try:
        _point(settings, sandbox, port=port, ca=folder / "state" / "ca")
        client = Client()
        client.force_login(user)
        server = LiveServer(f"127.0.0.1:{port}")
        yield Bench(server.url, sandbox, user, client.cookies[project.SESSION_COOKIE_NAME].value)
        server.stop()
    finally:
        process.terminate()
        process.wait(timeout=60)


def _point(settings: Any, sandbox: Sandbox, *, port: int, ca: Path) -> None:
    settings.PUBLIC_URL = f"http://127.0.0.1:{port}"
    settings.SANDBOX_URL = sandbox.url
    settings.EGOV_MOBILE_LINK = f"{sandbox.url}/phone/"
    settings.SMARTBRIDGE_URL = f"http://127.0.0.1:{free_port()}"  # silent: a check passed lately stands
    settings.OCSP_URL = f"{sandbox.url}/ocsp"
    settings.NCALAYER_URL = sandbox.ncalayer_url
    settings.EDS_CA_DIR = ca


def look(page: Page, name: str) -> None:
    """No sideways scrolling; a picture for those who want one."""
    if PICTURES:
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{name} scrolls sideways by {wide} px"


def examine(page: Page, name: str) -> None:
    """As `look`, and nothing that axe objects to."""
    look(page, name)
    found = Axe().run(page, options={"runOnly": GUIDELINES}).response["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]][:3]) for each in found] == [], name
