"""The cell: a limit on everything, reused after a good file, thrown away when it misbehaves."""

import os
import resource
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from applications.documents.cell import places, warden
from applications.documents.faults import Fault, Rejected

PROGRAM = (
    f"import sys; sys.path.insert(0, {str(warden.ROOT)!r}); "
    "from applications.documents.cell.tests import misbehaving; misbehaving.main()"
)


@pytest.fixture(autouse=True)
def cells(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Cells and places of this test's own, with works that go wrong."""
    monkeypatch.setattr(places, "_folder", lambda: tmp_path)
    monkeypatch.setattr(warden, "PROGRAM", PROGRAM)
    monkeypatch.setattr(warden, "_idle", [])
    yield
    for cell in warden._idle:
        cell.end()


def fault_of(kind: str) -> Fault | None:
    try:
        warden.examine(kind, b"a file")
    except Rejected as rejected:
        return rejected.fault
    return None


def who() -> bytes:
    return warden.examine("who", b"").content


def test_file_comes_back_whole() -> None:
    content = os.urandom(5 * 1024 * 1024)

    found = warden.examine("echo", content)

    assert (found.content == content, found.width, found.height) == (True, 1, 2)


def test_cell_is_used_again_after_a_good_file_and_after_a_refusal() -> None:
    first = who()

    assert fault_of("refuse") == Fault.PAGES
    assert who() == first


def test_cell_that_has_done_its_share_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    few = PROGRAM.replace("misbehaving.main()", "misbehaving.inside.FILES = 2; misbehaving.main()")
    monkeypatch.setattr(warden, "PROGRAM", few)

    asked = [who() for _ in range(5)]

    assert asked[0] == asked[1] != asked[2] == asked[3] != asked[4]


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        ("spin", Fault.HEAVY),
        ("spin_deaf", Fault.HEAVY),
        ("hoard", Fault.HEAVY),
        ("recurse", Fault.HEAVY),
        ("abort", Fault.HEAVY),  # what C++ does where memory ends
        ("crash", Fault.UNREADABLE),
        ("stumble", Fault.UNREADABLE),
        ("write", Fault.UNREADABLE),
        ("garble", Fault.UNREADABLE),
        ("flood", Fault.UNREADABLE),
        ("leave", Fault.BUSY),
    ],
)
def test_whatever_goes_wrong_is_refused_and_the_next_file_is_taken(kind: str, fault: Fault) -> None:
    assert fault_of(kind) == fault
    assert warden.examine("echo", b"good").content == b"good"


@pytest.mark.parametrize(
    "answer",
    [
        b"[" * 3000 + b"\n", b'{"fault": "", "size": 1e400, "width": 1, "height": 1, "last": false}\n',
        b'{"fault": "X", "size": 0, "last": false}\n', b'{"fault": "", "size": 0}\n', b"null\n", b"\xff\n",
        b'{"fault": "", "size": 2, "width": 1, "height": 1, "last": false}\nab and more',
    ],
)  # fmt: skip
def test_answer_that_makes_no_sense_refuses_the_file_and_ends_the_cell(answer: bytes) -> None:
    first = int(who())

    with pytest.raises(Rejected) as refused:
        warden.examine("say", answer)

    assert refused.value.fault == Fault.UNREADABLE
    assert int(who()) != first


def test_time_of_a_core_is_limited() -> None:
    before = _spent()

    fault_of("spin")

    assert 2 < _spent() - before < 3.3  # its own time, with what its start and the kernel's clock cost


@pytest.mark.parametrize("kind", ["spin", "crash", "leave", "flood"])
def test_cell_that_misbehaved_is_gone(kind: str) -> None:
    first = int(who())

    fault_of(kind)

    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)


def test_fault_of_our_own_is_named_without_what_it_read(caplog: pytest.LogCaptureFixture) -> None:
    fault_of("stumble")

    assert "LookupError" in caplog.text
    assert "child" not in caplog.text


def test_cell_knows_nothing_of_the_portals_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "a secret")

    assert b"SECRET" not in warden.examine("surroundings", b"").content


def test_cell_that_died_between_files_is_not_asked() -> None:
    first = int(who())
    os.kill(first, 9)
    os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)

    assert int(who()) != first


def test_processes_after_a_fork_do_not_share_a_cell() -> None:
    first = who()
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.write(writing, who())
        os._exit(0)
    os.close(writing)
    assert os.read(reading, 100) != first
    os.close(reading)
    os.waitpid(child, 0)
    assert who() == first


def test_cell_without_an_answer_is_ended_and_the_file_is_not_blamed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warden, "PATIENCE", 0.0)

    assert fault_of("spin") == Fault.BUSY


def test_places_of_the_machine_are_bounded(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.CELL_PLACES = 1
    monkeypatch.setattr(places, "TRIES", 3)

    with places.place():
        assert fault_of("echo") == Fault.BUSY
    assert fault_of("echo") is None


def test_who_waits_gets_the_place_that_comes_free(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.CELL_PLACES = 1
    waiting = threading.Event()
    pause = time.sleep

    def seen(seconds: float) -> None:
        waiting.set()
        pause(seconds)

    monkeypatch.setattr(time, "sleep", seen)
    found: list[Fault | None] = []

    with places.place():
        other = threading.Thread(target=lambda: found.append(fault_of("echo")))
        other.start()
        assert waiting.wait(10)
    other.join(30)

    assert found == [None]


def test_only_some_threads_of_a_process_may_wait(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.CELL_PLACES = 1
    monkeypatch.setattr(places, "_waiting", threading.BoundedSemaphore(1))
    asked: list[float] = []
    monkeypatch.setattr(time, "sleep", asked.append)

    with places.place(), places._waiting:
        assert fault_of("echo") == Fault.BUSY

    assert asked == []  # at once: the thread goes back to serving pages


def _spent() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
