"""The nginx of docs/deploy.md, as it stands there, before a portal that is played. Skipped without nginx."""

import http.client
import os
import re
import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from tests.ports import held_port
from tests.served import statuses

ROOT = Path(__file__).resolve().parent.parent
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
MEGABYTE = 1024 * 1024
PATIENCE = 60  # seconds, against hanging

IN_NGINX = pytest.mark.skipif(
    NGINX is None and not os.environ.get("REQUIRE_NGINX"), reason="nginx is not installed"
)
pytestmark = IN_NGINX


@dataclass
class Site:
    http: int
    https: int
    log: Path
    upstream: "_Upstream"

    def ask(self, method: str, path: str, body: bytes = b"") -> tuple[int, str]:
        context = ssl._create_unverified_context()
        connection = http.client.HTTPSConnection("127.0.0.1", self.https, context=context, timeout=PATIENCE)
        with closing(connection):
            with suppress(BrokenPipeError, ConnectionResetError):  # it may answer before it has read all
                connection.request(method, path, body=body)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    assert NGINX, "nginx is not installed"
    folder = tmp_path_factory.mktemp("nginx")
    call_command("error_pages", str(folder / "pages"))
    with held_port() as plain, held_port() as secret:
        upstream = _Upstream(("127.0.0.1", 0), _Portal)
        made = Site(plain, secret, folder / "oqu.log", upstream)
        threading.Thread(target=upstream.serve_forever, daemon=True).start()
        conf = conf_of(folder, http=plain, https=secret, portal=upstream.server_address[1])
        nginx = subprocess.Popen([str(NGINX), "-e", str(folder / "early.log"), "-c", str(conf)])
        try:
            _wait(lambda: made.ask("GET", "/"), nginx)
            yield made
        finally:
            nginx.terminate()
            nginx.wait(20)
            upstream.shutdown()
            upstream.server_close()


class _Upstream(ThreadingHTTPServer):
    def __init__(self, *where: Any) -> None:
        super().__init__(*where)
        self.seen: list[dict[str, str]] = []  # the headers of each request


class _Portal(BaseHTTPRequestHandler):
    """Says 200 to everything, or the status that the path ends with."""

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        assert isinstance(self.server, _Upstream)
        self.server.seen.append(dict(self.headers))
        wanted = re.search(r"\d{3}$", self.path)
        self.send_response(int(wanted.group()) if wanted else 200)
        self.end_headers()
        self.wfile.write(b"the portal's own page")

    do_POST = do_GET

    def log_message(self, *_arguments: Any) -> None:
        """Not to the test's output."""


