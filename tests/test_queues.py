"""Every queue is read in the order of an index: one revived as a whole has one due time for all its rows."""

import pytest
from django.apps import apps

from notifications.queue import QueueRow

QUEUES = [model for model in apps.get_models() if issubclass(model, QueueRow)]


@pytest.mark.parametrize("queue", QUEUES, ids=lambda queue: queue.__name__)
def test_queue_has_an_index_in_the_order_of_its_claim(queue: type[QueueRow]) -> None:
    assert ["next_try_at", "id"] in [index.fields for index in queue._meta.indexes]
