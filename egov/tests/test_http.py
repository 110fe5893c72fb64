"""The seam to the network: limits of time and size, what is an answer and what is not, what is logged."""

import gzip
import logging
import re
import socket
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from egov import http
from egov.errors import EgovError, Misconfigured, Unavailable, Unbelieved
from egov.tests.odd_server import drip, odd_server, ok

ENDLESS = 60  # seconds; what is cut ends at once, what is not would never end


def ask(url: str, **options: Any) -> http.Answer:
    return http.call("GET", url, system="test", **{"timeout": 5.0, **options})


def test_answer_comes_whole() -> None:
    with odd_server(ok(b'{"a": 1}')) as server:
        answer = ask(server.url)

    assert (answer.status, answer.content, answer.json()) == (200, b'{"a": 1}', {"a": 1})


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (301, Unbelieved), (302, Unavailable), (304, Unavailable), (307, Unavailable),
        (308, Unbelieved), (400, Unbelieved), (401, Unbelieved), (402, Unbelieved),
        (403, Unbelieved), (404, Unbelieved), (405, Unbelieved), (408, Unavailable),
        (413, Unbelieved),
        (415, Unbelieved), (422, Unbelieved), (425, Unavailable), (429, Unavailable),
        (500, Unavailable), (501, Unavailable), (502, Unavailable), (503, Unavailable), (504, Unavailable),
    ],
)  # fmt: skip
def test_status_is_ours_or_theirs_and_never_the_items(status: int, error: type[EgovError]) -> None:
    head = f"HTTP/1.1 {status} X\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n"

    with odd_server(head.encode()) as server, pytest.raises(EgovError) as caught:
        ask(server.url)

    assert (type(caught.value), caught.value.system) == (error, "test")
    assert caught.value.detail == f"HTTP {status}"


def test_status_that_is_an_answer_too_is_given_back() -> None:
    with odd_server(b"HTTP/1.1 500 X\r\nContent-Length: 5\r\n\r\nfault") as server:
        answer = ask(server.url, accept=(500,))

    assert (answer.status, answer.content) == (500, b"fault")


@pytest.mark.parametrize("url", ["nonsense", "ftp://127.0.0.1/", "http://", "http://[::1"])
def test_address_that_is_none_is_ours(url: str) -> None:
    with pytest.raises(Misconfigured):
        ask(url)


def test_redirect_is_not_followed() -> None:
    with odd_server(ok(b"secret")) as target:
        head = f"HTTP/1.1 302 X\r\nLocation: {target.url}\r\nContent-Length: 0\r\n\r\n".encode()
        with odd_server(head) as server, pytest.raises(Unavailable):
            ask(server.url)

        assert target.asked == []


@pytest.mark.parametrize(
    "start",
    [
        b"",  # a status line that never ends
        b"HTTP/1.1 200 OK\r\nX-Header: ",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",  # an answer that ends with the connection
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffff\r\n",
    ],
)
def test_slow_drip_ends_at_the_time_limit(start: bytes) -> None:
    with odd_server(drip(start)) as server:
        started = time.monotonic()
        with pytest.raises(Unavailable, match="too late"):
            ask(server.url, timeout=0.5, repeat=True)

        assert time.monotonic() - started < ENDLESS


def test_silence_ends_at_the_time_limit() -> None:
    with odd_server(lambda _sock, stop: stop.wait()) as server:
        started = time.monotonic()
        with pytest.raises(Unavailable, match="too late"):
            ask(server.url, timeout=0.3)

        assert time.monotonic() - started < ENDLESS


def test_call_leaves_no_thread_and_no_socket_behind() -> None:
    before = set(threading.enumerate())

    with odd_server(ok(b"x")) as server:
        for _ in range(3):
            ask(server.url)
        assert [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)] == []

    assert set(threading.enumerate()) <= before


@pytest.mark.parametrize("length", ["Content-Length: 2000\r\n", ""])
def test_answer_over_the_size_limit_is_none(length: str) -> None:
    body = f"HTTP/1.1 200 OK\r\n{length}\r\n".encode() + b"x" * 2000

    with odd_server(body) as server, pytest.raises(Unavailable, match="too long"):
        ask(server.url, max_bytes=1000)


def test_answer_of_exactly_the_size_limit_is_good() -> None:
    with odd_server(ok(b"x" * 1000)) as server:
        assert len(ask(server.url, max_bytes=1000).content) == 1000


def test_compressed_bomb_is_not_unpacked() -> None:
    bomb = gzip.compress(b"0" * 50_000_000)

    with odd_server(ok(bomb, headers="Content-Encoding: gzip\r\n")) as server:
        answer = ask(server.url, max_bytes=len(bomb))

    assert answer.content == bomb
    assert b"accept-encoding: identity" in server.asked[0].lower()


@pytest.mark.parametrize(
    "head", [b"Content-Length: 100\r\n\r\nhalf", b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"]
)
def test_answer_cut_in_the_middle_is_none(head: bytes) -> None:
    half = b"HTTP/1.1 200 OK\r\n" + head

    with odd_server(half) as server, pytest.raises(Unavailable):
        ask(server.url)


@pytest.mark.parametrize("noise", [b"", b"\x00\xff\xfe", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 abc\r\n\r\n"])
def test_noise_is_no_answer(noise: bytes) -> None:
    with odd_server(noise) as server, pytest.raises(Unavailable):
        ask(server.url)


def test_closed_port_is_unavailable_and_the_reason_hides_the_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    with pytest.raises(Unavailable) as caught:
        ask(f"http://127.0.0.1:{port}/secret?key=secret")

    assert "secret" not in str(caught.value)
    assert str(port) not in str(caught.value)


@pytest.mark.parametrize(("repeat", "calls"), [(True, 2), (False, 1)])
def test_dropped_connection_is_tried_once_more_only_where_it_does_no_harm(repeat: bool, calls: int) -> None:
    with odd_server(b"") as server, pytest.raises(Unavailable):
        ask(server.url, repeat=repeat)

    assert len(server.asked) == calls


def test_second_try_answers() -> None:
    turns = iter([b"", ok(b"fine")])

    with odd_server(lambda sock, _stop: sock.sendall(next(turns))) as server:
        assert ask(server.url, repeat=True).content == b"fine"


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000])
def test_answer_that_is_no_json_is_unavailable(body: bytes) -> None:
    with odd_server(ok(body)) as server, pytest.raises(Unavailable, match="not JSON"):
        ask(server.url).json()


def test_log_has_system_outcome_and_time_and_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), odd_server(ok(b"900708499904")) as server:
        ask(
            server.url + "900708499904?key=secret",
            params={"iin": "900708499904"},
            headers={"Authorization": "Bearer secret"},
        )

    messages = [record.getMessage() for record in caplog.records if record.name == "egov.http"]
    assert len(messages) == 1
    assert re.fullmatch(r"test: 200 in \d+\.\d\d s", messages[0])
    assert "900708499904" not in messages[0]


def test_failure_is_logged_as_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    with odd_server(b"HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n") as server, pytest.raises(Unavailable):
        ask(server.url)

    assert [(record.levelname, record.getMessage()[:15]) for record in caplog.records] == [
        ("WARNING", "test: HTTP 503 ")
    ]


def test_environment_neither_diverts_nor_names_the_caller(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with odd_server(ok(b"fine")) as server:
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
        netrc = tmp_path / "netrc"
        netrc.write_text("machine 127.0.0.1 login a password b")
        monkeypatch.setenv("NETRC", str(netrc))

        assert ask(server.url, headers={"Authorization": "Bearer token"}).content == b"fine"

    assert b"Authorization: Bearer token" in server.asked[0]
