"""The line as it lies in Redis, and what its script answers (D68)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.commands.core import Script
from redis.retry import Retry

from accounts import sentinels
from accounts.waiting import terms
from accounts.waiting.terms import LATELY, MINUTE

SCRIPT = (Path(__file__).parent / "line.lua").read_text()
PARTS = (
    "state",
    "line",
    "here",
    "away",
    "called",
    "passes",
    "people",
    "spent",
    "whose",
    "entered",
    "openings",
    "held",
    "whence",
    "taken",
    "owed",
    "repaid",
    "paced",
)
OPENINGS_KEPT = 2 * 24 * 3600  # seconds: a worker that stands still overnight does not keep the room away
SETTLED = 2 * MINUTE  # before that nobody can say how fast people go on to their work


class Said(StrEnum):
    FREE = "free"  # there is no room
    IN = "in"
    TURN = "turn"
    WAIT = "wait"
    NONE = "none"  # a slip or pass that is none


@dataclass(frozen=True)
class Standing:
    """The room as a whole; nobody is named in it."""

    on: bool
    mode: terms.Mode
    waiting: int
    called: int
    inside: int
    let_in: int  # in the last minute
    per_minute: float | None  # at which the line goes on, as far as it can be told
    longest: int  # seconds that the first of the line has waited
    rate: int  # people let in a minute, as ops have ordered or the setting says


@dataclass(frozen=True)
class Answer:
    said: Said
    before: int  # how many of the line stand before this slip
    number: int  # the last one that was given out: a newcomer's own
    per_minute: float | None  # at which the line goes on for who asks: a network may get less than the rate
    room: Standing


def ask(what: str, *, now: float, slip: str = "", more: str = "") -> Answer:
    """One step of `line.lua`. Raises RedisError."""
    told: list[str | float] = [json.dumps(terms.rules()), now, what, slip, more]
    return _read(step(SCRIPT, PARTS, told), now)


def step(script: str, keys: Sequence[str], told: Sequence[str | float]) -> list[Any]:
    """What a script answers that does one thing whole. Raises RedisError."""
    ready = _script(_address(), script)
    answer: list[Any] = ready(keys=[_key(one) for one in keys], args=list(told))
    return answer


def length(key: str) -> int:
    """Of another line that lies beside. Raises RedisError."""
    found: int = _client(_address()).zcard(_key(key))
    return found


def announce(openings: list[float]) -> None:
    """When regions open, for the clock of `auto`. Raises RedisError."""
    _client(_address()).set(_key("openings"), json.dumps(openings), ex=OPENINGS_KEPT)


def is_kept() -> bool:
    """Is there a Redis in which a line can be kept?"""
    return str(settings.CACHES["default"]["BACKEND"]).endswith(".RedisCache")


def is_wanted() -> bool:
    """By the settings: without Redis nobody knows what was ordered since."""
    return is_kept() and settings.WAITING_ROOM != terms.Mode.OFF


def _read(told: list[Any], now: float) -> Answer:
    said, on, mode, before, number, waiting, called, inside, let_in, lately, since, first, rate, pace = told
    running = now - float(since)
    room = Standing(
        on=bool(on),
        mode=terms.Mode(mode),
        waiting=waiting,
        called=called,
        inside=inside,
        let_in=let_in,
        per_minute=_per_minute(inside + called, lately, running, rate),
        longest=max(0, int(now) - came_at(first)) if first else 0,
        rate=rate,
    )
    own = None if room.per_minute is None else min(room.per_minute, float(pace))
    return Answer(Said(said), before, number, own, room)


def _per_minute(taken: int, lately: int, running: float, rate: int) -> float | None:
    """While there are places it is the rate that holds people up, then how fast others leave."""
    if taken < settings.WAITING_ROOM_PLACES:
        return float(rate)
    if running < SETTLED or not lately:
        return None
    return min(float(rate), lately * MINUTE / min(running, LATELY))


def came_at(slip: str) -> int:
    """A slip begins with the second in which it was given out."""
    return int(slip.partition("-")[0])


def _key(part: str) -> str:
    """Two portals may share one Redis."""
    return f"{settings.REDIS_PREFIX}:room:{part}"


def _address() -> str:
    return str(settings.CACHES["default"]["LOCATION"])


@cache
def _client(address: str) -> redis.Redis:
    """With the patience of the cache, and no second try: no page waits longer for it."""
    options = settings.CACHES["default"].get("OPTIONS", {})
    return sentinels.connect(address, decode_responses=True, retry=Retry(NoBackoff(), 0), **options)


@cache
def _script(address: str, script: str) -> Script:
    return _client(address).register_script(script)
