"""The one seam to the network: every call to a state system goes through `call`.

An answer is whole, within its time and its size, or there is none: a system that drips a byte a second
cannot hold a web thread. Redirects are not followed. Addresses, parameters and answers are never logged:
they hold people's data and our keys.
"""

import http.client
import logging
import socket
import threading
from collections.abc import Callable, Collection, Mapping
from contextlib import closing, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from time import monotonic
from typing import Any

import requests
import urllib3
from django.conf import settings
from django.dispatch import Signal
from requests.adapters import HTTPAdapter

from egov import gate
from egov.causes import cause_of
from egov.connections import Connection, connection_to
from egov.errors import EgovError, Misconfigured, Unasked, Unavailable, Unbelieved

logger = logging.getLogger(__name__)

# How each call ended: `system`, `seconds`, and `outcome`: "answered", or whose fault it is that there was no
# answer, "theirs" or "ours" (egov/errors.py).
answered = Signal()

# D69: what a restored copy may still ask: who signs in, and whether what is kept proves what it says.
OF_A_COPY = frozenset({"login", "ncanode", "ocsp", "crl", "tsp"})
MAX_BYTES = 8 * 1024 * 1024  # of an answer; a medical document in base64 is the longest of them
CHUNK_BYTES = 64 * 1024
OK = 200
TRY_LATER = (408, 425, 429)  # the only refusals by which nothing is said about the request itself
MOVED = (301, 308)  # for good: the address that we were given is an old one
FAILURES = (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError)


class _Silence:
    asked: Callable[[], bool] = staticmethod(lambda: False)
    paused: Callable[[str], bool] = staticmethod(lambda _system: False)


def silent_while(asked: Callable[[], bool]) -> None:
    """Whoever is above says when nothing may go out (D69)."""
    _Silence.asked = staticmethod(asked)


def paused_while(paused: Callable[[str], bool]) -> None:
    """Whoever is above says which system is asked nothing for now (D77)."""
    _Silence.paused = staticmethod(paused)


@dataclass(frozen=True)
class Answer:
    system: str
    status: int
    content: bytes

    def json(self) -> Any:
        """Raises Unavailable when the answer is no sound JSON."""
        try:
            return gate.loads(self.content)
        except gate.NotJson:
            raise Unavailable(self.system, "not JSON") from None


def call(
    method: str,
    url: str,
    *,
    system: str,
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, Any] | None = None,
    data: Any = None,
    json: Any = None,
    auth: tuple[str, str] | None = None,
    timeout: float | None = None,
    max_bytes: int = MAX_BYTES,
    repeat: bool = False,
    accept: Collection[int] = (),
    knock: bool = False,
) -> Answer:
    """The answer of a state system, within `timeout` seconds in all (by default CONNECTIONS, EGOV_TIMEOUT).

    `repeat`: asking twice does no harm, so a connection that fails is tried once more in the same time.
    `accept`: statuses outside 2xx that are an answer, too. `knock`: somebody wants to know whether a system
    that is paused is back.
    Raises Misconfigured where the portal itself is refused, Unbelieved where a status says so, Unavailable
    on anything else that is not a whole answer. A bare status never speaks of the item: what says no to an
    item says so in words of its own.
    """
    if system not in OF_A_COPY and _Silence.asked():
        raise Unasked(system, "a restored copy asks nobody")
    if not knock and _Silence.paused(system):
        raise Unasked(system, "paused by ops")
    started, outcome, fault = monotonic(), "broken", "ours"
    request = requests.Request(
        method, url, headers=dict(headers or {}), params=params, data=data, json=json, auth=auth
    )
    try:
        connection = connection_to(system)
        deadline = _Deadline(timeout or connection.timeout or settings.EGOV_TIMEOUT)
        with deadline:
            answer = _try(
                request, connection, system=system, deadline=deadline, max_bytes=max_bytes, tries=1 + repeat
            )
        if deadline.passed:  # the connection was cut, which may look like the end of the answer
            raise Unavailable(system, "too late")
        outcome = str(answer.status)
        _check(answer, accept=accept)
        fault = ""
        return answer
    except EgovError as error:
        outcome = error.detail or outcome
        fault = "ours" if isinstance(error, Misconfigured) else "theirs"
        raise
    finally:
        level, took = logging.INFO if outcome.isdigit() else logging.WARNING, monotonic() - started
        logger.log(level, "%s: %s in %.2f s", system, outcome, took)
        answered.send(sender=call, system=system, outcome=fault or "answered", seconds=took)


