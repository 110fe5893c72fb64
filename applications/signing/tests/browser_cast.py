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
from threading import Event, Thread
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as project
from django.db import connection
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from applications.signing import originals
from tests.ports import held_port
from tests.sandbox import Sandbox, end, placed, run

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
PICTURES = Path(os.environ["PICTURES"]) if os.environ.get("PICTURES") else None
WIDTHS = {"phone": (360, 740), "desk": (1280, 900)}
GUIDELINES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
PATIENCE_MS = 60_000  # a busy machine is no fault of the page
expect.set_options(timeout=PATIENCE_MS)


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
            context.set_default_timeout(PATIENCE_MS)
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
    with held_port() as port, held_port() as ncalayer_port, held_port() as silent:
        sandbox = placed(folder / "state", port=port, ncalayer_port=ncalayer_port)
        _point(settings, sandbox, silent=silent)  # before the portal starts, for it keeps what it may reach
        server = LiveServer("127.0.0.1:0")
        try:
            settings.PUBLIC_URL = server.url
            process = run(sandbox, portal_url=server.url)
            try:
                client = Client()
                client.force_login(user)
                yield Bench(server.url, sandbox, user, client.cookies[project.SESSION_COOKIE_NAME].value)
            finally:
                end(process)
        finally:
            server.stop()


def _point(settings: Any, sandbox: Sandbox, *, silent: int) -> None:
    settings.SANDBOX_URL = sandbox.url
    settings.EGOV_MOBILE_LINK = f"{sandbox.url}/phone/"
    settings.SMARTBRIDGE_URL = f"http://127.0.0.1:{silent}"  # a check passed lately stands
    settings.OCSP_URL = f"{sandbox.url}/ocsp"
    settings.NCALAYER_URL = sandbox.ncalayer_url
    settings.EDS_CA_DIR = sandbox.state_dir / "ca"


@contextmanager
def worker() -> Iterator[None]:
    """Draws what batches wait for, as the portal's worker does."""
    over = Event()

    def work() -> None:
        while not over.wait(0.1):
            originals.run()
        connection.close()

    thread = Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


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
