"""Every queue is read in the order of an index: one revived as a whole has one due time for all its rows."""

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from accounts import outside
from applications import queues
from applications.documents import medical
from applications.models import Application, Drawing, FetchState
from applications.status import Status
from egov.errors import Misconfigured, Unavailable
from notifications.queue import QueueRow
from oqu import watch
from oqu.metrics import state

CLAIMED_APART: dict[type[QueueRow], list[str]] = {
    Drawing: ["ahead"]
}  # rows of one value of these are claimed at a time
QUEUES = [model for model in apps.get_models() if issubclass(model, QueueRow)]


@pytest.mark.parametrize("queue", QUEUES, ids=lambda queue: queue.__name__)
def test_queue_has_an_index_in_the_order_of_its_claim(queue: type[QueueRow]) -> None:
    of_its_kind = CLAIMED_APART.get(queue, [])
    assert [*of_its_kind, "next_try_at", "id"] in [index.fields for index in queue._meta.indexes]


LATE = queues.PATIENCE + timedelta(minutes=1)


@pytest.mark.django_db
def test_document_is_late_while_the_worker_would_ask_for_it_and_no_longer(make_application: Any) -> None:
    now = timezone.now()
    draft: Application = make_application()
    medical.request(draft, now=now)

    for one in (FetchState.WAITING, FetchState.FAILED):  # FAILED without an answer: due again
        draft.fetches.update(state=one)
        assert watch.queue_faults(now=now + LATE) == ["medical: 2 wait, the oldest for 6 min"]
    Application.objects.filter(pk=draft.pk).update(status=Status.IN_REVIEW)

    assert watch.queue_faults(now=now + LATE) == []
    assert queues.every(now=now + LATE)["medical"].waiting == 0


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
            assert stopped(name) and watch.queue_faults(now=now + LATE) == []
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
