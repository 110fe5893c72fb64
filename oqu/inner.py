"""The certificates that our own servers show to the portal: the database or its pooler, a replica, Redis, the
store of files, and those of WATCHED_SERVERS, which others go to in its name. They are of nobody who would
remind us, so they are looked at before they end: by beginning to speak TLS, which wants no password.
"""

import socket
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from cryptography import x509
from django.conf import settings
from django.db import connections

from accounts import sentinels
from egov import presented
from egov.presented import IN_GOOD_TIME

SECONDS = 1.0  # for each of them, all at once
STANDS = 600.0  # seconds in which no server is asked again by the same process
PORTS = {"postgres": 5432, "postgresql": 5432, "rediss": 6379, "https": 443}
OF_POSTGRES = ("postgres", "postgresql")
MAY_WE = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"  # PostgreSQL's SSLRequest, PgBouncer's too
NO_ADDRESS = "WATCHED_SERVERS, REDIS_URL or S3_ENDPOINT"
TLS_MODES = ("require", "verify-ca", "verify-full")


@dataclass(frozen=True)
class Server:
    host: str
    port: int
    is_postgres: bool = False

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class _Seen:
    """Of one process; who comes while another looks goes by what is known."""

    def __init__(self) -> None:
        self.ends: dict[Server, datetime] = {}
        self.looked: tuple[frozenset[Server], float] = (frozenset(), 0.0)
        self.looking = threading.Lock()


_seen = _Seen()


def servers() -> tuple[list[Server], bool]:
    """As far as they are to speak TLS; and is each of the addresses one? What is none hides no other."""
    asked = [partial(_database, each) for each in connections.settings.values()]
    asked += [partial(_redis, each) for each in (settings.REDIS_URL, settings.CELERY_BROKER_URL)]
    store = [settings.S3_ENDPOINT] if settings.FILES_STORE == "s3" else []
    asked += [partial(_named, each) for each in (*settings.WATCHED_SERVERS, *store)]
    found: list[Server] = []
    good = True
    for ask in asked:
        try:
            found += ask()
        except ValueError:
            good = False
    return list(dict.fromkeys(found)), good


def ends() -> dict[str, datetime | None]:
    """When the certificate of each ends, as it was last seen; None: never, or it has no address. And the
    authorities in the files by which they are believed."""
    asked, good = servers()
    _look(asked)
    shown = {f"server {each}": _seen.ends.get(each) for each in asked}
    shown |= {f"authority {path}": presented.last_authority(path) for path in _roots()}
    return shown if good else shown | {NO_ADDRESS: None}


def faults(*, now: datetime, ahead: timedelta = IN_GOOD_TIME) -> list[str]:
    """What is wrong with them, or will be within that time, each as one line."""
    found = ends()
    wrong = [f"{NO_ADDRESS} is no address"] if NO_ADDRESS in found else []
    lines = [(of, "it cannot be looked at") for of, end in found.items() if end is None and of != NO_ADDRESS]
    lines += [
        (of, presented.ending("it", end, now)) for of, end in found.items() if end and end <= now + ahead
    ]
    return wrong + [f"the certificate of the {of}: {line}" for of, line in lines]


def _look(asked: list[Server]) -> None:
    """Who cannot be asked keeps the end that was seen before: that it is silent others tell."""
    who, at = _seen.looked
    if who == frozenset(asked) and monotonic() - at < STANDS:
        return
    if asked and _seen.looking.acquire(blocking=False):
        try:
            with ThreadPoolExecutor(len(asked)) as threads:
                found = dict(zip(asked, threads.map(_end, asked), strict=True))
            _seen.ends |= {each: end for each, end in found.items() if end}
            _seen.looked = frozenset(asked), monotonic()
        finally:
            _seen.looking.release()


def _end(server: Server) -> datetime | None:
    try:
        with socket.create_connection((server.host, server.port), SECONDS) as channel:
            if server.is_postgres:
                channel.sendall(MAY_WE)
                if channel.recv(1) != b"S":
                    return None
            with _any().wrap_socket(channel, server_hostname=server.host) as shown:
                der = shown.getpeercert(binary_form=True)
        return x509.load_der_x509_certificate(der).not_valid_after_utc if der else None
    except (OSError, ValueError):  # also what is no certificate as it should be
        return None


def _any() -> ssl.SSLContext:
    """Whom it would not believe it is to tell of, too: nothing is said there."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _database(database: dict[str, Any]) -> list[Server]:
    """Raises ValueError."""
    host = str(database.get("HOST") or "")
    if _mode(database) not in TLS_MODES or not host or host.startswith("/"):
        return []
    return [Server(host, int(database.get("PORT") or PORTS["postgres"]), is_postgres=True)]


def _mode(database: dict[str, Any]) -> str:
    return str(database.get("OPTIONS", {}).get("sslmode", ""))


def _redis(address: str) -> list[Server]:
    """Of sentinels these, and not the master of the moment. Raises ValueError."""
    if sentinels.is_named_by(address):
        watched = sentinels.read(address)
        return [Server(host, port) for host, port in watched.sentinels if watched.tls]
    return _named(address) if address.startswith("rediss://") else []


def _named(address: str) -> list[Server]:
    """Raises ValueError."""
    parts = urlsplit(address)
    if parts.scheme not in PORTS or not parts.hostname:
        raise ValueError(parts.scheme)
    port = parts.port or PORTS[parts.scheme]
    return [Server(parts.hostname, port, is_postgres=parts.scheme in OF_POSTGRES)]


def _roots() -> list[Path]:
    """One of the whole world's is no file of ours."""
    given = [database.get("OPTIONS", {}).get("sslrootcert") for database in connections.settings.values()]
    for address in (settings.REDIS_URL, settings.CELERY_BROKER_URL):
        with suppress(ValueError):  # no address: that is told with the servers
            given.append(dict(parse_qsl(urlsplit(address).query)).get("ssl_ca_certs"))
    given.append(settings.S3_CA if settings.FILES_STORE == "s3" else None)
    return sorted({Path(each) for each in given if each and each != "system"})
