"""What runs in the cell: takes one file after another from its only channel, answers each, forgets it.

Its limits are its own first act, and a file's time is measured by the kernel: whoever spins is killed where
it stands, in whatever library. Nothing of the portal is known here, no settings, no database, no keys.
"""

import json
import os
import resource
import signal
import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from applications.documents.faults import Fault, Rejected

MEMORY = 300 * 1024 * 1024  # of address space, everything in it
SECONDS = 2.5  # of a core for one file; with what the start costs it stays below three
WORN = 120 * 1024 * 1024  # whoever holds so much after a file makes room for a new one
FILES = 200
PAGE_BYTES = resource.getpagesize()
HEADER = 4096
STATM = Path("/proc/self/statm")  # its first number: pages of address space

Work = Callable[..., tuple[bytes, int, int, int]]  # the file written anew, width, height, pages; 0 where none


def main() -> None:
    """Until the other end closes the channel, or this one is worn."""
    shut_in()
    known = works()
    channel = socket.socket(fileno=0)
    with channel, channel.makefile("rb") as requests:
        for number in range(1, FILES + 1):
            line = requests.readline(HEADER)
            if not line:
                return
            asked = json.loads(line)
            content = requests.read(asked["size"])
            work = partial(known[asked["kind"]], **asked.get("how", {}))
            answer, result = examine(work, content)
            del content
            answer["last"] = number == FILES or worn()
            channel.sendall(json.dumps(answer).encode() + b"\n" + result)
            if answer["last"]:
                return


def shut_in() -> None:
    os.nice(5)  # the pages go first
    for what, limit in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(what, (limit, limit))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)


def examine(work: Work, content: bytes) -> tuple[dict[str, Any], bytes]:
    """The answer's head and the file written anew, within the time of one file."""
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        result, width, height, pages = work(content)
        return {"fault": "", "size": len(result), "width": width, "height": height, "pages": pages}, result
    except Rejected as rejected:
        return {"fault": rejected.fault, "size": 0}, b""
    except (MemoryError, RecursionError):
        return {"fault": Fault.HEAVY, "size": 0}, b""
    except Exception as error:  # a fault of ours, not of the file: named, and the file is refused
        return {"fault": Fault.UNREADABLE, "size": 0, "error": type(error).__name__}, b""
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def worn() -> bool:
    return int(STATM.read_text().split()[0]) * PAGE_BYTES > WORN


def works() -> dict[str, Work]:
    """The parsers are loaded inside the limits too."""
    from applications.documents.cell import drawing, joining, jpeg, pdf, photo

    return {
        "jpeg": lambda content, **how: (*jpeg.rewrite(content, **how), 0),
        "pdf": lambda content: (pdf.rewrite(content), 0, 0, 0),
        "page": drawing.page,
        "picture": drawing.picture,
        "pages": drawing.pages,
        "photo": photo.adjusted,
        "flaws": photo.flaws,
        "join": joining.join,
    }
