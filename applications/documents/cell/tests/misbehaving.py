"""Works of a cell that has gone wrong: loaded in the child instead of the parsers."""

import ctypes
import os
import signal
import sys
import time
from typing import NoReturn

from applications.documents.cell import inside
from applications.documents.faults import Fault, Rejected

Result = tuple[bytes, int, int, int]


def echo(content: bytes) -> Result:
    return content, 1, 2, 0


def who(_content: bytes) -> Result:
    return str(os.getpid()).encode(), 0, 0, 0


def spin(_content: bytes) -> NoReturn:
    while True:
        pass


def spin_deaf(_content: bytes) -> NoReturn:
    """In C, where the interpreter looks at no signal."""
    bytes(100_000_000).count(b"ab")  # something to search
    big = b"a" * 50_000_000
    while True:
        big.count(b"ab")


def hoard(_content: bytes) -> Result:
    return b"x" * inside.MEMORY, 0, 0, 0


def recurse(content: bytes) -> Result:
    return recurse(content)


def crash(_content: bytes) -> Result:
    ctypes.string_at(0)
    return b"", 0, 0, 0


def abort(_content: bytes) -> NoReturn:
    os.abort()


def leave(_content: bytes) -> NoReturn:
    os._exit(3)


def refuse(_content: bytes) -> NoReturn:
    raise Rejected(Fault.PAGES)


def stumble(_content: bytes) -> NoReturn:
    raise LookupError("the name of a child")


def write(_content: bytes) -> Result:
    descriptor = os.open("/tmp", os.O_TMPFILE | os.O_WRONLY)
    os.write(descriptor, b"x")
    return b"written", 0, 0, 0


def surroundings(_content: bytes) -> Result:
    return repr(sorted(os.environ)).encode(), 0, 0, 0


def garble(_content: bytes) -> NoReturn:
    os.write(0, b"no json\n")
    time.sleep(3600)
    sys.exit()


def say(content: bytes) -> NoReturn:
    os.write(0, content)
    signal.pause()
    sys.exit()


def flood(_content: bytes) -> NoReturn:
    os.write(0, b'{"fault": "", "size": 999999999, "width": 0, "height": 0}\n')
    signal.pause()
    sys.exit()


def works() -> dict[str, inside.Work]:
    every = (
        echo, who, spin, spin_deaf, hoard, recurse, crash, abort, leave, refuse, stumble, write, surroundings,
        garble, flood, say,
    )  # fmt: skip
    return {work.__name__: work for work in every}


def main() -> None:
    inside.works = works
    inside.main()
