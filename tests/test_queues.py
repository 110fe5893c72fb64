"""Every queue is read in the order of an index: one revived as a whole has one due time for all its rows."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from accounts import outside, speaker
from accounts.models import Child
from applications import queues
from applications.documents import medical
from applications.models import (
    DocumentKind,
    Drawing,
    FetchState,
    MedicalFetch,
    Paper,
    PaperKind,
    Purpose,
    SigningBatch,
    SigningRequest,
)
from applications.papers import making, stamping
from applications.signing import ahead, originals
from applications.status import Status
from egov.errors import Misconfigured, Unavailable
from notifications import relay
from notifications.models import Channel, Message
from notifications.queue import QueueRow, afresh
from oqu import watch
from oqu.metrics import state
from tests.test_architecture import sources

CLAIMED_APART: dict[type[QueueRow], list[str]] = {
    Drawing: ["ahead"]
}  # rows of one value of these are claimed at a time
QUEUES = [model for model in apps.get_models() if issubclass(model, QueueRow)]


@pytest.mark.parametrize("queue", QUEUES, ids=lambda queue: queue.__name__)
def test_queue_has_an_index_in_the_order_of_its_claim(queue: type[QueueRow]) -> None:
    of_its_kind = CLAIMED_APART.get(queue, [])
    assert [*of_its_kind, "next_try_at", "id"] in [index.fields for index in queue._meta.indexes]


NUMBER = "0f1e2d3c4b5a69780f1e2d3c4b5a6978"
PRESS: Any = SimpleNamespace(tools=lambda **_now: True)
WORK: list[tuple[Any, str, Callable[[datetime], object]]] = [  # where a claimed row is worked off
    (medical, "_fetch_claimed", lambda now: medical.fetch_next(now=now)),
    (making, "render", lambda now: making.render_next(now=now)),
    (stamping, "_stamp_claimed", lambda now: stamping.stamp_next(now=now, press=PRESS)),
    (originals, "_draw_claimed", lambda now: originals.draw_next(now=now)),
    (ahead, "_draw_claimed", lambda now: ahead.draw_oldest(now=now)),
    (relay, "_deliver", lambda now: relay.deliver_next(now=now)),
]


@pytest.mark.django_db
def test_work_bears_the_number_of_the_request_that_has_ordered_it(
    make_application: Any, now: datetime, monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests
) -> None:
    filed, sister = make_application(Status.IN_REVIEW), Child(iin="200315599908", name="Аружан", sex="F")
    sister.birth_date = date(2020, 3, 15)
    sister.save()
    draft = make_application(child=sister)
    with speaker.numbered(NUMBER):
        MedicalFetch.objects.create(
            application=draft, kind=DocumentKind.F065, requested_at=now, next_try_at=now
        )
        paper = {"kind": PaperKind.RECEIPT, "created_at": now, "next_try_at": now}
        Paper.objects.create(application=filed, **paper)
        Paper.objects.create(application=draft, rendered_at=now, sha256="0" * 64, **paper)
        batch = SigningBatch.objects.create(user=filed.applicant, created_at=now, expires_at=now)
        for purpose, is_ahead in ((Purpose.APPLICATION, True), (Purpose.WITHDRAWAL, False)):
            wanted = SigningRequest.objects.create(batch=batch, application=filed, purpose=purpose)
            Drawing.objects.create(signing_request=wanted, next_try_at=now, ahead=is_ahead)
        Message.objects.all().delete()
        Message.objects.create(
            key="x", channel=Channel.SMS, recipient=filed.applicant, created_at=now, next_try_at=now
        )
    heard: list[str | None] = []
    for module, name, run in WORK:
        monkeypatch.setattr(module, name, lambda *_, **__: heard.append(speaker.request_number()))
        with subtests.test(module.__name__):
            run(now)
            assert (heard, speaker.request_number()) == ([NUMBER], None)
        heard.clear()


def test_whoever_claims_a_row_says_whose_it_is() -> None:
    claiming = [path for path in sources() if "queue.claim(" in path.read_text()]

    assert len(claiming) >= 5
    assert [path.name for path in claiming if "speaker.numbered(" not in path.read_text()] == []


@pytest.mark.django_db
def test_row_that_a_request_revives_is_its_own() -> None:
    now = timezone.now()
    with speaker.numbered(NUMBER):
        assert afresh(now)["request"] == NUMBER
    assert "request" not in afresh(now), "of a task: whose it was it is"


LATE = queues.PATIENCE + timedelta(minutes=1)


@pytest.mark.django_db
@pytest.mark.parametrize("state", [FetchState.WAITING, FetchState.FAILED])  # that one: due again
@pytest.mark.parametrize("status", [Status.DRAFT, Status.IN_REVIEW])
def test_document_is_late_where_the_worker_would_ask_for_it(
    make_application: Any, status: Status, state: FetchState
) -> None:
    now = timezone.now()
    fetch = {"kind": DocumentKind.F065, "state": state, "requested_at": now, "next_try_at": now}
    MedicalFetch.objects.create(application=make_application(status), **fetch)
    is_asked = status == Status.DRAFT

    assert medical.open_fetches().exists() == is_asked
    assert watch.queue_faults(now=now + LATE) == ["medical: 1 wait, the oldest for 6 min"] * is_asked
    assert queues.every(now=now + LATE)["medical"].waiting == is_asked


@pytest.mark.django_db
def test_queue_whose_system_is_paused_or_refuses_us_is_stopped_and_not_late(
    make_application: Any, subtests: pytest.Subtests
) -> None:
    """Each queue that leads to a system outside."""
    now = timezone.now()
    medical.request(make_application(), now=now)
    leading = set(queues.every(now=now)) & set(outside.SYSTEMS)
    assert leading >= {"sms", "medical"}
    for name in leading:
        with subtests.test(name):
            outside.begin_pause(name, why="x", until=now + timedelta(hours=1), now=now)
            assert stopped(name)
            assert not any(line.startswith(name) for line in watch.queue_faults(now=now + LATE))
            outside.end_pause(name)
            outside.failed(Misconfigured(name, "HTTP 401"), now=now)
            assert stopped(name)
            outside.worked(name)
            assert not stopped(name)
    outside.failed(Unavailable("medical", "of one paper, it may be"), now=now)
    assert not stopped("medical")


def stopped(name: str) -> bool:
    told = {one.name: one for one in state.work(timezone.now())}["oqu_queue_stopped"]
    return {one.labels["queue"]: bool(one.value) for one in told.samples}[name]