def conf_of(folder: Path, *, http: int, https: int, portal: int) -> Path:
    """The block of the documents, with this machine's ports and places; its pages are in `folder/pages`."""
    block = re.search(r"```nginx\n(.*?)```", (ROOT / "docs/deploy.md").read_text(), re.DOTALL)
    assert block
    text = block.group(1)
    key, certificate = folder / "oqu.key", folder / "oqu.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=oqu.example.kz"]
    subprocess.run([*made, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    for old, new in (
        ("listen 80;", f"listen 127.0.0.1:{http};"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{https} ssl;"),
        ("/var/log/nginx", str(folder)),
        ("/etc/ssl/oqu.pem", str(certificate)),
        ("/etc/ssl/private/oqu.key", str(key)),
        ("/var/www/oqu", str(folder / "pages")),
        ("127.0.0.1:8000", f"127.0.0.1:{portal}"),
    ):
        assert old in text, old
        text = text.replace(old, new)
    user = "user root;" if folder.owner() == "root" else ""
    conf = folder / "nginx.conf"
    conf.write_text(
        f"{user} daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}}\n"
        f"http {{ {temporaries(folder)} {text} }}\n"
    )
    return conf


def temporaries(folder: Path) -> str:
    """In place of those of a machine on which nginx is installed."""
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    return "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)


def _wait(ask: Callable[[], object], nginx: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert nginx.poll() is None, "nginx does not start with the documents' block"
        try:
            ask()
        except OSError:
            time.sleep(0.05)  # another process comes up in its own time
        else:
            return
    raise AssertionError("nginx does not answer")


def line_of(site: Site, what: str) -> str:
    """The latest of the log; it is written when the last of the request was read, after its answer."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := [line for line in site.log.read_text().splitlines() if what in line]:
            return found[-1]
        time.sleep(0.05)
    raise AssertionError(f"no line of{what}")


def test_portal_learns_host_scheme_sender_and_a_name_of_the_request(site: Site) -> None:
    site.ask("GET", "/")

    headers = site.upstream.seen[-1]
    assert headers["Host"] == f"127.0.0.1:{site.https}"
    assert headers["X-Forwarded-Proto"] == "https"
    assert headers["X-Forwarded-For"] == "127.0.0.1"
    assert re.fullmatch(r"[0-9a-f]{32}", headers["X-Request-ID"])


def test_old_tls_is_not_spoken() -> None:
    block = (ROOT / "docs/deploy.md").read_text()
    assert re.findall(r"ssl_protocols (.*);", block) == ["TLSv1.2 TLSv1.3"]


def test_port_80_leads_to_https(site: Site) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", site.http, timeout=PATIENCE)) as connection:
        connection.request("GET", "/service/?a=1")
        answer = connection.getresponse()

    assert (answer.status, answer.headers["Location"]) == (301, "https://oqu.example.kz/service/?a=1")


@pytest.mark.rule("D75")
def test_whole_form_of_files_passes_and_more_is_refused_by_our_page(site: Site) -> None:
    assert site.ask("POST", "/x/", bytes(30 * MEGABYTE))[0] == 200

    status, page = site.ask("POST", "/x/", bytes(32 * MEGABYTE))

    assert status == 413
    assert "Жіберілген файл тым үлкен" in page
    assert "Файл слишком большой" in page
    assert "<style>" in page
    assert "/static/" not in page.partition("</style>")[2]
    cases = set(re.findall(r'<b class="nowrap">(.*?)</b>', page))
    *_, number, first, last = line_of(site, " 413 ").split()
    assert cases == {f"{first} {last}"}
    assert f"{first}{last}" == "".join(re.findall("[0-9]", number))[:8]  # as the portal tells it


@pytest.mark.parametrize("status", [400, 404, 413, 429, 500, 503])
def test_pages_of_the_portal_pass_as_they_are(site: Site, status: int) -> None:
    assert site.ask("GET", f"/{status}") == (status, "the portal's own page")


def test_error_pages_are_no_addresses(site: Site) -> None:
    assert site.ask("GET", "/413.html")[0] == 404


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/sign/tokentokentoken/", "/sign/..."),
        ("/check/tokentokentoken/", "/check/..."),
        ("/egov-sign/mgovSign/tokentokentoken", "/egov-sign/..."),
        ("/login/callback/?code=tokentokentoken", "/login/callback/"),
        ("/check/", "/check/"),
    ],
)
def test_log_holds_no_token(site: Site, path: str, shown: str) -> None:
    site.ask("GET", path)
    site.ask("GET", "/afterwards/")  # a line is written after its answer, and before the next one's

    assert f" GET {shown} " in site.log.read_text()
    assert "tokentoken" not in site.log.read_text()
    assert 200 in statuses(site.log.read_text())


# --- where no pod of the portal is left, and the ingress asks for a page -----------------------------
@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("pages")
    call_command("error_pages", str(folder / "pages"))
    text = (ROOT / "deploy/kubernetes/pages.conf").read_text()
    with held_port() as port:
        for old, new in (
            ("/tmp/", f"{folder}/"),
            ("/var/www/oqu", str(folder / "pages")),
            ("listen 8080", f"listen 127.0.0.1:{port}"),
        ):
            assert old in text, old
            text = text.replace(old, new)
        (folder / "pages.conf").write_text(("user root;" if folder.owner() == "root" else "") + text)
        command = [str(NGINX), "-e", str(folder / "log"), "-c", str(folder / "pages.conf")]
        nginx = subprocess.Popen([*command, "-g", "daemon off;"])
        try:
            _wait(lambda: ask_for_page(port), nginx)
            yield port
        finally:
            nginx.terminate()
            nginx.wait(20)


def ask_for_page(port: int, path: str = "/", method: str = "GET", code: str = "") -> tuple[int, str]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
        headers = {"X-Code": code, "X-Request-ID": "a1b2c3d4e5f6a7b8c9"}
        connection.request(method, path, b"x" * 1000 if method == "POST" else b"", headers)
        answer = connection.getresponse()
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Case"] == "1234 5678"
        return answer.status, answer.read().decode()


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("code", "status", "words"),
    [
        ("413", 413, "Жіберілген файл тым үлкен"),
        ("502", 503, "Портал уақытша бос емес"),
        ("504", 503, "Портал уақытша бос емес"),
        ("", 503, "Портал уақытша бос емес"),
    ],
)
def test_page_of_a_cluster_is_ours_too(pages: int, method: str, code: str, status: int, words: str) -> None:
    for path in ("/", "/sign/tokentokentoken/"):
        answered, page = ask_for_page(pages, path, method, code)
        assert (answered, words in page, "<style>" in page) == (status, True, True)
        assert '<b class="nowrap">1234 5678</b>' in page
    assert ask_for_page(pages, "/413.html")[0] == 503  # where no pod is left addresses come as they are


def test_portal_that_does_not_answer_has_a_page_that_promises_nothing(site: Site) -> None:
    """The last one: the portal is gone after it."""
    site.upstream.shutdown()
    site.upstream.server_close()

    status, page = site.ask("POST", "/sign/tokentokentoken/", b"x")

    assert status == 502
    assert "Портал уақытша бос емес" in page
    assert re.search(r'<b class="nowrap">\d{4} \d{4}</b>', page)
    assert "Ештеңе өзгерген жоқ" not in page
    assert "tokentoken" not in site.log.read_text() + (site.log.parent / "oqu.error.log").read_text()
