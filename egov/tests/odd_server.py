"""A server that answers with any bytes at all, however slowly, and remembers what it was asked."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Answer = Callable[[socket.socket, threading.Event], object]


class OddServer:
    def __init__(self, answer: Answer, *, read_first: bool) -> None:
        self.answer, self.read_first = answer, read_first
        self.asked: list[bytes] = []
        self.stop = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/"
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def _accept(self) -> None:
        while not self.stop.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            if self.read_first:
                self.asked.append(_whole_request(connection))
            self.answer(connection, self.stop)

    def close(self) -> None:
        self.stop.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(timeout=60)


def _whole_request(connection: socket.socket) -> bytes:
    """To the last byte: a connection that is closed on unread bytes takes the answer with it."""
    asked = b""
    while b"\r\n\r\n" not in asked:
        asked += _more(connection)
    head, _, body = asked.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    while length and len(body) < int(length[1]):
        body += _more(connection)
    return head + b"\r\n\r\n" + body


def _more(connection: socket.socket) -> bytes:
    """A caller whose time is up goes away in the middle."""
    if more := connection.recv(65536):
        return more
    raise ConnectionError("gone")


@contextmanager
def odd_server(answer: Answer | bytes, *, read_first: bool = True) -> Iterator[OddServer]:
    """Bytes are sent as they are, then the connection is closed. Under TLS the answer reads for itself."""
    function = answer if callable(answer) else lambda sock, _stop: sock.sendall(answer)
    server = OddServer(function, read_first=read_first)
    try:
        yield server
    finally:
        server.close()


def ok(body: bytes, *, headers: str = "") -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body


def drip(start: bytes, *, every: float = 0.05) -> Answer:
    """`start` at once, then a byte now and then, for as long as anybody listens."""

    def answer(sock: socket.socket, stop: threading.Event) -> None:
        sock.sendall(start)
        while not stop.wait(every):
            sock.sendall(b"x")

    return answer
