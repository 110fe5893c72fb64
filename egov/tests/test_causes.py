"""Why a call came to nothing is said in words, and whose it is to mend (D33): what is wrong with a
certificate, theirs or ours, a name, a port."""

import logging
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from accounts import outside
from egov import http, presented
from egov.errors import Misconfigured, Unavailable
from egov.tests.certified import certified
from egov.tests.odd_server import Answer, odd_server, ok
from tests.ports import held_port

pytestmark = pytest.mark.rule("D33")


def tls(own: Path, *, believes: Path | None = None, version: Any = None) -> Answer:
    """A server under TLS; `believes`: it asks for a certificate of this authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own)
    if believes:
        context.load_verify_locations(believes)
        context.verify_mode = ssl.CERT_REQUIRED
    if version:
        context.maximum_version = version

    def serve(sock: socket.socket, _stop: threading.Event) -> None:
        with context.wrap_socket(sock.dup(), server_side=True) as wrapped:
            wrapped.recv(65536)
            wrapped.sendall(ok(b"welcome"))

    return serve


@pytest.fixture
def own(tmp_path: Path) -> Callable[..., Path]:
    def make(name: str, *hosts: str, **days: int) -> Path:
        return certified(tmp_path / f"{name}.pem", *hosts, **days)

    return make


Case = tuple[Answer, dict[str, str], str, bool]


def cases(own: Callable[..., Path]) -> Iterator[tuple[str, Case]]:
    """A server, how CONNECTIONS says it is reached, what is said, whether it is ours."""
    good, old, new = own("good"), own("old", begins=-9, ends=-1), own("new", begins=1, ends=9)
    other, ours, stranger = own("other", "shep.example.kz"), own("ours"), own("stranger")
    tls12 = ssl.TLSVersion.TLSv1_2
    yield "expired", (tls(old), {"ca": str(old)}, "their certificate has expired", False)
    yield "too new", (tls(new), {"ca": str(new)}, "their certificate is not valid yet", False)
    yield "other host", (tls(other), {"ca": str(other)}, "their certificate is of another host", True)
    yield "unknown", (tls(good), {}, "of an authority that we do not believe (`ca` of CONNECTIONS)", True)
    asks = tls(good, believes=ours)
    asks12 = tls(good, believes=ours, version=tls12)
    yield "asks", (asks, {"ca": str(good)}, "they ask for a certificate of ours", True)
    yield "asks 1.2", (asks12, {"ca": str(good)}, "as who misses our certificate does", True)
    refused = {"ca": str(good), "cert": str(stranger)}
    yield "stranger", (asks, refused, "they refuse our certificate: they do not know its authority", True)
    expired = {"ca": str(good), "cert": str(old)}
    yield "ours expired", (tls(good, believes=old), expired, "they refuse our certificate: it has exp", True)
    unlike = {"ca": str(good), "cert": str(ours), "key": str(good)}
    yield "unlike", (asks, unlike, "our certificate and its key do not belong together", True)
    broken = good.with_name("broken.pem")
    broken.write_text("nothing")
    unread = {"ca": str(good), "cert": str(broken)}
    yield "unread", (asks, unread, "our certificate or its key cannot be read", True)
    yield "no TLS", (lambda sock, _: sock.sendall(ok(b"plain")), {}, "what answers there speaks no TLS", True)
    yield "cut", (lambda sock, _: None, {}, "the connection was cut", False)


def fault_of(url: str) -> Unavailable:
    with pytest.raises(Unavailable) as caught:
        http.call("GET", url, system="test", timeout=5.0)
    return caught.value


def test_fault_of_a_certificate_is_named_with_whose_it_is(
    own: Callable[..., Path], settings: Any, caplog: pytest.LogCaptureFixture, subtests: pytest.Subtests
) -> None:
    caplog.set_level(logging.INFO, "egov.http")
    for name, (server, connection, words, ours) in cases(own):
        with subtests.test(name), odd_server(_quiet(server), read_first=False) as running:
            settings.CONNECTIONS = {"test": connection}
            fault = fault_of(running.url.replace("http:", "https:"))

            assert words in fault.detail
            assert isinstance(fault, Misconfigured) is ours
            assert f"test: {fault.detail} in " in caplog.text, "the log says the same"
            assert len(fault.detail) <= outside.LONGEST_REASON


def _quiet(server: Answer) -> Answer:
    """Who refuses a handshake stays until the refusal is read."""

    def serve(sock: socket.socket, stop: threading.Event) -> None:
        try:
            server(sock, stop)
        except ssl.SSLError:
            stop.wait()

    return serve


def test_name_port_and_proxy_that_lead_nowhere_are_told_apart(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with held_port() as nobody:
        closed = f"http://127.0.0.1:{nobody}/"
        assert fault_of(closed).detail == "the connection is refused"
        settings.CONNECTIONS = {"test": {"proxy": closed.rstrip("/")}}
        assert fault_of("http://x.kz/").detail == "by the proxy of CONNECTIONS: the connection is refused"
    settings.CONNECTIONS = {}

    def unknown(*_asked: Any, **_more: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert fault_of("https://shep.example.kz/").detail == "its name is not known (DNS)"
    assert fault_of("ftp://shep.example.kz/").detail == "the address is none"


def test_our_own_files_are_told_before_a_system_refuses_them(
    own: Callable[..., Path], settings: Any, subtests: pytest.Subtests
) -> None:
    now = datetime.now(UTC)
    good, soon, old, new = own("good", ends=90), own("soon", ends=59), own("old", begins=-9, ends=-1), own(
        "new", begins=1, ends=90
    )  # fmt: skip
    ended = f"{now - timedelta(days=1):%Y-%m-%d}"
    broken = good.with_name("broken.pem")
    broken.write_text("nothing")
    told: dict[str, tuple[dict[str, str], list[str], list[str]]] = {
        "good": ({"cert": str(good), "ca": str(good)}, [], []),
        "soon": ({"cert": str(soon)}, [], ["our certificate ends on "]),
        "old": ({"cert": str(old)}, [f"our certificate has ended on {ended}"], []),
        "new": ({"cert": str(new)}, ["our certificate is not valid before "], []),
        "unlike": ({"cert": str(good), "key": str(soon)}, ["our certificate and its key do not bel"], []),
        "unread": ({"cert": str(broken)}, ["our certificate or its key cannot be read"], []),
        "old root": ({"ca": str(old)}, ["the last authority of `ca` has ended on "], []),
        "root": ({"ca": str(soon)}, [], ["the last authority of `ca` ends on "]),
        "no root": ({"ca": str(broken)}, ["the authorities of `ca` cannot be read"], []),
    }
    for name, (parts, at_once, later) in told.items():
        with subtests.test(name):
            settings.CONNECTIONS = {"smartbridge": parts}
            is_known = presented.ends().get("authority of smartbridge") is not None
            assert is_known == (parts.get("ca") in {str(good), str(old), str(soon)})
            for ahead, words in ((presented.AT_ONCE, at_once), (presented.IN_GOOD_TIME, at_once + later)):
                found = presented.faults(now=now, ahead=ahead)
                wanted = [f"CONNECTIONS.smartbridge: {one}" for one in words]
                assert [line[: len(one)] for line, one in zip(found, wanted, strict=True)] == wanted
