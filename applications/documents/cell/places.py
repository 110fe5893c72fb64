"""A bounded number of cells at work at once on one machine, whichever process asks: a locked file each."""

import fcntl
import os
import platform
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from applications.documents.faults import Fault, Rejected

TRIES, PAUSE = 200, 0.05  # ten seconds in all, counted in tries
WAITING = 3  # threads of one process that may wait; the others go on serving pages

_waiting = threading.BoundedSemaphore(WAITING)


@contextmanager
def place() -> Iterator[None]:
    """Held while one file is examined. Raises Rejected(BUSY) when none comes free in time."""
    held = _free()
    if held is None:
        held = _wait()
    try:
        yield
    finally:
        os.close(held)  # and with it the lock, as it does when the process is killed


def _wait() -> int:
    if not _waiting.acquire(blocking=False):
        raise Rejected(Fault.BUSY)
    try:
        for _ in range(TRIES):
            time.sleep(PAUSE)
            held = _free()
            if held is not None:
                return held
    finally:
        _waiting.release()
    raise Rejected(Fault.BUSY)


def _free() -> int | None:
    """The descriptor of a place that nobody holds."""
    for number in range(settings.CELL_PLACES):
        path = _folder() / f"{platform.node()}-{number}"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
        else:
            return descriptor
    return None


def _folder() -> Path:
    """The portal's own, so that nobody else on the machine can hold the places."""
    folder: Path = settings.VAR_DIR / "cells"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
