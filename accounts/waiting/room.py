"""What one process knows of the room, and what it does when Redis does not answer (D68).

Whether there is a room at all is asked once a second at most and by one thread. Without Redis nobody can be
kept in order: for a moment all wait where they are, then the way is free. Of door and signatures each for
itself: what one script is refused is no answer of the other.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import Literal, TypeVar

from django.conf import settings
from django.utils import timezone
from redis.exceptions import RedisError

from accounts.waiting import line, turns
from accounts.waiting.line import Answer, Said, Standing
from accounts.waiting.terms import SIGNATURES, Mode
from accounts.waiting.turns import Turn

SECOND = 1.0
PATIENCE = 5.0  # seconds: a slow moment of Redis lets nobody jump the line, a dead one keeps nobody out

logger = logging.getLogger(__name__)
Told = TypeVar("Told")


class Keeper:
    """Redis, as far as it takes one line's steps. After a failure it is left alone for a second."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._failing_since: float | None = None
        self._next_try = 0.0

    def asked(self, ask: Callable[[], Told]) -> Told | None:
        """None where there is no Redis, or it does not take it, of which the log hears once."""
        if not line.is_kept() or monotonic() < self._next_try:
            return None
        try:
            told = ask()
        except RedisError as error:
            self._failed(error)
            return None
        self._answered()
        return told

    def hesitates(self) -> bool:
        """Has it fallen silent only now?"""
        since = self._failing_since
        return since is not None and monotonic() - since < PATIENCE

    def _failed(self, error: RedisError) -> None:
        self._next_try = monotonic() + SECOND
        if self._failing_since is None:
            self._failing_since = monotonic()
            logger.error("%s keeps nobody: %s", self._name, type(error).__name__)

    def _answered(self) -> None:
        if self._failing_since is not None:
            logger.warning("%s is back", self._name)
        self._failing_since = None


class Room:
    def __init__(self) -> None:
        self._asking = threading.Lock()
        self._next_look = 0.0
        self._last: Standing | None = None
        self._door = Keeper("the waiting room")
        self._signing = Keeper("the line before the signature")

    def is_at_work(self) -> bool:
        """May somebody have to wait, or does it count who comes? Read from memory but once a second; before
        the first look nobody slips through, and where it told nothing the settings say."""
        if monotonic() >= self._next_look and self._asking.acquire(blocking=self._next_look == 0):
            try:
                if monotonic() >= self._next_look:
                    self.ask("look")
                    self._next_look = monotonic() + SECOND
            finally:
                self._asking.release()
        return self._last.mode is not Mode.OFF if self._last else line.is_wanted()

    def ask(self, what: str, *, slip: str = "", more: str = "") -> Answer | None:
        """One step in the line; None where there is no Redis, or it does not take it."""
        now = timezone.now().timestamp()
        answer = self._door.asked(lambda: line.ask(what, now=now, slip=slip, more=more))
        if answer:
            self._last = answer.room
        return answer

    def has_turns(self, opens: datetime | None, *, now: datetime) -> bool:
        """Is there a line before the signature now, of what opens at this moment (D79)? From as long before
        to as long after as at the door, unless ops want no room at all."""
        begins = self.turns_from(opens)
        if opens is None or begins is None:
            return False
        return begins <= now < opens + timedelta(minutes=settings.WAITING_ROOM_AFTER)

    def turns_from(self, opens: datetime | None) -> datetime | None:
        """Since when people stand in that line; None where there will be none, as far as is known now."""
        if opens is None or not self.is_at_work():
            return None
        return opens - timedelta(minutes=settings.WAITING_ROOM_BEFORE)

    def turn(self, application: int, *, opens: datetime, joins: bool, now: datetime) -> Turn | None:
        """How it stands in that line, by the clock of who asks; None where Redis does not answer."""
        rate = self.signatures()
        step = partial(turns.ask, application, opens=opens, joins=joins, rate=rate, now=now)
        return self._signing.asked(step)

    def holds_turns(self) -> bool:
        """Without an answer: does everybody who has pressed wait for the moment?"""
        return self._signing.hesitates()

    def lined_up(self, opens: datetime) -> int:
        """How many wait to sign what opens then."""
        return self._signing.asked(lambda: turns.waiting(opens)) or 0

    def signatures(self) -> int:
        """That may be opened a minute, by the rate of the door as ops have ordered it or the setting says."""
        return SIGNATURES * (self._last.rate if self._last else settings.WAITING_ROOM_RATE)

    def holds(self) -> bool:
        """Without an answer: does everybody stay where they are for the moment? Also in a process that has
        begun in it, and knows of no room."""
        return (self._last.on if self._last else line.is_wanted()) and self._door.hesitates()

    def note(self, person: int) -> None:
        """Somebody who has signed in is at work."""
        if self.is_at_work():
            self.ask("present", more=str(person))

    def lets_in(self, name: str, person: int) -> bool:
        """A pass is good for one person (spent here); where there is no room, nobody needs one."""
        answer = self.ask("spend", slip=name, more=str(person))
        return answer is None or not answer.room.on or answer.said is Said.IN

    def is_on(self) -> bool:
        """A slow moment of Redis takes no room away."""
        standing = self.standing()
        return standing.on if standing else self.holds()

    def order(self, mode: Mode | Literal[""], *, rate: int | None = None) -> bool:
        """By ops, until another order; "" is as the settings say, and no rate leaves it as it is. Has Redis
        taken it?"""
        return self.ask("order", slip=str(rate or ""), more=mode) is not None

    def standing(self) -> Standing | None:
        answer = self.ask("look")
        return answer.room if answer else None


room = Room()
