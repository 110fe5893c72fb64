"""Beat on as many machines as one likes, at work on one of them: whoever holds the lease. Another takes over
five seconds after it was given back, and 25 at most after its holder has gone without a word.

When a task was last ordered is a row. It is written in the transaction within which the task is ordered, so a
takeover neither skips a turn nor orders it twice; only a process that dies between the broker's yes and the
end of that transaction leaves a second one, and tasks may run twice.
"""

import logging
from datetime import timedelta
from threading import Thread
from time import monotonic
from typing import Any

from celery import beat
from django.db import DatabaseError, InterfaceError, connection, transaction

from notifications import leases, ticks

LASTS = timedelta(seconds=20)
LOOKS = 5.0  # seconds: how often the lease is renewed, and asked for by who waits
PARTING = 3.0  # seconds in which it is given back at the end

logger = logging.getLogger(__name__)


class NotOurs(Exception):
    """Somebody else is at work by now."""


class Scheduler(beat.Scheduler):  # type: ignore[misc]  # of a library without types
    """Orders what is due while it holds the lease; what goes wrong is told once, and tried again."""

    max_interval = LOOKS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._holder = leases.somebody()
        self._at_work = False
        self._looks_at = 0.0
        self._role = self._trouble = ""  # as it was told
        super().__init__(*args, **kwargs)

    def setup_schedule(self) -> None:
        """Nothing but our own; the database is not asked before the first tick."""
        self.merge_inplace(self.app.conf.beat_schedule)

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """In how many seconds it wants to be called again."""
        try:
            seconds: float = super().tick(*args, **kwargs) if self._holds() else LOOKS
        except NotOurs:
            self._begin_anew()
            return 0
        except (DatabaseError, InterfaceError, beat.SchedulingError) as error:
            cause = error.__cause__ or error.__context__ or error
            self._fail(type(cause).__name__)
            self._begin_anew()
            connection.close()
            return LOOKS
        return seconds

    def apply_entry(self, entry: Any, producer: Any = None) -> None:
        """The turn is taken and the task ordered, both or neither. Raises NotOurs."""
        now = self.schedule[entry.name].last_run_at
        with transaction.atomic():
            if not ticks.claim(entry.name, ran_at=entry.last_run_at, now=now, holder=self._holder):
                raise NotOurs
            self.apply_async(entry, producer=producer, advance=False)
        self._trouble = ""

    def close(self) -> None:
        """At the end of the process, maybe within a signal that has come amid a question: the lease is given
        back over a connection of its own."""
        if self._at_work:
            self._at_work = False
            parting = Thread(target=_give_back, args=(self._holder,), daemon=True)
            parting.start()
            parting.join(PARTING)
        super().close()

    def _holds(self) -> bool:
        """The lease, renewed in good time; who takes it over learns what the other has ordered."""
        if (now := monotonic()) < self._looks_at:
            return self._at_work
        held = leases.take(ticks.LEASE, self._holder, lasts=LASTS)
        if held and not self._at_work:
            self._go_on()
        self._at_work, self._looks_at = held, now + LOOKS
        self._say("this beat is at work" if held else "another beat is at work")
        return held

    def _go_on(self) -> None:
        ran = ticks.last_runs(self.schedule, now=self.app.now())
        for name, entry in self.schedule.items():
            entry.last_run_at = ran[name]
        self._heap = None

    def _begin_anew(self) -> None:
        self._at_work, self._looks_at = False, 0.0

    def _say(self, role: str) -> None:
        if role != self._role:
            self._role = role
            logger.info(role)

    def _fail(self, trouble: str) -> None:
        """Told once, until something is ordered again or something else fails."""
        if trouble != self._trouble:
            self._trouble = trouble
            logger.error("nothing is ordered: %s", trouble)


def _give_back(holder: str) -> None:
    try:
        leases.end(ticks.LEASE, holder)
    except DatabaseError as error:
        logger.warning("the lease is not given back: %s", type(error).__name__)
    finally:
        connection.close()
