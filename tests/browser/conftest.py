"""A whole OQU for the browser: portal, worker, beat and sandbox as real processes, a real Chromium."""

import base64
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright

from tests.chromium import CHROMIUM
from tests.looking import faults, news_of
from tests.ports import held_port

ROOT = Path(__file__).resolve().parent.parent.parent
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII="
)
START_SECONDS = 180  # against hanging
expect.set_options(timeout=60_000)  # a busy machine is no fault of the page
WIDTHS = {"phone": {"width": 360, "height": 740}, "desk": {"width": 1280, "height": 900}}


@dataclass
class Stand:
    url: str
    sandbox: str
    env: dict[str, str]
    database: str
    logs: Path

    def control(self, path: str, *, method: str = "POST", **body: Any) -> Any:
        """The sandbox's control API."""
        answer = requests.request(method, f"{self.sandbox}/control/{path}", json=body, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def manage(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=600,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def query(self, sql: str, *values: Any) -> list[tuple]:
        with psycopg.connect(self.database, autocommit=True) as connection:
            return connection.execute(sql, values).fetchall()


def _dsn(name: str) -> str:
    base = settings.DATABASES["default"]
    parts = {
        "host": base["HOST"], "port": base["PORT"], "user": base["USER"], "password": base["PASSWORD"],
        "dbname": name,
    }  # fmt: skip
    return " ".join(f"{key}='{value}'" for key, value in parts.items() if value)


def _url(name: str) -> str:
    base = settings.DATABASES["default"]
    login = base["USER"] + (f":{base['PASSWORD']}" if base["PASSWORD"] else "")
    if base["HOST"].startswith("/"):
        return f"postgres://{login}@/{name}?host={base['HOST']}"
    port = f":{base['PORT']}" if base["PORT"] else ""
    return f"postgres://{login}@{base['HOST']}{port}/{name}"


@contextmanager
def _running(arguments: list[str], *, env: dict[str, str], log: Path) -> Iterator[subprocess.Popen]:
    with log.open("wb") as out:
        process = subprocess.Popen(
            arguments, cwd=ROOT, env=env, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _wait(url: str, process: subprocess.Popen, log: Path, *, healthy: bool = False) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            answer = requests.get(url, timeout=30)
            if answer.json()["healthy"] if healthy else answer.status_code < 500:
                return
        except requests.RequestException:
            pass
        time.sleep(0.1)  # waiting for another process to come up: there is nothing to be told by
    raise AssertionError(f"{url} did not come up:\n{log.read_text()}")


@pytest.fixture(scope="package")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    with held_port() as portal, held_port() as sandbox, held_port() as ncalayer:
        yield from _stand(tmp_path_factory.mktemp("stand"), portal, sandbox, ncalayer)


def _stand(place: Path, portal: int, sandbox: int, ncalayer: int) -> Iterator[Stand]:
    name = f"oqu_browser_{os.getpid()}"
    with psycopg.connect(_dsn("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    env = {"WAITING_ROOM": "off"} | os.environ | {  # by night a region of the demo may open
        "DEMO": "1", "DATABASE_URL": _url(name), "VAR_DIR": str(place), "STATIC_ROOT": str(place / "static"),
        "PUBLIC_URL": f"http://127.0.0.1:{portal}", "SANDBOX_URL": f"http://127.0.0.1:{sandbox}",
        "SANDBOX_PORT": str(sandbox), "NCALAYER_PORT": str(ncalayer),
        "NCALAYER_URL": f"ws://127.0.0.1:{ncalayer}/", "REDIS_URL": settings.REDIS_URL,
        "CELERY_BROKER_URL": settings.CELERY_BROKER_URL, "CELERY_QUEUE": name,
        "DJANGO_SETTINGS_MODULE": "oqu.settings",
    }  # fmt: skip
    made = Stand(env["PUBLIC_URL"], env["SANDBOX_URL"], env, _dsn(name), place)
    made.manage("prepare", "--demo")
    python = sys.executable
    web = [
        python,
        "-m",
        "gunicorn",
        "oqu.wsgi",
        "-b",
        f"127.0.0.1:{portal}",
        "-k",
        "gthread",
        "--threads",
        "8",
    ]
    work = [python, "-m", "celery", "-A", "oqu", "worker", "-B", "-c", "1", "-l", "WARNING"]
    bench = [python, "manage.py", "egov_sandbox"]
    try:
        with (
            _running(bench, env=env, log=place / "sandbox.log") as one,
            _running(web, env=env, log=place / "web.log") as two,
            _running(work, env=env, log=place / "worker.log"),
        ):
            _wait(env["SANDBOX_URL"], one, place / "sandbox.log")
            _wait(f"{made.url}/healthz", two, place / "web.log", healthy=True)
            yield made
    finally:
        with psycopg.connect(_dsn("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Ends with this folder's tests: while Playwright runs, its event loop holds the thread, and no other
    test of the process could seal a paper."""
    if not CHROMIUM:
        assert not os.environ.get("REQUIRE_BROWSER"), "chromium is not installed"
        pytest.skip("chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_context(chromium: Browser) -> Iterator[Any]:
    """open_context(javascript=True, lang="kk", width="phone"): a browser of one more person."""
    contexts: list[BrowserContext] = []
    broken: list[str] = []

    def make(*, javascript: bool = True, lang: str = "kk", width: str = "phone") -> BrowserContext:
        context = chromium.new_context(
            viewport=WIDTHS[width],  # type: ignore[arg-type]  # a plain dict is what it is
            locale=f"{lang}-KZ", timezone_id="Asia/Almaty", java_script_enabled=javascript,
            extra_http_headers={"Accept-Language": lang},
        )  # fmt: skip
        context.set_default_timeout(60_000)
        context.on("weberror", lambda error: broken.append(f"{error.page and error.page.url}: {error.error}"))
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()
    assert broken == []  # no script of a page has fallen


def _stand_in(route: Route) -> None:
    """A picture of the right kind in place of each, so that it takes the room that the page gives it."""
    if route.request.resource_type == "image":
        route.fulfill(body=PIXEL, content_type="image/png")
    else:
        route.abort()


class Watch:
    """Looks at every page a test visits: axe, no sideways scrolling."""

    def __init__(self, stand: Stand, chromium: Browser) -> None:
        self.stand = stand
        self.copies = chromium.new_context()
        self.seen: set[str] = set()
        self.faults: list[str] = []
        self.pictures = Path(os.environ["PICTURES"]) if os.environ.get("PICTURES") else None

    def look(self, page: Page, name: str, *, scripts: bool = True) -> None:
        if self.pictures:
            self.pictures.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=self.pictures / f"{name}.png", full_page=True)
        if scripts:
            self._note(name, faults(page))
        elif news_of(page):
            self._look_at_copy(page, name)
        self.seen.add(name)

    def _look_at_copy(self, page: Page, name: str) -> None:
        """axe cannot run where scripts are off: it is shown the same page, as it stands, where they run."""
        html, address = page.content(), page.url.split("#")[0]
        copy = self.copies.new_page()
        if page.viewport_size:
            copy.set_viewport_size(page.viewport_size)
        copy.route(lambda url: "/static/" not in url, _stand_in)  # it is a picture only
        copy.route(address, lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"))
        copy.goto(address)
        self._note(name, faults(copy))
        copy.close()

    def _note(self, name: str, faults: list[str]) -> None:
        self.faults += [f"{name}: {fault}" for fault in faults]


@pytest.fixture
def watch(stand: Stand, chromium: Browser) -> Iterator[Watch]:
    watch = Watch(stand, chromium)
    yield watch
    watch.copies.close()
    assert watch.faults == []
