"""Counters of many processes in one folder: the multi-process mode of prometheus-client.

Each process counts into files of its own and a scrape adds all of them up. Left to itself the library names
the files by the process: a worker of Celery lives for five hundred tasks, so by the evening they would be
thousands. Here a process holds a slot, by a lock that ends with it, and who takes the slot next counts on.
"""

import fcntl
import os
from itertools import count
from pathlib import Path

from prometheus_client import values


class Slots:
    """The number of this process's slot, also after a fork; asked at each count."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._owner = self._number = -1

    def __call__(self) -> int:
        if self._owner != os.getpid():
            self._number = next(number for number in count() if self._takes(number))
            self._owner = os.getpid()
        return self._number

    def _takes(self, number: int) -> bool:
        """A lock of POSIX is one process's: no child inherits it, and it ends with a killed one."""
        lock = os.open(self._folder / f"{number}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            os.close(lock)
            return False
        return True


def use(folder: Path) -> None:
    """From here on what this process and its children make is counted there. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    values.ValueClass = values.MultiProcessValue(Slots(folder))  # type: ignore[no-untyped-call]  # of a library
