"""Queues apart: every task has one, every queue has somebody who takes from it."""

import re
from typing import Any

import pytest
import redis
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from notifications.models import Heartbeat
from oqu import routes, watch
from oqu.celery import app
from oqu.stand.commands import WORKERS
from tests.at_work import at_work
from tests.test_architecture import ROOT

UNIT = re.compile(r"^\| `oqu-[\w-]+` \| `\S+celery -A oqu worker (.*?)` \|", re.M)


def own_tasks() -> set[str]:
    app.loader.import_default_modules()
    return {name for name in app.tasks if not name.startswith("celery.")}


def test_every_task_has_one_queue() -> None:
    placed = [task for lane in routes.LANES.values() for task in lane.tasks]

    assert sorted([*placed, routes.HEARTBEAT]) == sorted(own_tasks())
    for task in placed:
        assert app.amqp.router.route({}, task)["queue"].name == routes.ROUTES[task]["queue"]


def test_beat_orders_every_task_and_a_sign_of_life_of_every_queue() -> None:
    ordered = app.conf.beat_schedule.values()

    assert {entry["task"] for entry in ordered} == own_tasks()
    signs = [entry for entry in ordered if entry["task"] == routes.HEARTBEAT]
    assert [(entry["args"], entry["options"]["queue"]) for entry in signs] == [
        ((name,), name) for name in routes.LANES
    ]


def test_every_queue_has_a_worker_in_the_stand_and_in_the_documents(subtests: Any) -> None:
    units = UNIT.findall((ROOT / "docs/deploy.md").read_text())
    told = [match[1] for unit in units if (match := re.search(r"--queues (\S+)", unit))]
    for where, taken in (("the stand", list(WORKERS.values())), ("docs/deploy.md", told)):
        with subtests.test(where):
            assert sorted(",".join(taken).split(",")) == sorted(routes.LANES)


def test_worker_that_is_told_of_no_queue_takes_from_all() -> None:
    assert set(app.amqp.Queues(app.conf.task_queues).consume_from) == set(routes.LANES)


def test_queues_of_two_portals_in_one_redis_are_apart() -> None:
    """By what stands before each key."""
    client = redis.Redis.from_url(settings.REDIS_URL)
    key = f"{settings.REDIS_PREFIX}:papers"
    client.delete(key)
    with app.connection_for_write() as connection:
        app.send_task("applications.render_papers", connection=connection, expires=10)

    assert (client.llen(key), client.exists("papers")) == (1, 0)
    client.delete(key)
    client.close()


@pytest.mark.django_db
def test_queue_that_nobody_takes_from_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    at_work(now=timezone.now())
    assert watch.faults(now=timezone.now())["workers"] == []
    Heartbeat.objects.get(part="papers").delete()

    with pytest.raises(SystemExit):
        call_command("health")

    told = capsys.readouterr().out.splitlines()
    assert "workers: nobody takes from the queue papers" in told
    assert "worker: NOT OK" in told
