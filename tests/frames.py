"""Room on the stack of Python for one call.

CPython keeps frames in chunks of 16 KiB, asks the system for one when the last is full and gives it back
when the first frame in it ends. A loop that stands where a chunk ends has memory mapped anew at each of its
turns; below pytest and the portal's middleware that falls on each question to the database, and is a seventh
of the time. (In the portal itself no page was found that pays for it.) A frame that is larger than a chunk is
given one to its measure, twice as large at most: what is left of it serves all calls below.
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Answer = TypeVar("Answer")
SLOTS = 16_500  # of 8 bytes: above 128 KiB, so that the chunk has 256; untouched, they cost nothing


def roomy(call: Callable[Given, Answer], *args: Given.args, **kwargs: Given.kwargs) -> Answer:
    """Call it where no chunk ends below it, down to some hundred frames."""
    return call(*args, **kwargs)


roomy.__code__ = roomy.__code__.replace(co_stacksize=SLOTS)