def _check(answer: Answer, *, accept: Collection[int]) -> None:
    if 200 <= answer.status < 300 or answer.status in accept:
        return
    detail = f"HTTP {answer.status}"
    if 400 <= answer.status < 500 and answer.status not in TRY_LATER:
        raise Unbelieved(answer.system, detail)
    raise (Unbelieved if answer.status in MOVED else Unavailable)(answer.system, detail)


def _try(
    request: requests.Request,
    connection: Connection,
    *,
    system: str,
    deadline: "_Deadline",
    max_bytes: int,
    tries: int,
) -> Answer:
    try:
        return _once(request, connection, system=system, deadline=deadline, max_bytes=max_bytes)
    except FAILURES as error:
        if deadline.passed or isinstance(error, requests.Timeout | TimeoutError):
            raise Unavailable(system, "too late") from None
        if tries > 1 and isinstance(error, requests.ConnectionError):
            return _try(
                request, connection, system=system, deadline=deadline, max_bytes=max_bytes, tries=tries - 1
            )
        cause = cause_of(error)
        fault = Misconfigured if cause.ours else Unavailable
        raise fault(system, cause.words) from None  # the error's own text holds the address


def _once(
    request: requests.Request, connection: Connection, *, system: str, deadline: "_Deadline", max_bytes: int
) -> Answer:
    with requests.Session() as session:
        session.trust_env = False  # no proxy, and no password of a ~/.netrc, that nobody meant
        session.verify = connection.ca or True
        session.cert = (connection.cert, connection.key) if connection.key else connection.cert or None
        session.proxies = dict.fromkeys(("http", "https"), connection.proxy) if connection.proxy else {}
        session.mount("http://", _Adapter())
        session.mount("https://", _Adapter())
        prepared = session.prepare_request(request)
        prepared.headers["Accept-Encoding"] = "identity"  # so that the size that is read is the size
        response = session.send(prepared, timeout=deadline.left, allow_redirects=False, stream=True)
        with closing(response):
            content = _read(response, system=system, max_bytes=max_bytes)
            return Answer(system, response.status_code, content)


def _read(response: requests.Response, *, system: str, max_bytes: int) -> bytes:
    """To the very end: only there a body that was cut short is told from a whole one."""
    content = bytearray()
    while chunk := response.raw.read(CHUNK_BYTES, decode_content=False):
        content += chunk
        if len(content) > max_bytes:
            raise Unavailable(system, "too long")
    return bytes(content)


class _Deadline:
    """Cuts the call's connections when its time is up, wherever it is stuck: the timeouts of a socket
    begin anew with every byte, so they bound neither the headers nor the body."""

    def __init__(self, seconds: float) -> None:
        self._end = monotonic() + seconds
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self.passed = False

    @property
    def left(self) -> float:
        return max(self._end - monotonic(), 0.001)

    def __enter__(self) -> None:
        self._token = _deadline.set(self)
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._timer.join()  # so that `passed` says its last word, and no thread is left
        _deadline.reset(self._token)
        with self._lock:
            while self._sockets:
                self._sockets.pop().close()

    def watch(self, sock: socket.socket) -> None:
        """A duplicate is kept, for TLS takes the socket itself over."""
        with self._lock:
            self._sockets.append(sock.dup())
        if self.passed:
            self._cut()

    def _cut(self) -> None:
        with self._lock:
            self.passed = True
            for sock in self._sockets:
                with suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)


_deadline: ContextVar[_Deadline] = ContextVar("_deadline")


class _Http(urllib3.connection.HTTPConnection):
    def _new_conn(self) -> socket.socket:
        sock = super()._new_conn()
        _deadline.get().watch(sock)
        return sock


class _Https(urllib3.connection.HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        sock = super()._new_conn()
        _deadline.get().watch(sock)
        return sock


class _HttpPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _Https


POOLS = {"http": _HttpPool, "https": _HttpsPool}


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = POOLS
        return manager
