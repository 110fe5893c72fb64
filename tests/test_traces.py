"""What a collector of traces is sent: what a request or a task was made of, and nothing of a person."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import MiddlewareNotUsed
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from accounts.deadlines import Kind
from accounts.models import User
from egov import http
from egov.errors import Misconfigured
from egov.tests.odd_server import odd_server, ok
from oqu import traces
from oqu.celery import app

ROOT = Path(__file__).resolve().parent.parent
SECRET = "900708499904"


class Collector(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Taking)
        self.taken: list[tuple[str, bytes]] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def spans(self) -> dict[str, Any]:
        """By name, the last of each."""
        found: dict[str, Any] = {}
        for _path, body in self.taken:
            for of_resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                for scope in of_resource.scope_spans:
                    found |= {span.name: span for span in scope.spans}
        return found


class _Taking(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Collector)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append((self.path, body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def collector() -> Iterator[Collector]:
    server = Collector()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def tracing(collector: Collector, settings: Any, db: None) -> Iterator[Any]:
    settings.OTEL_EXPORTER_OTLP_ENDPOINT = collector.url
    provider = traces.begin(Kind.WEB)
    yield provider
    provider.shutdown()
    traces._Process.tracer = None
    for signal, _listener in traces.LISTENERS:
        signal.disconnect(dispatch_uid="traces")
    connection.execute_wrappers.remove(traces._ask)


def facts(span: Any) -> dict[str, Any]:
    return {one.key: one.value.string_value or one.value.int_value for one in span.attributes}


@pytest.fixture
def work() -> Iterator[Any]:
    """A task of this test alone: it asks the database and a system outside, and stumbles over both."""

    @app.task(name="tests.traced")
    def traced(url: str) -> None:
        assert not User.objects.filter(iin=SECRET).exists()
        http.call("GET", url, system="person", params={"iin": SECRET})
        with pytest.raises(Misconfigured):
            http.call("GET", "ftp://" + SECRET, system="address")
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE nowhere SET iin = %s", [SECRET])

    yield traced
    app.tasks.unregister(traced.name)


def test_collector_is_told_of_what_a_page_and_a_task_were_made(
    tracing: Any, collector: Collector, client: Client, work: Any
) -> None:
    stranger = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
    page = client.get(f"/?iin={SECRET}", headers=stranger)
    client.get(f"/{SECRET}/")
    with odd_server(ok(b"{}")) as server:
        work.apply([f"{server.url}{SECRET}"])
    assert tracing.force_flush()

    assert {path for path, _body in collector.taken} == {"/v1/traces"}
    found = collector.spans()
    home, lost, task = found["GET public:home"], found["GET other"], found["tests.traced"]
    assert facts(home)["http.response.status_code"] == 200 and facts(lost)["http.response.status_code"] == 404
    assert facts(home)["oqu.request"] == page.headers["X-Request-ID"]
    assert home.trace_id.hex() not in stranger["traceparent"] and not home.parent_span_id
    parts = {name: found[name] for name in ("SELECT accounts_user", "person", "address", "UPDATE nowhere")}
    assert {part.parent_span_id for part in parts.values()} == {task.span_id}
    assert {name for name, part in parts.items() if part.status.code == part.status.STATUS_CODE_ERROR} == {
        "address", "UPDATE nowhere",
    }  # fmt: skip
    assert facts(parts["UPDATE nowhere"])["error.type"] == "ProgrammingError"
    assert not any(SECRET.encode() in body for _path, body in collector.taken)


def test_without_a_collector_nothing_is_traced_and_nothing_loaded(settings: Any) -> None:
    assert traces.begin(Kind.WEB) is None and traces._Process.tracer is None
    with pytest.raises(MiddlewareNotUsed):
        traces.Traced(lambda _request: None)  # type: ignore[arg-type, return-value]  # is never called
    loaded = "import sys, django; django.setup(); import oqu.celery, oqu.traces; print(*sys.modules)"
    environment = os.environ | {"DEMO": "1", "DJANGO_SETTINGS_MODULE": "oqu.settings"}
    environment.pop("OTEL_EXPORTER_OTLP_ENDPOINT", None)
    done = subprocess.run(
        [sys.executable, "-c", loaded], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )

    modules = done.stdout.split()
    assert not [name for name in modules if name.startswith(("opentelemetry.exporter", "google.protobuf"))]
