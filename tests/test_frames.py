import resource
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from tests.frames import roomy

TURNS = 300
DEPTHS = range(400)


def mapped_at(depth: int) -> int:
    """Pages that the system has given while a function was called in turn, so deep on the stack."""
    if depth:
        return mapped_at(depth - 1)
    before = resource.getrusage(resource.RUSAGE_THREAD).ru_minflt
    for _ in range(TURNS):
        one_more(0)
    return resource.getrusage(resource.RUSAGE_THREAD).ru_minflt - before


def one_more(left: int) -> int:
    return one_more(left - 1) if left else left


def worst(within: Callable[..., int]) -> int:
    """In a thread of its own: this one has room."""
    with ThreadPoolExecutor(1) as thread:
        return max(thread.submit(within, mapped_at, depth).result() for depth in DEPTHS)


def test_loop_maps_no_memory_at_each_turn_however_deep_it_stands() -> None:
    assert worst(lambda call, depth: call(depth)) >= TURNS  # or `roomy` is needed no more
    assert worst(roomy) < TURNS
    assert roomy(int, "12", base=3) == 5
