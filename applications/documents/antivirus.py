"""A hook for an antivirus: every file as it came goes to clamd first, where one is told (CLAMD_URL).

The protocol is three lines of clamd(8), and its clients on PyPI are unmaintained: so it is spoken here.
"""

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from accounts import outside
from applications.documents.faults import Fault, Rejected
from egov.errors import Misconfigured, Unavailable

SYSTEM = "antivirus"
SECONDS = 10.0
ANSWER = 4096
CHUNK = 256 * 1024


def scan(content: bytes) -> None:
    """Raises Rejected: INFECTED when clamd finds something, BUSY when it does not say. A file that nobody
    could look at is not taken: who asks for an antivirus wants every file seen."""
    if not settings.CLAMD_URL:
        return
    try:
        with outside.watching(SYSTEM, now=timezone.now()):
            clean = _is_clean(content)
    except Unavailable:
        raise Rejected(Fault.BUSY) from None
    if not clean:
        raise Rejected(Fault.INFECTED)


def knock() -> None:
    """Does it answer now? Raises Unavailable."""
    if _ask(b"zPING\0") != b"PONG":
        raise Unavailable(SYSTEM, "answers something else than PONG")


def faults() -> list[str]:
    """For `manage.py health`."""
    try:
        knock()
    except Unavailable as error:
        return [error.detail]
    return []


def _is_clean(content: bytes) -> bool:
    parts = [content[at : at + CHUNK] for at in range(0, len(content), CHUNK)]
    stream = b"".join(struct.pack("!I", len(part)) + part for part in [*parts, b""])
    answer = _ask(b"zINSTREAM\0" + stream)
    if answer == b"stream: OK":
        return True
    if answer.startswith(b"stream: ") and answer.endswith(b" FOUND"):
        return False
    if b"size limit exceeded" in answer:
        raise Misconfigured(SYSTEM, "StreamMaxLength is below a file's 5 MB")
    raise Unavailable(SYSTEM, "an answer of no kind known")


def _ask(request: bytes) -> bytes:
    try:
        with _connected() as channel:
            _send(channel, request)
            answer = b""
            while not answer.endswith(b"\0") and len(answer) < ANSWER:
                part = channel.recv(ANSWER)
                if not part:
                    break
                answer += part
    except OSError as error:
        raise Unavailable(SYSTEM, type(error).__name__) from None
    return answer.rstrip(b"\0\n")


def _send(channel: socket.socket, request: bytes) -> None:
    """It may answer, and close, before it has read everything: its answer says why."""
    try:
        channel.sendall(request)
    except (BrokenPipeError, ConnectionResetError):
        return


@contextmanager
def _connected() -> Iterator[socket.socket]:
    address = urlsplit(settings.CLAMD_URL)
    try:
        host, port = address.hostname, address.port or 3310
    except ValueError:
        host, port = None, 0
    if address.scheme == "unix":
        with socket.socket(socket.AF_UNIX) as channel:
            channel.settimeout(SECONDS)
            channel.connect(address.path)
            yield channel
    elif address.scheme == "tcp" and host:
        with socket.create_connection((host, port), timeout=SECONDS) as channel:
            yield channel
    else:
        raise Misconfigured(SYSTEM, "CLAMD_URL is neither tcp://host:port nor unix:/path")
