"""Every queue is read in the order of an index: one revived as a whole has one due time for all its rows."""

import pytest
from django.apps import apps

from applications.models import Drawing
from notifications.queue import QueueRow

CLAIMED_APART: dict[type[QueueRow], list[str]] = {
    Drawing: ["ahead"]
}  # rows of one value of these are claimed at a time
QUEUES = [model for model in apps.get_models() if issubclass(model, QueueRow)]


@pytest.mark.parametrize("queue", QUEUES, ids=lambda queue: queue.__name__)
def test_queue_has_an_index_in_the_order_of_its_claim(queue: type[QueueRow]) -> None:
    of_its_kind = CLAIMED_APART.get(queue, [])
    assert [*of_its_kind, "next_try_at", "id"] in [index.fields for index in queue._meta.indexes]
