"""Who has just kept silent is not waited for by everybody: a system that hangs would hold every thread."""

import threading
from time import monotonic


class Fuse:
    """Of one process. After a silence nobody asks for so many seconds, then one alone; an answer ends it."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._until, self._lock = seconds, 0.0, threading.Lock()

    def holds(self) -> bool:
        """May it not be asked now? Whom this lets through asks for all others."""
        with self._lock:
            if monotonic() < self._until:
                return True
            if self._until:
                self._until = monotonic() + self._seconds
            return False

    def blow(self) -> None:
        with self._lock:
            self._until = monotonic() + self._seconds

    def mend(self) -> None:
        self._until = 0.0
