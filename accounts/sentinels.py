"""Redis of which sentinels tell the master, on more machines than one: when it falls, another is asked for at
the next connection.

    sentinel://:password@one:26379,two:26379,three:26379/mymaster?db=0&sentinel_password=…

With TLS to sentinels and masters: sentinels://. All other addresses are Redis' own.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import redis
from django.core.cache.backends import redis as backend
from redis.backoff import NoBackoff
from redis.retry import Retry
from redis.sentinel import Sentinel

SCHEMES = ("sentinel", "sentinels")
PORT = 26379


@dataclass(frozen=True)
class Watched:
    """A master and who watches it."""

    sentinels: tuple[tuple[str, int], ...]
    master: str
    db: int
    tls: bool
    login: dict[str, str]  # of Redis itself
    sentinel_login: dict[str, str]

    @property
    def broker(self) -> str:
        """As Celery wants it; the rest are its options (`broker_options`)."""
        names = [quote(self.login.get(name, ""), safe="") for name in ("username", "password")]
        who = f"{':'.join(names)}@" if self.login else ""
        return ";".join(f"sentinel://{who}{host}:{port}/{self.db}" for host, port in self.sentinels)

    def broker_options(self, timeouts: dict[str, float]) -> dict[str, Any]:
        return {"master_name": self.master, "sentinel_kwargs": self._asking(timeouts)}

    def client(self, **options: Any) -> redis.Redis:
        """Of the master of the moment; nothing is tried twice, and nothing waits for longer than the options
        say, of each sentinel too."""
        at_once = {"retry": Retry(NoBackoff(), 0), "ssl": self.tls} | self.login | options
        timeouts = {name: value for name, value in options.items() if name.endswith("_timeout")}
        of_sentinels = self._asking(timeouts)
        asked: Any = Sentinel(self.sentinels, sentinel_kwargs=of_sentinels, db=self.db, **at_once)  # type: ignore[no-untyped-call]  # of a library
        found: redis.Redis = asked.master_for(self.master)
        return found

    def _asking(self, timeouts: dict[str, float]) -> dict[str, Any]:
        return {"retry": Retry(NoBackoff(), 0), "ssl": self.tls} | timeouts | self.sentinel_login


def is_named_by(address: str) -> bool:
    return address.partition("://")[0] in SCHEMES


def is_well_named(address: str) -> bool:
    try:
        return is_named_by(address) and bool(read(address))
    except ValueError:
        return False


def read(address: str) -> Watched:
    """Raises ValueError."""
    parts = urlsplit(address)
    told = dict(parse_qsl(parts.query))
    login, _at, hosts = parts.netloc.rpartition("@")
    user, _colon, password = login.partition(":")
    master = parts.path.strip("/")
    if not master or "/" in master or not all(hosts.split(",")):
        raise ValueError("sentinel://HOST:PORT,HOST:PORT/MASTER is wanted")
    named = {"username": unquote(user), "password": unquote(password)}
    asking = {"password": told.get("sentinel_password", "")}
    return Watched(
        sentinels=tuple(_place(host) for host in hosts.split(",")),
        master=master,
        db=int(told.get("db", "0")),
        tls=parts.scheme == "sentinels",
        login={name: value for name, value in named.items() if value},
        sentinel_login={name: value for name, value in asking.items() if value},
    )


def _place(host: str) -> tuple[str, int]:
    name, _colon, port = host.partition(":")
    return name, int(port or PORT)


def connect(address: str, **options: Any) -> redis.Redis:
    """A client of whichever kind of address."""
    if is_named_by(address):
        return read(address).client(**options)
    return redis.Redis.from_url(address, **options)


class _Client(backend.RedisCacheClient):
    def _get_connection_pool(self: Any, write: bool) -> Any:
        if not self._pools:
            self._pools[0] = connect(self._servers[0], **self._pool_options).connection_pool
        return self._pools[0]


class RedisCache(backend.RedisCache):
    """Django's cache over it."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__([server], params)  # a comma is no end of an address here
        self._class = _Client
