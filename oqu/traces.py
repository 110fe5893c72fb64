"""Traces (OpenTelemetry), where OTEL_EXPORTER_OTLP_ENDPOINT names who collects them: of what a request or a
task was made, and how long each part took. Off without it, and then what sends them is not even loaded.

A span says names that stand in the code: a route, a task, a table, a system. No address, no parameter, no
text of an error, and nothing of a person. By `oqu.request` it is found from a line of the log.
"""

import re
import socket
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from time import time_ns
from typing import TYPE_CHECKING, Any

from celery.signals import before_task_publish, task_postrun, task_prerun
from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import connections
from django.db.backends.signals import connection_created
from django.http import HttpRequest, HttpResponse

from accounts import speaker
from accounts.deadlines import Kind
from egov import http

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer

STATEMENT = re.compile(
    r'\s*(?:(SELECT|DELETE)\b.*?\bFROM|(INSERT)\s+INTO|(UPDATE))\s+"?(\w+)', re.IGNORECASE | re.DOTALL
)
VERB = re.compile(r"\s*(\w{1,20})", re.ASCII)
EXPORT_SECONDS = 5  # a collector that hangs holds the thread that sends, and nobody's request
NANOSECONDS = 1_000_000_000
REQUEST = "oqu.request"
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH")


class _Process:
    """What this process traces with: nothing until `begin`, and nothing where traces are off."""

    tracer: "Tracer | None" = None


def begin(kind: Kind) -> Any:
    """From here on this process tells what it does; the provider, which is shut down at the end. None where
    traces are off."""
    if not settings.OTEL_EXPORTER_OTLP_ENDPOINT:
        return None
    provider = _provider(kind)
    _Process.tracer = provider.get_tracer("oqu")
    for signal, listener in LISTENERS:
        signal.connect(listener, dispatch_uid="traces")
    for connection in connections.all(initialized_only=True):
        _watch(connection)
    return provider


def _provider(kind: Kind) -> Any:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

    about = Resource.create({"service.name": f"oqu-{kind}", "host.name": socket.gethostname()})
    provider = TracerProvider(ParentBased(TraceIdRatioBased(settings.OTEL_SHARE)), about)
    address = f"{settings.OTEL_EXPORTER_OTLP_ENDPOINT}/v1/traces"
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(address, timeout=EXPORT_SECONDS)))
    return provider


@contextmanager
def _span(name: str, kind: str, **facts: str) -> Iterator["Span | None"]:
    """An error is told by its kind alone: its text may hold a row or a name."""
    if _Process.tracer is None:
        yield None
        return
    from opentelemetry.trace import SpanKind

    with _Process.tracer.start_as_current_span(
        name, kind=SpanKind[kind], attributes=_numbered(facts), record_exception=False,
        set_status_on_exception=False,
    ) as span:  # fmt: skip
        try:
            yield span
        except Exception as error:
            _fail(span, type(error).__name__)
            raise


def _is_told() -> bool:
    """Is this a part of a request or a task that is told of?"""
    from opentelemetry.trace import get_current_span

    return get_current_span().is_recording()


def _numbered(facts: dict[str, str]) -> dict[str, str]:
    number = speaker.request_number()
    return facts | ({REQUEST: number} if number else {})


def _fail(span: "Span", kind: str) -> None:
    from opentelemetry.trace import StatusCode

    span.set_status(StatusCode.ERROR)
    span.set_attribute("error.type", kind)


class Traced:
    """A page, by its route. What a visitor says of a trace of theirs is not taken."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.OTEL_EXPORTER_OTLP_ENDPOINT:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with _span("request", "SERVER") as span:
            response = self.get_response(request)
            if span is not None:
                _say_page(span, request, response)
            return response


def _say_page(span: "Span", request: HttpRequest, response: HttpResponse) -> None:
    found = request.resolver_match
    route = (found.view_name if found else "") or "other"
    method = request.method if request.method in METHODS else "_OTHER"
    span.update_name(f"{method} {route}")
    span.set_attributes(
        {
            "http.request.method": str(method),
            "http.route": route,
            "http.response.status_code": response.status_code,
        }
    )
    if response.status_code >= 500:
        _fail(span, str(response.status_code))


def _ask(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    """A question to the database, by its verb and its first table: a statement may bear who asks it."""
    if not _is_told():
        return execute(sql, params, many, context)
    found, verb = STATEMENT.match(sql), VERB.match(sql)
    said = " ".join(filter(None, found.groups())) if found else verb[1] if verb else "statement"
    with _span(said, "CLIENT", **{"db.system.name": "postgresql", "db.query.summary": said}):
        return execute(sql, params, many, context)


def _watch(connection: Any, **_signal: Any) -> None:
    if _ask not in connection.execute_wrappers:
        connection.execute_wrappers.insert(0, _ask)


def _called(*, system: str, outcome: str, seconds: float, **_signal: Any) -> None:
    """A call to a system outside, told when it has ended."""
    if _Process.tracer is None or not _is_told():
        return
    from opentelemetry.trace import SpanKind

    ended = time_ns()
    facts = _numbered({"oqu.system": system, "oqu.outcome": outcome})
    begun = ended - int(seconds * NANOSECONDS)
    span = _Process.tracer.start_span(system, kind=SpanKind.CLIENT, attributes=facts, start_time=begun)
    if outcome != "answered":
        _fail(span, outcome)
    span.end(ended)


def _ordered(headers: MutableMapping[str, Any], **_signal: Any) -> None:
    """A task goes on with the trace of the page that has ordered it."""
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    TraceContextTextMapPropagator().inject(headers)


def _begun(task: Any, **_signal: Any) -> None:
    from opentelemetry.trace import SpanKind
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    if _Process.tracer is None:
        return
    said = getattr(task.request, "traceparent", None)
    parent = TraceContextTextMapPropagator().extract({"traceparent": said} if said else {})
    opened = _Process.tracer.start_as_current_span(
        task.name, parent, SpanKind.CONSUMER, _numbered({"oqu.task": task.name})
    )
    task.request.oqu_span = opened, opened.__enter__()


def _ended(task: Any, state: str | None = None, **_signal: Any) -> None:
    opened, span = task.request.__dict__.pop("oqu_span", (None, None))
    if opened is None:
        return
    if state == "FAILURE":
        _fail(span, state)
    opened.__exit__(None, None, None)


LISTENERS: tuple[tuple[Any, Callable[..., None]], ...] = (
    (connection_created, _watch),
    (http.answered, _called),
    (before_task_publish, _ordered),
    (task_prerun, _begun),
    (task_postrun, _ended),
)
