"""A port that stays free until the program that it is meant for takes it."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def held_port() -> Iterator[int]:
    """Bound and not listened on: the system gives it to nobody else, and whoever knocks is refused. A program
    that sets SO_REUSEADDR, as servers do, may bind it meanwhile and listen."""
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        yield int(holder.getsockname()[1])
