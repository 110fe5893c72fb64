"""The sandbox's SMS gateway in the shape of Mobizon, and its delivery reports."""

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import Any

import pytest
import requests

from egov.tests.cast import AIGUL
from tests.sandbox import Sandbox, end, start


@pytest.fixture
def mobizon(sandbox: Sandbox) -> Any:
    def call(method: str, key: str = "sandbox-key", **form: Any) -> Any:
        url = f"{sandbox.url}/mobizon/service/message/{method}?output=json&api=v1&apiKey={key}"
        return requests.post(url, data=form, timeout=10).json()

    return call


class Portal:
    """Takes delivery reports; answers with what it is told to."""

    def __init__(self) -> None:
        self.reports: Queue[dict[str, Any]] = Queue()
        self.statuses: list[int] = []
        portal = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                portal.reports.put({"path": self.path, **body})
                self.send_response(portal.statuses.pop(0) if portal.statuses else 200)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Portal, Sandbox]]:
    """Another sandbox, which knows a portal of ours."""
    portal = Portal()
    process, sandbox = start(tmp_path_factory.mktemp("state"), portal_url=portal.url)
    yield portal, sandbox
    end(process)
    portal.close()


@pytest.fixture
def portal(process: tuple[Portal, Sandbox]) -> Portal:
    return process[0]


@pytest.fixture
def own_sandbox(process: tuple[Portal, Sandbox]) -> Sandbox:
    process[1].reset()
    return process[1]


def test_sms_reaches_the_phone_and_is_reported(portal: Portal, own_sandbox: Sandbox) -> None:
    url = f"{own_sandbox.url}/mobizon/service/message/sendSmsMessage?apiKey=sandbox-key"
    form = {"recipient": "77011234501", "text": "Сәлем", "from": "OQU"}

    answer = requests.post(url, data=form, timeout=10).json()

    report = portal.reports.get(timeout=60)
    assert answer == {"code": 0, "data": {"campaignId": "1001", "messageId": "1", "status": 2}, "message": ""}
    assert report["path"] == "/webhooks/sms/mobizon/"
    assert (report["eventType"], report["attempt"]) == ("sms-delivery-report", 1)
    assert (report["data"]["messageId"], report["data"]["status"]) == (1, "DELIVRD")
    plain = f"{report['eventId']}|1|{report['eventCreateTs']}|sandbox-webhook"
    assert report["sign"] == hashlib.sha1(plain.encode()).hexdigest()
    inbox = own_sandbox.inbox(AIGUL)
    assert [(message["from"], message["text"]) for message in inbox] == [("OQU", "Сәлем")]


def test_report_is_repeated_until_it_is_taken(portal: Portal, own_sandbox: Sandbox) -> None:
    portal.statuses = [500]
    url = f"{own_sandbox.url}/mobizon/service/message/sendSmsMessage?apiKey=sandbox-key"
    requests.post(url, data={"recipient": "77011234501", "text": "1"}, timeout=10)

    first, second = portal.reports.get(timeout=60), portal.reports.get(timeout=60)

    assert (first["attempt"], second["attempt"]) == (1, 2)
    assert first["eventId"] == second["eventId"]
    assert first["sign"] != second["sign"]


def test_undelivered_sms_is_reported_so(portal: Portal, own_sandbox: Sandbox) -> None:
    own_sandbox.fault("sms-report", "refuse")
    url = f"{own_sandbox.url}/mobizon/service/message/sendSmsMessage?apiKey=sandbox-key"
    requests.post(url, data={"recipient": "77011234501", "text": "1"}, timeout=10)

    assert portal.reports.get(timeout=60)["data"]["status"] == "UNDELIV"
    assert own_sandbox.inbox(AIGUL) == []


def test_late_report_comes_after_the_message(portal: Portal, own_sandbox: Sandbox) -> None:
    own_sandbox.fault("sms-report", "late", seconds=1)
    started = time.monotonic()
    url = f"{own_sandbox.url}/mobizon/service/message/sendSmsMessage?apiKey=sandbox-key"
    requests.post(url, data={"recipient": "77011234501", "text": "1"}, timeout=10)

    report = portal.reports.get(timeout=60)

    assert time.monotonic() - started > 1
    assert report["data"]["status"] == "DELIVRD"


def test_broken_reports_never_come_and_the_status_tells(portal: Portal, own_sandbox: Sandbox) -> None:
    own_sandbox.fault("sms-report", "fail", times=1)
    base = f"{own_sandbox.url}/mobizon/service/message/"
    for text in "12":
        form = {"recipient": "77011234501", "text": text}
        requests.post(f"{base}sendSmsMessage?apiKey=sandbox-key", data=form, timeout=10)

    report = portal.reports.get(timeout=60)
    rows = requests.post(f"{base}getSMSStatus?apiKey=sandbox-key", data={"ids[0]": "1"}, timeout=10).json()

    assert report["data"]["messageId"] == 2
    assert rows["data"][0]["status"] == "DELIVRD"


def test_gateway_lists_messages_and_their_statuses(mobizon: Any) -> None:
    ids = [
        mobizon("sendSmsMessage", recipient="77011234501", text=text)["data"]["messageId"] for text in "аб"
    ]

    found = mobizon("list", **{"criteria[to]": "77011234501", "criteria[text]": "б"})["data"]
    statuses = mobizon("getSMSStatus", **{"ids[0]": ids[0], "ids[1]": ids[1], "ids[2]": "999"})["data"]

    assert ([item["id"] for item in found["items"]], found["totalItemCount"]) == ([ids[1]], "1")
    assert [row["id"] for row in statuses] == ids
    assert {row["status"] for row in statuses} <= {"NEW", "DELIVRD"}


@pytest.mark.parametrize(
    ("form", "code"),
    [({"recipient": "77011234501", "text": ""}, 1), ({"recipient": "79161234567", "text": "1"}, 1),
     ({"recipient": "", "text": "1"}, 1), ({"text": "1"}, 1)],
)  # fmt: skip
def test_gateway_refuses_what_cannot_be_sent(mobizon: Any, form: dict[str, str], code: int) -> None:
    answer = mobizon("sendSmsMessage", **form)

    assert (answer["code"], bool(answer["data"])) == (code, True)


def test_gateway_has_its_refusals(sandbox: Sandbox, mobizon: Any) -> None:
    message = {"recipient": "77011234501", "text": "1"}
    assert mobizon("sendSmsMessage", key="other", **message)["code"] == 8
    sandbox.fault("sms", "refuse")
    assert mobizon("sendSmsMessage", **message)["code"] == 30
    sandbox.fault("sms", "refuse", code="14")
    assert mobizon("sendSmsMessage", **message)["code"] == 14
    assert sandbox.sms() == []


def test_late_gateway_has_taken_the_message(sandbox: Sandbox) -> None:
    sandbox.fault("sms", "late", seconds=30, times=1)
    url = f"{sandbox.url}/mobizon/service/message/sendSmsMessage?apiKey=sandbox-key"

    with pytest.raises(requests.Timeout):
        requests.post(url, data={"recipient": "77011234501", "text": "1"}, timeout=1)

    assert [message["text"] for message in sandbox.sms()] == ["1"]
