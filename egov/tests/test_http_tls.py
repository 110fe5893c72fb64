"""The same limits under TLS, where the socket changes hands in the middle of the call."""

import socket
import ssl
import threading
import time
from pathlib import Path
from typing import Any

import certifi
import pytest

from egov import http
from egov.connections import connection_to
from egov.errors import Misconfigured, Unavailable
from egov.tests.certified import certified
from egov.tests.odd_server import Answer, drip, odd_server, ok
from egov.tests.test_http import ENDLESS


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certified(tmp_path_factory.mktemp("tls") / "server.pem")


def under_tls(pem: Path, answer: Answer) -> Answer:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)

    def shake_hands(sock: socket.socket, stop: threading.Event) -> None:
        with context.wrap_socket(sock.dup(), server_side=True) as wrapped:
            wrapped.recv(65536)
            answer(wrapped, stop)

    return shake_hands


def ask(url: str, *, timeout: float = 5.0) -> http.Answer:
    return http.call("GET", url.replace("http:", "https:"), system="test", timeout=timeout)


def test_answer_comes_from_a_believed_certificate_only(pem: Path, settings: Any) -> None:
    """Of the state's own authority too, and where it is named no other's is believed."""
    answer = under_tls(pem, lambda sock, _stop: sock.sendall(ok(b"fine")))

    with odd_server(answer, read_first=False) as server:
        with pytest.raises(Misconfigured, match="an authority that we do not believe"):
            ask(server.url)
        settings.CONNECTIONS = {"smartbridge": {"ca": str(pem)}}

        assert ask(server.url).content == b"fine"
        settings.CONNECTIONS |= {"test": {"ca": certifi.where()}}
        with pytest.raises(Misconfigured, match="an authority that we do not believe"):
            ask(server.url)


def test_we_say_who_we_are_where_that_is_asked(pem: Path, settings: Any) -> None:
    """A system that wants our certificate, in one file with its key or in two."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    context.load_verify_locations(pem)
    context.verify_mode = ssl.CERT_REQUIRED

    def shake_hands(sock: socket.socket, _stop: threading.Event) -> None:
        with context.wrap_socket(sock.dup(), server_side=True) as wrapped:
            wrapped.recv(65536)
            wrapped.sendall(ok(b"welcome"))

    with odd_server(shake_hands, read_first=False) as server:
        settings.CONNECTIONS = {"all": {"ca": str(pem)}}
        with pytest.raises(Unavailable):
            ask(server.url)
        for ours in ({"cert": str(pem)}, {"cert": str(pem), "key": str(pem)}):
            settings.CONNECTIONS = {"all": {"ca": str(pem)}, "test": ours}
            assert ask(server.url).content == b"welcome"


def test_proxy_is_asked_and_cut_like_anybody(settings: Any) -> None:
    with odd_server(lambda sock, _stop: sock.sendall(ok(b"by proxy"))) as proxy:
        settings.CONNECTIONS = {"test": {"proxy": proxy.url.rstrip("/")}}

        assert http.call("GET", "http://shep.example.kz/x", system="test").content == b"by proxy"
        assert proxy.asked[0].startswith(b"GET http://shep.example.kz/x ")
    with odd_server(drip(b"HTTP/1.1 200 OK\r\n\r\n")) as proxy:
        settings.CONNECTIONS = {"test": {"proxy": proxy.url.rstrip("/"), "timeout": 0.5}}
        started = time.monotonic()
        with pytest.raises(Unavailable, match="too late"):
            http.call("GET", "http://shep.example.kz/x", system="test")

        assert time.monotonic() - started < ENDLESS


@pytest.mark.parametrize(
    ("system", "seconds"), [("person", 3), ("medical", 2), ("login", 1), ("tsp", 4), ("ocsp", 1)]
)
def test_nearest_word_counts(settings: Any, system: str, seconds: int) -> None:
    """SmartBridge's services are those that are no system of their own."""
    named = {"all": 1, "smartbridge": 2, "person": 3, "tsp": 4}
    settings.CONNECTIONS = {name: {"timeout": number} for name, number in named.items()}

    assert connection_to(system).timeout == seconds


def test_key_is_that_of_the_nearest_certificate(settings: Any) -> None:
    settings.CONNECTIONS = {"all": {"cert": "a", "key": "k"}, "sms": {"cert": "b"}, "tsp": {"timeout": 1}}

    ours = [(found.cert, found.key) for found in map(connection_to, ("sms", "tsp"))]

    assert ours == [("b", ""), ("a", "k")]


def test_slow_drip_under_tls_ends_at_the_time_limit(pem: Path, settings: Any) -> None:
    settings.CONNECTIONS = {"all": {"ca": str(pem)}}

    with odd_server(under_tls(pem, drip(b"HTTP/1.1 200 OK\r\n\r\n")), read_first=False) as server:
        started = time.monotonic()
        with pytest.raises(Unavailable, match="too late"):
            ask(server.url, timeout=0.5)

        assert time.monotonic() - started < ENDLESS


def test_handshake_that_never_ends_is_cut(pem: Path) -> None:
    with odd_server(drip(b"\x16\x03\x03\x40\x00"), read_first=False) as server:
        started = time.monotonic()
        with pytest.raises(Unavailable, match="too late"):
            ask(server.url, timeout=0.5)

        assert time.monotonic() - started < ENDLESS
