"""The antivirus hook, against a server that speaks clamd's protocol: off, clean, found, silent, nonsense."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import Trouble
from applications.documents import antivirus, keeping
from applications.documents.faults import Fault, Rejected
from applications.filing.tests.wizard_cast import file, pdf, step, text
from applications.models import Application, DocumentKind
from oqu import watch

pytestmark = pytest.mark.django_db

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
Serve = Callable[..., list[bytes]]


@pytest.fixture
def draft(make_application: Callable[..., Application]) -> Application:
    return make_application()


@pytest.fixture
def clamd(tmp_path: Path, settings: Any) -> Iterator[Serve]:
    """Answers one connection after another; gives what it was sent to look at."""
    path = tmp_path / "clamd.ctl"
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(path))
    server.listen()
    seen: list[bytes] = []

    def serve(answer: bytes | None = None) -> list[bytes]:
        settings.CLAMD_URL = f"unix:{path}"
        threading.Thread(target=run, args=(answer,), daemon=True).start()
        return seen

    def run(answer: bytes | None) -> None:
        while True:
            try:
                channel, _ = server.accept()
            except OSError:
                return
            with channel, channel.makefile("rb") as reading:
                if _until_zero(reading) == b"zPING":
                    channel.sendall(b"PONG\0" if answer is None else answer)
                    continue
                seen.append(_stream(reading))
                verdict = b"stream: Eicar-Test FOUND\0" if EICAR in seen[-1] else b"stream: OK\0"
                channel.sendall(verdict if answer is None else answer)

    yield serve
    server.shutdown(socket.SHUT_RDWR)
    server.close()


def _until_zero(reading: Any) -> bytes:
    return b"".join(iter(lambda: reading.read(1), b"\0"))


def _stream(reading: Any) -> bytes:
    parts = []
    while size := struct.unpack("!I", reading.read(4))[0]:
        parts.append(reading.read(size))
    return b"".join(parts)


def fault_of(content: bytes) -> Fault | None:
    try:
        antivirus.scan(content)
    except Rejected as rejected:
        return rejected.fault
    return None


def test_without_an_address_nobody_is_asked(settings: Any) -> None:
    settings.CLAMD_URL = ""

    assert fault_of(EICAR) is None


def test_file_is_seen_whole_and_as_it_came(clamd: Serve) -> None:
    seen = clamd()
    content = bytes(range(256)) * 20_000

    assert fault_of(content) is None
    assert seen == [content]


def test_found_virus_refuses_the_file(clamd: Serve) -> None:
    clamd()

    assert fault_of(b"%PDF-" + EICAR) == Fault.INFECTED
    assert not Trouble.objects.exists()


@pytest.mark.parametrize("answer", [b"", b"\0", b"stream: OK", b"stream: OK, but\0", b"FOUND\0", b"x" * 9999])
def test_answer_that_says_nothing_lets_nothing_pass(clamd: Serve, answer: bytes) -> None:
    clamd(answer)

    assert fault_of(b"a file") == (None if answer == b"stream: OK" else Fault.BUSY)


@pytest.mark.parametrize(
    ("answer", "ours"),
    [(b"INSTREAM size limit exceeded. ERROR\0", True), (b"lstat() failed. ERROR\0", False)],
)
def test_what_fails_is_named_to_the_people_who_run_the_portal(
    clamd: Serve, answer: bytes, ours: bool
) -> None:
    clamd(answer)

    assert fault_of(b"a file") == Fault.BUSY
    assert Trouble.objects.get().system == "antivirus"
    assert Trouble.objects.get().ours is ours


@pytest.mark.parametrize("address", ["unix:/nowhere/clamd.ctl", "tcp://127.0.0.1:9"])
def test_silent_antivirus_keeps_files_out_and_says_that_they_are_not_to_blame(
    at_home: Client, draft: Application, settings: Any, address: str
) -> None:
    settings.CLAMD_URL = address

    answer = at_home.post(step(draft, "documents"), {"f065": file("a.pdf", pdf()), "save": "f065"})

    assert "Файлда ақау жоқ: бір минуттан кейін қайта жүктеңіз." in text(answer)
    assert not draft.documents.exists()
    assert any(line.startswith("antivirus: ") for line in watch.file_faults())


def test_health_asks_it(clamd: Serve) -> None:
    clamd()

    assert watch.file_faults() == []


def test_upload_goes_through_it(clamd: Serve, draft: Application, now: Any) -> None:
    seen, content = clamd(), pdf()

    keeping.store(draft, kind=DocumentKind.F065, upload=file("a.pdf", content), now=now)

    assert seen == [content]
