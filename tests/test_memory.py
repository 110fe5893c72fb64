"""A Redis that fills up is told before it takes no task any more."""

from contextlib import closing
from typing import Any

import pytest
import redis
from django.utils import timezone

from accounts import sentinels
from oqu import memory, watch
from oqu.doctor import findings, machine
from oqu.metrics import state

MB = memory.MEGABYTE
FULL = {"used_memory": 410 * MB, "maxmemory": 512 * MB, "maxmemory_policy": "noeviction"}
LOSES = {"used_memory": 1, "maxmemory": 512 * MB, "maxmemory_policy": "allkeys-lru", "evicted_keys": 3}
NO_LIMIT = {"used_memory": 999 * MB, "maxmemory": 0, "maxmemory_policy": "noeviction"}


class Client:
    def __init__(self, told: dict[str, Any] | Exception) -> None:
        self._told = told

    def info(self, _section: str) -> dict[str, Any]:
        if isinstance(self._told, Exception):
            raise self._told
        return self._told

    def close(self) -> None: ...


@pytest.mark.parametrize(
    ("told", "line"),
    [
        (FULL | {"used_memory": 409 * MB}, ""),
        (FULL, "410 of 512 MB are used"),
        (LOSES, "maxmemory-policy is allkeys-lru, and not noeviction: tasks may be thrown away"),
        (NO_LIMIT, ""),
        (redis.exceptions.TimeoutError("x"), "it does not answer: TimeoutError"),
    ],
)
def test_redis_that_fills_up_is_told(
    settings: Any, monkeypatch: pytest.MonkeyPatch, told: dict[str, Any] | Exception, line: str
) -> None:
    settings.REDIS_URL = settings.CELERY_BROKER_URL = "redis://one"
    monkeypatch.setattr(sentinels, "connect", lambda _address, **_options: Client(told))

    assert memory.faults() == [f"redis: {line}"] * bool(line)
    found = machine.redis(findings.Asked(timezone.now(), 2026))
    assert [detail.code for one in found for detail in one.details] == memory.faults()
    numbers = {one.name: one.samples[0].value for one in state.redis(timezone.now())}
    if isinstance(told, dict):
        assert numbers["oqu_redis_memory_bytes"] == told["used_memory"]
        assert numbers["oqu_redis_thrown_away"] == told.get("evicted_keys", 0)
    else:
        assert numbers == {}


def test_two_are_told_apart_and_one_once(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the demo's own socket too, which Celery writes in a form of its own."""
    asked = {"redis://one": Client(FULL), "rediss://two": Client(NO_LIMIT), "unix:///s": Client(NO_LIMIT)}
    monkeypatch.setattr(sentinels, "connect", lambda address, **_options: asked[address])
    for cache, tasks, told in (
        ("redis://one", "rediss://two", {"cache", "tasks"}),
        ("redis://one", "redis://one", {"redis"}),
        ("unix:///s", "redis+socket:///s", {"redis"}),
    ):
        settings.REDIS_URL, settings.CELERY_BROKER_URL = cache, tasks
        assert set(memory.standing()) == told


def test_a_real_one_tells_what_is_read(settings: Any) -> None:
    (own,) = memory.standing().values()
    with closing(redis.Redis.from_url(settings.REDIS_URL)) as client:
        assert own.policy == client.config_get("maxmemory-policy")["maxmemory-policy"]
    assert own.used > 0
    assert memory.faults() == []


@pytest.mark.django_db
def test_health_has_its_line() -> None:
    assert watch.faults(now=timezone.now())["redis"] == []
