"""Redis on two machines, of which a sentinel says who is the master: it falls, and the portal goes on."""

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import redis
from celery import Celery
from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError

from accounts import sentinels
from accounts.waiting import line
from oqu.celery import app
from tests.ports import held_port

PATIENCE = 60  # seconds, against hanging
QUICK = {"socket_timeout": 1.0, "socket_connect_timeout": 1.0}


@dataclass
class Kept:
    """A master, its replica and a sentinel, each a process of its own."""

    address: str
    master: "subprocess.Popen[bytes]"

    def falls(self) -> None:
        self.master.kill()
        self.master.wait(PATIENCE)


def until(step: Callable[[], Any]) -> Any:
    """What it answers once it answers something."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            if found := step():
                return found
        except RedisError:
            pass
        assert time.monotonic() < deadline, "no master was found"
        time.sleep(0.05)  # other processes agree in their own time


def program_of_redis() -> str:
    """That of the tests' own Redis."""
    with redis.Redis.from_url(settings.REDIS_URL) as own:
        program = str(own.info("server")["executable"])
    if not Path(program).is_file():
        pytest.skip("the tests' Redis runs on another machine")
    return program


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    program = program_of_redis()
    with ExitStack() as held:
        ports = [held.enter_context(held_port()) for _ in range(3)]
        master, replica, sentinel = ports

        def start(*arguments: str) -> "subprocess.Popen[bytes]":
            process = subprocess.Popen([program, *arguments], cwd=tmp_path, stdout=subprocess.DEVNULL)
            held.callback(process.wait, PATIENCE)
            held.callback(process.kill)
            return process

        alone = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        first = start("--port", str(master), *alone)
        start("--port", str(replica), *alone, "--replicaof", "127.0.0.1", str(master))
        conf = tmp_path / "sentinel.conf"
        conf.write_text(
            f"port {sentinel}\nbind 127.0.0.1\nsentinel monitor ours 127.0.0.1 {master} 1\n"
            "sentinel down-after-milliseconds ours 300\nsentinel failover-timeout ours 2000\n"
        )
        start(str(conf), "--sentinel")
        watcher = redis.Redis(port=sentinel, **QUICK)  # type: ignore[arg-type]  # a plain dict
        until(lambda: any(one["flags"] == "slave" for one in watcher.sentinel_slaves("ours")))
        yield Kept(f"sentinel://127.0.0.1:{sentinel}/ours?db=1", first)
        watcher.close()


@pytest.fixture
def broker(kept: Kept) -> Iterator[Celery]:
    """The portal's Celery, told of the sentinel."""
    watched = sentinels.read(kept.address)
    own = Celery("own")
    own.conf.update(
        broker_read_url=watched.broker,
        broker_write_url=watched.broker,
        broker_transport_options=app.conf.broker_transport_options
        | watched.broker_options({"socket_timeout": 1}),
        task_queues=app.conf.task_queues,
        task_routes=app.conf.task_routes,
    )
    yield own
    own.close()


def test_portal_goes_on_when_the_master_falls(kept: Kept, broker: Celery, settings: Any) -> None:
    settings.CACHES = {
        "default": {"BACKEND": "accounts.sentinels.RedisCache", "LOCATION": kept.address, "OPTIONS": QUICK}
    }

    def orders() -> int:
        with broker.connection_for_write() as connection:
            broker.send_task("applications.render_papers", connection=connection)
        key = f"{settings.REDIS_PREFIX}:papers"
        length: int = sentinels.connect(kept.address, **QUICK).llen(key)
        return length

    until(lambda: cache.add("a", 1) or cache.get("a"))
    assert line.is_kept()
    assert line.ask("look", now=1.0).said
    assert orders() == 1

    kept.falls()

    assert until(lambda: cache.add("b", 2))
    assert cache.get("b") == 2
    assert until(lambda: line.ask("look", now=2.0)).said
    assert until(orders) >= 1


def test_address_is_read_as_it_is_written() -> None:
    read = sentinels.read("sentinels://u:p%40ss@one,two:1/ours?db=3&sentinel_password=s")

    assert read.sentinels == (("one", 26379), ("two", 1))
    assert (read.master, read.db, read.tls) == ("ours", 3, True)
    assert read.login == {"username": "u", "password": "p@ss"}
    assert read.sentinel_login == {"password": "s"}
    assert read.broker == "sentinel://u:p%40ss@one:26379/3;sentinel://u:p%40ss@two:1/3"
    for wrong in ("sentinel://", "sentinel://a", "sentinel://a/b/c", "sentinel://a,/b", "sentinel://a:b/c"):
        assert not sentinels.is_well_named(wrong), wrong
