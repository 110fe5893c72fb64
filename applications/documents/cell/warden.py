"""Hands a stranger's file to a cell and takes the answer: a separate process with a limit on everything.

A cell is reused between files and thrown away when it misbehaves. The process that serves pages parses
nothing of a stranger's; it waits on a socket.
"""

import atexit
import json
import logging
import math
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from applications.documents.cell import places
from applications.documents.faults import Fault, Rejected

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = (
    f"import sys; sys.path.insert(0, {str(ROOT)!r}); "
    "from applications.documents.cell import inside; inside.main()"
)
# Nothing of the portal's own environment, which has its secrets. What a picture took goes back to the system
# at once, so that the cell is fit for the next.
ENVIRONMENT = {"MALLOC_MMAP_THRESHOLD_": str(256 * 1024)}
PATIENCE = 25.0  # seconds by the clock: longer means a machine without time, for a cell's own is measured
LARGEST = 12 * 1024 * 1024  # of a file written anew
HEADER = 4096
IDLE = 2  # cells that one process keeps between files
GREEDY = (signal.SIGPROF, signal.SIGXCPU, signal.SIGKILL, signal.SIGABRT)  # ends of who took too much


NONSENSE = (ConnectionError, ValueError, KeyError, TypeError, RecursionError, OverflowError)


@dataclass(frozen=True)
class Examined:
    """A file written anew, or a page of one drawn; width and height of a picture, 0 of a PDF; how many pages
    there are, where that was asked."""

    content: bytes
    width: int = 0
    height: int = 0
    pages: int = 0


@dataclass(frozen=True)
class _Answer:
    result: Examined
    fault: Fault | None
    error: str  # the type of an exception of ours
    last: bool  # the cell leaves


class _Broken(Exception):
    """The cell ended, or answered nonsense."""


class _Cell:
    def __init__(self) -> None:
        self.channel, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(  # noqa: S603 (our own interpreter and words)
                [sys.executable, "-I", "-B", "-c", PROGRAM],
                stdin=theirs.fileno(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                env=ENVIRONMENT, cwd="/",
            )  # fmt: skip

    def ask(self, kind: str, content: bytes, how: dict[str, int], until: float) -> "_Answer":
        """Raises TimeoutError, _Broken."""
        until = min(until, time.monotonic() + PATIENCE)
        head = json.dumps({"kind": kind, "size": len(content), "how": how})
        request = head.encode() + b"\n" + content
        try:
            self._limit(until)
            self.channel.sendall(request)
            got = self._more(until)
            while b"\n" not in got and len(got) < HEADER:
                got += self._more(until)
            line, _, rest = got.partition(b"\n")
            said = json.loads(line)
            fault = Fault(said["fault"]) if said["fault"] else None
            size, *told = (int(said.get(name, 0)) for name in ("size", "width", "height", "pages"))
            result = Examined(self._rest(bytearray(rest), size, until), *told)
            return _Answer(result, fault, error=str(said.get("error", ""))[:40], last=bool(said["last"]))
        except NONSENSE:
            raise _Broken from None

    def end(self) -> None:
        self.channel.close()
        self.process.kill()
        self.process.wait()

    def outlives_its_channel(self) -> bool:
        """Whether it had to be ended."""
        self.channel.close()
        try:
            self.process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            self.end()
            return True
        return False

    def _rest(self, got: bytearray, size: int, until: float) -> bytes:
        if not 0 <= size <= LARGEST:
            raise _Broken
        while len(got) < size:
            got += self._more(until)
        if len(got) > size:
            raise _Broken
        return bytes(got)

    def _more(self, until: float) -> bytes:
        self._limit(until)
        part = self.channel.recv(1024 * 1024)
        if not part:
            raise _Broken
        return part

    def _limit(self, until: float) -> None:
        self.channel.settimeout(max(0.001, until - time.monotonic()))


_idle: list[_Cell] = []
_lock = threading.Lock()


def _forget() -> None:
    """After a fork the cells are the parent's: two who ask one cell would read each other's files."""
    global _lock
    for cell in _idle:
        cell.channel.close()
    _idle.clear()
    _lock = threading.Lock()


def _end_all() -> None:
    while _idle:
        _idle.pop().end()


os.register_at_fork(after_in_child=_forget)
atexit.register(_end_all)


def examine(kind: str, content: bytes, *, until: float = math.inf, **how: int) -> Examined:
    """The file, "jpeg" or "pdf", written anew (R89, D9); or a "page" of a PDF drawn, how many "pages" it has.
    `until`: by the monotonic clock, where it is one of several. Raises Rejected with the file's fault, or
    BUSY."""
    with places.place():
        cell = _take()
        try:
            answer = cell.ask(kind, content, how, until)
        except TimeoutError:
            cell.end()
            logger.warning("a file was not examined in time")
            raise Rejected(Fault.BUSY) from None
        except _Broken:
            raise Rejected(_fault_of(cell)) from None
        except BaseException:
            cell.end()
            raise
        _put_back(cell, worn=answer.last)
    if answer.error:
        logger.error("the cell met %s in a %s", answer.error, kind)
    if answer.fault:
        raise Rejected(answer.fault)
    return answer.result


def _fault_of(cell: _Cell) -> Fault:
    if cell.outlives_its_channel():
        logger.error("a cell answered nonsense")
        return Fault.UNREADABLE
    ended = -cell.process.returncode
    if ended in GREEDY:
        return Fault.HEAVY
    logger.error("a cell ended by itself (%s)", cell.process.returncode)
    return Fault.UNREADABLE if ended > 0 else Fault.BUSY


def _take() -> _Cell:
    with _lock:
        while _idle:
            cell = _idle.pop()
            if cell.process.poll() is None:
                return cell
            cell.end()
    return _Cell()


def _put_back(cell: _Cell, *, worn: bool) -> None:
    with _lock:
        if not worn and len(_idle) < IDLE:
            _idle.append(cell)
            return
    cell.end()
