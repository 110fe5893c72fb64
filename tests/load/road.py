"""The network between a production portal, the state and the people: a proxy under whose TLS every host of
the documents answers, each from its own port of this machine."""

import http.client
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

OF_ONE_HOP = {"connection", "proxy-connection", "keep-alive", "transfer-encoding", "content-length"}


@dataclass(frozen=True)
class Place:
    """Where a host answers; `prefix` stands before its paths there."""

    port: int
    prefix: str = ""
    tls: bool = False


class Road(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, places: dict[str, Place], pem: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Traveller)
        self.places, self.pem = places, pem
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(pem)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class _Traveller(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    host = ""

    def do_CONNECT(self) -> None:
        assert isinstance(self.server, Road)
        self.send_response(200)
        self.end_headers()
        self.host = self.path.partition(":")[0]
        self.rfile.close()
        self.connection = self.server.context.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
        self.close_connection = False

    def do_GET(self) -> None:
        assert isinstance(self.server, Road)
        asked = urlsplit(self.path)
        host = self.host or asked.hostname or ""
        place = self.server.places.get(host)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            status, headers, content = _from(place, self.command, host, asked.path, asked.query, {
                name: value for name, value in self.headers.items() if name.lower() not in OF_ONE_HOP
            }, body)  # fmt: skip
        except OSError:
            status, headers, content = 502, [], b""
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else content)

    do_POST = do_PUT = do_HEAD = do_GET

    def finish(self) -> None:
        super().finish()
        self.connection.close()

    def log_message(self, *_arguments: object) -> None:
        """Not to the test's output."""


def _from(
    place: Place | None, method: str, host: str, path: str, query: str, headers: dict[str, str], body: bytes
) -> tuple[int, list[tuple[str, str]], bytes]:
    if place is None:
        raise ConnectionError(host)
    there = (place.prefix + path).rstrip("/") if place.prefix and path == "/" else place.prefix + path
    with closing(_connection(place)) as connection:
        headers |= {"Host": host, "X-Forwarded-Proto": "https", "X-Forwarded-For": "127.0.0.1"}
        connection.request(method, f"{there}?{query}" if query else there, body=body, headers=headers)
        answer = connection.getresponse()
        told = [(name, value) for name, value in answer.getheaders() if name.lower() not in OF_ONE_HOP]
        return answer.status, told, answer.read()


def _connection(place: Place) -> http.client.HTTPConnection:
    if place.tls:
        unseen = ssl._create_unverified_context()
        return http.client.HTTPSConnection("127.0.0.1", place.port, context=unseen, timeout=60)
    return http.client.HTTPConnection("127.0.0.1", place.port, timeout=60)


@contextmanager
def road(places: dict[str, Place], pem: Path) -> Iterator[Road]:
    made = Road(places, pem)
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    try:
        yield made
    finally:
        made.shutdown()
        made.server_close()
        thread.join()
