"""The portal and the sandbox beside each other, and one person with a real browser.

Set PICTURES to a folder to look at every page that is visited.
"""

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.db import connection
from django.test import Client, override_settings
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from applications.signing import originals
from tests.chromium import CHROMIUM
from tests.looking import faults, sideways
from tests.ports import held_port
from tests.sandbox import Sandbox, end, placed, run

PICTURES = Path(os.environ["PICTURES"]) if os.environ.get("PICTURES") else None
WIDTHS = {"phone": (360, 740), "desk": (1280, 900)}
PATIENCE_MS = 60_000  # a busy machine is no fault of the page
expect.set_options(timeout=PATIENCE_MS)


@dataclass(frozen=True)
class Stage:
    """What all benches of a run share, for starting it is most of their cost: the portal, the sandbox, and a
    browser in a thread of its own, because its loop and the ORM do not mix."""

    url: str
    sandbox: Sandbox
    settings: dict[str, Any]
    browser: Browser
    thread: ThreadPoolExecutor


@dataclass
class Bench:
    stage: Stage
    user: User
    cookie: str

    @property
    def url(self) -> str:
        return self.stage.url

    @property
    def sandbox(self) -> Sandbox:
        return self.stage.sandbox

    def drive(self, work: Callable[[BrowserContext], None], *, lang: str = "kk", **options: Any) -> None:
        """Do the work in a browser that knows nothing of the others' work."""
        self.stage.thread.submit(self._run, work, lang, options).result()

    def _run(self, work: Callable[[BrowserContext], None], lang: str, options: dict[str, Any]) -> None:
        with self.stage.browser.new_context(**options) as context:
            context.set_default_timeout(PATIENCE_MS)
            cookies = {project.SESSION_COOKIE_NAME: self.cookie, project.LANGUAGE_COOKIE_NAME: lang}
            context.add_cookies([{"name": k, "value": v, "url": self.url} for k, v in cookies.items()])
            work(context)

    def scan(self, qr: str, **more: str) -> None:
        """The person's phone reads the text of a QR."""
        self.sandbox.control("POST", "scan", {"iin": self.user.iin, "qr": qr} | more)


@pytest.fixture(scope="session")
def stage(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    if not CHROMIUM:
        assert not os.environ.get("REQUIRE_BROWSER"), "chromium is not installed"
        pytest.skip("chromium is not installed")
    with (
        held_port() as port,
        held_port() as ncalayer_port,
        held_port() as silent,
        _browser() as (browser, thread),
    ):
        sandbox = placed(tmp_path_factory.mktemp("state"), port=port, ncalayer_port=ncalayer_port)
        addresses = _addresses(sandbox, silent=silent)
        with override_settings(**addresses, STATIC_ROOT=None):  # for the portal keeps what it may reach
            server = LiveServer("127.0.0.1:0")
        try:
            process = run(sandbox, portal_url=server.url)
            try:
                yield Stage(server.url, sandbox, addresses | {"PUBLIC_URL": server.url}, browser, thread)
            finally:
                end(process)
        finally:
            server.stop()


@contextmanager
def _browser() -> Iterator[tuple[Browser, ThreadPoolExecutor]]:
    options = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    with ThreadPoolExecutor(1) as thread:
        playwright = thread.submit(sync_playwright().start).result()
        try:
            launch = thread.submit(playwright.chromium.launch, executable_path=CHROMIUM, args=options)
            yield launch.result(), thread
        finally:
            thread.submit(playwright.stop).result()


def _addresses(sandbox: Sandbox, *, silent: int) -> dict[str, Any]:
    return {
        "SANDBOX_URL": sandbox.url,
        "EGOV_MOBILE_LINK": f"{sandbox.url}/phone/",
        "SMARTBRIDGE_URL": f"http://127.0.0.1:{silent}",  # a check passed lately stands
        "OCSP_URL": f"{sandbox.url}/ocsp",
        "NCALAYER_URL": sandbox.ncalayer_url,
        "EDS_CA_DIR": sandbox.state_dir / "ca",
    }


@contextmanager
def bench_of(user: User, *, stage: Stage, settings: Any) -> Iterator[Bench]:
    """This person, signed in, before a portal that runs and state systems as on their first day."""
    for name, value in stage.settings.items():
        setattr(settings, name, value)
    stage.sandbox.reset()
    client = Client()
    client.force_login(user)
    yield Bench(stage, user, client.cookies[project.SESSION_COOKIE_NAME].value)
    for each in threading.enumerate():
        if "process_request_thread" in each.name:  # a question of the browser that has just closed
            each.join(PATIENCE_MS / 1000)


@contextmanager
def worker() -> Iterator[None]:
    """Draws what batches wait for, as the portal's worker does."""
    over = threading.Event()

    def work() -> None:
        while not over.wait(0.1):
            originals.run()
        connection.close()

    thread = threading.Thread(target=work)
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
    wide = sideways(page)
    assert wide <= 0, f"{name} scrolls sideways by {wide} px"


def examine(page: Page, name: str) -> None:
    """As `look`, and nothing that axe objects to."""
    look(page, name)
    assert faults(page) == [], name
