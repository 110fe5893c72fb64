"""What the processes count while they work. Labels are names that stand in the code: a route, a system, a
reason; never an address, and nothing of a person.
"""

import logging
from collections.abc import Callable, Iterable
from functools import cache, wraps
from pathlib import Path
from time import monotonic, time
from typing import Any

from celery.signals import task_postrun, task_prerun
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.db.models.signals import post_save
from prometheus_client import Counter, Gauge, Histogram, Metric
from prometheus_client.multiprocess import MultiProcessCollector

from accounts import security
from accounts.security import Event
from applications.models import Signature
from applications.signing import authority
from egov import http
from oqu.metrics import slots

# Seconds: a page is felt to be slow from one on, a task is ended after 45 of them.
PAGES = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
CALLS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
CLOCK_STANDS = 3600.0  # seconds
TASKS = (0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 45.0)

logger = logging.getLogger(__name__)


class Counters:
    """Each with its name and labels; made when first counted, of the kind that `slots.use` has chosen."""

    def __init__(self) -> None:
        self.requests = Counter(
            "oqu_requests", "Requests answered, by route", ["route", "status"], registry=None
        )
        self.request_seconds = Histogram(
            "oqu_request_seconds", "Time to an answer", ["route"], registry=None, buckets=PAGES
        )
        self.signatures = Counter(
            "oqu_signatures", "Signatures that were taken", ["purpose", "method"], registry=None
        )
        self.refusals = Counter(
            "oqu_signatures_refused", "Signatures that were not taken", ["reason"], registry=None
        )
        self.events = Counter("oqu_security_events", "Security events of the log", ["event"], registry=None)
        self.calls = Counter(
            "oqu_outside_calls",
            "Calls to systems outside: answered, or whose fault it is that there was no answer",
            ["system", "outcome"],
            registry=None,
        )
        self.call_seconds = Histogram(
            "oqu_outside_call_seconds", "Time of a call", ["system"], registry=None, buckets=CALLS
        )
        self.tasks = Counter("oqu_tasks", "Tasks of the worker", ["task", "state"], registry=None)
        self.task_seconds = Histogram(
            "oqu_task_seconds", "Time of a task", ["task"], registry=None, buckets=TASKS
        )
        self.clock = Gauge(
            "oqu_ocsp_clock_ahead_seconds",
            "OCSP's clock less ours, at the last signature",
            registry=None,
            multiprocess_mode="mostrecent",
        )
        self.clock_at = Gauge(
            "oqu_ocsp_clock_timestamp_seconds",
            "When OCSP's clock was compared with ours",
            registry=None,
            multiprocess_mode="mostrecent",
        )


counters = cache(Counters)
Count = Callable[..., None]


def harmless(count: Count) -> Count:
    """What cannot be counted stops nobody's work."""

    @wraps(count)
    def counted(*given: Any, **named: Any) -> None:
        try:
            count(*given, **named)
        except Exception as error:
            logger.error("%s is not counted: %s", count.__name__, type(error).__name__)

    return counted


@harmless
def request(route: str, status: int, seconds: float) -> None:
    counters().requests.labels(route, status).inc()
    counters().request_seconds.labels(route).observe(seconds)


@harmless
def call(*, system: str, outcome: str, seconds: float, **_signal: Any) -> None:
    counters().calls.labels(system, outcome).inc()
    counters().call_seconds.labels(system).observe(seconds)


@harmless
def event(*, event: Event, facts: dict[str, Any], **_signal: Any) -> None:
    counters().events.labels(event).inc()
    if event is Event.SIGNATURE_REFUSED:
        counters().refusals.labels(facts["reason"]).inc()


def signature(*, instance: Signature, created: bool, **_signal: Any) -> None:
    """When its transaction stands: what is taken back was not taken."""
    if created:
        transaction.on_commit(lambda: _signature(instance.purpose, instance.method))


@harmless
def _signature(purpose: str, method: str) -> None:
    counters().signatures.labels(purpose, method).inc()


@harmless
def clock(*, seconds: float, **_signal: Any) -> None:
    counters().clock.set(seconds)
    counters().clock_at.set(time())


def task_begins(*, task: Any, **_signal: Any) -> None:
    task.request.oqu_begun = monotonic()


@harmless
def task_ends(*, task: Any, state: str | None = None, **_signal: Any) -> None:
    counters().tasks.labels(task.name, state or "UNKNOWN").inc()
    counters().task_seconds.labels(task.name).observe(monotonic() - task.request.oqu_begun)


# A signal, who listens, and from whom alone.
LISTENERS: tuple[tuple[Any, Callable[..., None], Any], ...] = (
    (http.answered, call, None),
    (security.heard, event, None),
    (authority.compared, clock, None),
    (post_save, signature, Signature),
    (task_prerun, task_begins, None),
    (task_postrun, task_ends, None),
)


def begin() -> None:
    """Where METRICS_TOKEN is set, this process counts from here on. Raises ImproperlyConfigured."""
    if not settings.METRICS_TOKEN:
        return
    try:
        slots.use(Path(settings.METRICS_DIR))
    except OSError as error:
        raise ImproperlyConfigured(f"METRICS_DIR cannot be written to: {type(error).__name__}") from None
    for signal, listener, sender in LISTENERS:
        signal.connect(listener, sender=sender, dispatch_uid="metrics")


def collect() -> Iterable[Metric]:
    """All that was counted on this machine since the folder was made; but what was compared long ago is no
    word about the clock of today."""
    if not Path(settings.METRICS_DIR).is_dir():
        return []
    collector: Any = MultiProcessCollector(None, path=str(settings.METRICS_DIR))  # type: ignore[no-untyped-call]  # of a library
    found = {family.name: family for family in collector.collect()}
    compared = found.pop("oqu_ocsp_clock_timestamp_seconds", None)
    if compared and all(time() - sample.value > CLOCK_STANDS for sample in compared.samples):
        found.pop("oqu_ocsp_clock_ahead_seconds", None)
    return found.values()
