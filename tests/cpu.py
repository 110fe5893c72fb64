"""CPU time that work may take, on a machine of any speed: neither a busy core nor a slow one is its fault."""

import time
from collections.abc import Callable

TRIES = 3
YARDSTICK_SECONDS = 0.011  # of the yardstick on the machine on which the limits were set


def cost(work: Callable[[], object], *, limit: float) -> float:
    """CPU seconds of this thread. Over the limit it is tried again: the least of some tries is the own cost,
    the rest was a collection of garbage or another's cache; and a slow machine is reckoned out."""
    first = _spent(work)
    if first <= limit:
        return first
    least = min(first, *(_spent(work) for _ in range(TRIES)))
    return least / max(1.0, min(_spent(_yardstick) for _ in range(TRIES)) / YARDSTICK_SECONDS)


def _spent(work: Callable[[], object]) -> float:
    started = time.thread_time()
    work()
    return time.thread_time() - started


def _yardstick() -> None:
    """The interpreter at plain work: numbers, a dictionary, bytes."""
    seen: dict[int, bytes] = {}
    for number in range(100_000):
        seen[number % 1000] = number.to_bytes(4, "big") + b"\0"
