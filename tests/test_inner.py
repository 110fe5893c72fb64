"""Our own servers' certificates are told of before they end, by what each shows to who knocks."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from egov.tests.certified import certified
from egov.tests.odd_server import odd_server
from oqu import inner, watch
from oqu.doctor import findings, machine
from oqu.metrics import state
from tests.ports import held_port

Start = Callable[..., int]
HERE = "127.0.0.1"


@pytest.fixture(autouse=True)
def nothing_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inner, "_seen", inner._Seen())
    monkeypatch.setattr("egov.eds.trust.faults", lambda **_now: [])


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """A server that shows a certificate which ends in so many days; its port."""
    with ExitStack() as running:

        def begin(*, days: int, postgres: bool = False) -> int:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certified(tmp_path / f"{days}.pem", begins=-60, ends=days))

            def shake_hands(sock: socket.socket, _stop: threading.Event) -> None:
                if postgres:
                    assert sock.recv(8) == inner.MAY_WE
                    sock.sendall(b"S")
                with context.wrap_socket(sock.dup(), server_side=True) as wrapped:
                    wrapped.recv(1)

            server = running.enter_context(odd_server(shake_hands, read_first=False))
            return int(server.url.rpartition(":")[2].strip("/"))

        yield begin


def test_what_is_no_certificate_and_no_address_hides_no_other(
    start: Start, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_der: bytes) -> None:
        raise ValueError("not as it should be")

    good = f"{HERE}:{start(days=20)}"
    settings.WATCHED_SERVERS = [f"https://{good}"]
    with monkeypatch.context() as patch:
        patch.setattr("cryptography.x509.load_der_x509_certificate", broken)
        assert set(inner.ends().values()) == {None}
    monkeypatch.setattr(inner, "_seen", inner._Seen())
    settings.WATCHED_SERVERS = ["x", f"https://{good}"]
    settings.REDIS_URL, settings.CELERY_BROKER_URL = "sentinels://one:x/mymaster", "rediss://[one"

    now = timezone.now()
    (told,) = state.certificates(now)

    ends = {sample.labels["of"]: sample.value for sample in told.samples}
    assert ends.pop(inner.NO_ADDRESS) == 0
    assert {"seal", "authority"} <= ends.keys() and ends[f"server {good}"] > now.timestamp()
    assert [line.partition(": ")[0] for line in inner.faults(now=now)] == [
        f"{inner.NO_ADDRESS} is no address", f"the certificate of the server {good}",
    ]  # fmt: skip


def test_each_server_that_speaks_tls_is_told_of_in_time(
    start: Start, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database by its own greeting; of what is long valid nothing is said."""
    root = certified(tmp_path / "ca.pem", ends=10)
    database = {"HOST": HERE, "PORT": start(days=20, postgres=True)}
    options = {"sslmode": "verify-full", "sslrootcert": str(root)}
    given = {"default": database | {"OPTIONS": options}, "plain": {"HOST": "/run", "OPTIONS": {}}}
    monkeypatch.setattr(inner, "connections", SimpleNamespace(settings=given))
    redis, store = start(days=-2), start(days=90)
    settings.REDIS_URL = settings.CELERY_BROKER_URL = f"rediss://:x@{HERE}:{redis}/0?ssl_ca_certs={root}"
    settings.FILES_STORE, settings.S3_ENDPOINT = "s3", f"https://{HERE}:{store}"
    settings.WATCHED_SERVERS = [f"postgres://{HERE}:{start(days=50, postgres=True)}"]
    now = timezone.now()

    told = {of: (end - now).days + 1 for of, end in inner.ends().items() if end}
    assert list(told.values()) == [20, -2, 50, 90, 10]
    lines = [line for line in watch.certificate_faults(now=now) if "the certificate of the" in line]
    assert len(lines) == 4 and not any(f":{store}" in line for line in lines)
    assert any(f"server {HERE}:{redis}: it has ended on " in line for line in lines)
    found = machine.certificates(findings.Asked(now, 2026))
    assert [one.urgency for one in found] == [findings.Urgency.NOW, findings.Urgency.SOON]
    assert [one.count for one in found] == [1, 3]


def test_server_that_is_silent_keeps_the_end_that_was_seen(
    start: Start, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = start(days=20)
    settings.WATCHED_SERVERS = [f"rediss://{HERE}:{port}"]
    (before,) = inner.ends().values()
    monkeypatch.setattr(inner, "STANDS", -1.0)
    monkeypatch.setattr(inner, "_end", lambda _server: None)
    assert list(inner.ends().values()) == [before] and before is not None


def test_server_that_was_never_seen_is_told_and_ends_in_1970(settings: Any, tmp_path: Path) -> None:
    with held_port() as nobody:
        settings.WATCHED_SERVERS = [f"https://{HERE}:{nobody}"]
        (line,) = inner.faults(now=timezone.now())
        (metric,) = state.certificates(timezone.now())
    assert line == f"the certificate of the server {HERE}:{nobody}: it cannot be looked at"
    told = {sample.labels["of"]: sample.value for sample in metric.samples}
    assert told[f"server {HERE}:{nobody}"] == 0


@pytest.mark.parametrize("address", ["postgres", "redis://x", "http://x", "https://"])
def test_address_that_is_none_is_told(settings: Any, address: str) -> None:
    settings.WATCHED_SERVERS = [address]

    assert inner.faults(now=timezone.now(), ahead=timedelta()) == [
        "WATCHED_SERVERS, REDIS_URL or S3_ENDPOINT is no address"
    ]


def test_all_sentinels_that_speak_tls_are_asked(settings: Any) -> None:
    settings.REDIS_URL = settings.CELERY_BROKER_URL = "sentinels://one:1,two/mymaster"
    assert list(map(str, inner.servers()[0])) == ["one:1", "two:26379"]
    settings.REDIS_URL = settings.CELERY_BROKER_URL = "sentinel://one:1,two/mymaster"
    assert inner.servers() == ([], True)
