"""A stand-in for Mobizon: a real HTTP server in a thread, with the gateway's answers and its bad days."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


class Mobizon(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.code = 0  # what every call is answered with
        self.data: Any = None  # what a code other than 0 comes with
        self.status = 200
        self.loses_answers = False  # takes the message, then cuts the connection
        self.delay = 0.0
        self.state = "ACCEPTD"  # of every message
        self.messages: list[dict[str, Any]] = []
        self.calls: list[str] = []
        self.closing = threading.Event()
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def texts(self) -> list[str]:
        return [message["text"] for message in self.messages]

    def take(self, form: dict[str, str]) -> dict[str, Any]:
        with self._lock:
            message = {"id": str(100 + len(self.messages)), "to": form["recipient"], "text": form["text"]}
            self.messages.append(message | {"name": form["params[name]"], "from": form["from"]})
        return {"campaignId": 1, "messageId": int(message["id"]), "status": 2}

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has given up waiting is no error of ours."""


class _Handler(BaseHTTPRequestHandler):
    server: Mobizon

    def do_POST(self) -> None:
        method = urlsplit(self.path).path.rpartition("/")[2]
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        self.server.calls.append(method)
        self.server.closing.wait(self.server.delay)
        bad = self.server.code or self.server.status != 200
        data = self.server.data if bad else getattr(self, f"_{method}")(form)
        if self.server.loses_answers and method == "sendSmsMessage":
            self.close_connection = True
            self.connection.close()
            return
        self._answer({"code": self.server.code, "data": data, "message": ""})

    def _sendSmsMessage(self, form: dict[str, str]) -> dict[str, Any]:
        return self.server.take(form)

    def _list(self, form: dict[str, str]) -> dict[str, Any]:
        found = [m for m in self.server.messages if form["criteria[text]"] == m["text"]]
        return {"items": [m for m in found if m["to"] == form["criteria[to]"]]}

    def _getSMSStatus(self, form: dict[str, str]) -> list[dict[str, str]]:
        asked = set(form.values())
        return [
            {"id": m["id"], "status": self.server.state} for m in self.server.messages if m["id"] in asked
        ]

    def _answer(self, answer: dict[str, Any]) -> None:
        content = json.dumps(answer).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@contextmanager
def running() -> Iterator[Mobizon]:
    server = Mobizon()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()  # nobody goes on hanging
        server.shutdown()
        thread.join()
        server.server_close()
