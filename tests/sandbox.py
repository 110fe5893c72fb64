"""The sandbox of the state systems as a fixture: the real one, in its own process, over HTTP.

    from tests.sandbox import sandbox, sandbox_process  # in a conftest

`sandbox` points every address of the settings to it and gives it back as on its first day.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
import time_machine
from django.conf import settings as project
from lxml import etree
from urllib3.util import Retry

from egov import wss
from egov.wss import checking
from tests.ports import held_port

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = END_SECONDS = ANSWER_SECONDS = 60  # against hanging; a busy machine is no fault of ours


@dataclass(frozen=True)
class Sandbox:
    """What a test may do with the state systems."""

    url: str
    state_dir: Path
    ncalayer_url: str

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = requests.request(method, f"{self.url}/control/{path}", json=body, timeout=ANSWER_SECONDS)
        assert answer.ok, answer.text
        return answer.json()

    def reset(self) -> None:
        self.control("POST", "reset")

    def fault(self, service: str, mode: str, **details: Any) -> None:
        self.control("PUT", f"faults/{service}", {"mode": mode, **details})

    def repair(self, service: str = "") -> None:
        self.control("DELETE", f"faults/{service}" if service else "faults")

    def clock(self, offset: float) -> None:
        """Seconds the sandbox is ahead of the machine."""
        self.control("PUT", "clock", {"offset": offset})

    def person(self, iin: str, **facts: Any) -> dict[str, Any]:
        return self.control("PATCH" if facts else "GET", f"people/{iin}", facts or None)

    def inbox(self, iin: str) -> list[dict[str, Any]]:
        """What the person's phone has received, newest first."""
        return self.control("GET", f"people/{iin}/inbox")

    def reply(self, iin: str, text: str = "511") -> None:
        """The person answers 1414."""
        self.control("POST", f"people/{iin}/reply", {"text": text})

    def sign_in(self, authorize_url: str, iin: str) -> dict[str, str]:
        """Walk through eGov's pages as this person; the query that comes back to the portal."""
        with requests.Session() as browser:
            page = browser.get(authorize_url, timeout=10)
            assert page.ok, page.text
            login = page.url.partition("?")[0]
            browser.post(login, data={"iin": iin}, timeout=10)
            browser.post(f"{login}/code", data={"code": self.code(iin)}, timeout=10)
            answer = {"answer": "allow"}
            back = browser.post(f"{login}/consent", data=answer, timeout=10, allow_redirects=False)
        return dict(parse_qsl(urlsplit(back.headers["Location"]).query))

    def code(self, iin: str) -> str:
        """The five digits of the last sign-in SMS."""
        texts = (message["text"] for message in self.inbox(iin) if message["from"] in ("eGov", "Digital ID"))
        return re.findall(r"\b\d{5}\b", next(texts))[0]

    def sms(self) -> list[dict[str, Any]]:
        """What the SMS gateway has taken, oldest first."""
        return self.control("GET", "sms")


def start(state_dir: Path, *, portal_url: str) -> tuple["subprocess.Popen[bytes]", Sandbox]:
    """The sandbox running on free ports. Whoever starts it ends it."""
    with held_port() as port, held_port() as ncalayer_port:
        sandbox = placed(state_dir, port=port, ncalayer_port=ncalayer_port)
        return run(sandbox, portal_url=portal_url), sandbox


def placed(state_dir: Path, *, port: int, ncalayer_port: int) -> Sandbox:
    """One that is yet to run."""
    return Sandbox(f"http://127.0.0.1:{port}", state_dir, f"ws://127.0.0.1:{ncalayer_port}/")


def run(sandbox: Sandbox, *, portal_url: str) -> "subprocess.Popen[bytes]":
    arguments = {
        "--port": urlsplit(sandbox.url).port,
        "--ncalayer-port": urlsplit(sandbox.ncalayer_url).port,
        "--state-dir": sandbox.state_dir,
        "--portal-url": portal_url,
    }
    options = [str(part) for pair in arguments.items() for part in pair]
    process = subprocess.Popen([sys.executable, "-m", "sandbox", *options], cwd=ROOT)
    wait_until_ready(process, sandbox.url)
    return process


def end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    process.wait(END_SECONDS)


def wait_until_ready(process: "subprocess.Popen[bytes]", url: str) -> None:
    """Until it answers: connecting is what is retried, nothing is slept through."""
    retries = Retry(total=None, connect=300, backoff_factor=0.02, backoff_max=0.2)
    with requests.Session() as session:
        session.mount("http://", requests.adapters.HTTPAdapter(max_retries=retries))
        assert session.get(f"{url}/control/state", timeout=START_SECONDS).ok
    assert process.poll() is None, "the sandbox has ended"


@pytest.fixture(scope="session")
def sandbox_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    state_dir = tmp_path_factory.mktemp("sandbox")
    process, sandbox = start(state_dir, portal_url=project.PUBLIC_URL)
    yield sandbox
    end(process)


def keys_of(state_dir: Path) -> dict[str, Any]:
    """The settings of what the bus gives whoever connects to it."""
    folder = state_dir / "smartbridge"
    return {
        "SMARTBRIDGE_WSS": True,
        "SMARTBRIDGE_KEY": folder / "key.p12",
        "SMARTBRIDGE_SIGNERS": folder / "signers.pem",
        "SMARTBRIDGE_CA": folder / "ca.pem",
    }


def _body_of_now(envelope: etree._Element, *, now: datetime) -> etree._Element:
    """The bus signs by the machine's clock, whatever a test has made of the portal's."""
    hatch = time_machine.escape_hatch
    clock = hatch.datetime.datetime if hatch.is_travelling() else datetime
    return checking.body_of(envelope, now=clock.now(UTC))


@pytest.fixture
def sandbox(sandbox_process: Sandbox, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    monkeypatch.setattr(wss, "body_of", _body_of_now)
    url = sandbox_process.url
    settings.EGOV_IDP_URL = f"{url}/idp"
    settings.SMARTBRIDGE_URL = f"{url}/shep/bip-sync-wss-gost"
    settings.MOBIZON_URL = f"{url}/mobizon"
    settings.OCSP_URL = f"{url}/ocsp"
    settings.TSP_URL = f"{url}/tsp"
    settings.EDS_CRL_URLS = [f"{url}/crl/issuing.crl"]
    settings.EDS_CA_DIR = sandbox_process.state_dir / "ca"
    for name, value in keys_of(sandbox_process.state_dir).items():
        setattr(settings, name, value)
    settings.NCALAYER_URL = sandbox_process.ncalayer_url
    sandbox_process.reset()
    return sandbox_process
