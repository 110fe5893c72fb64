"""The certificates of CONNECTIONS, looked at before a system refuses them: ours, and the authorities that we
believe (D33); and the one that nginx shows to everybody, before their browsers refuse it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings

AT_ONCE = timedelta()
IN_GOOD_TIME = timedelta(days=60)  # a certificate of a state authority takes weeks to get
BY_ITSELF = timedelta(days=14)  # the public one is renewed by a program, a month before its end
PUBLIC = "public"


def faults(*, now: datetime, ahead: timedelta = IN_GOOD_TIME) -> list[str]:
    """What is wrong with them, or will be within that time, each as one line."""
    known: dict[str, dict[str, Any]] = settings.CONNECTIONS or {}
    found = [
        f"CONNECTIONS.{name}: {fault}"
        for name, parts in sorted(known.items())
        for fault in (*_of_ours(parts, now, ahead), *_of_theirs(parts, now, ahead))
    ]
    return found + [f"PUBLIC_CERTIFICATE: {fault}" for fault in _of_nginx(now, min(ahead, BY_ITSELF))]


def ends() -> dict[str, datetime | None]:
    """When each of ours ends, and the last authority that we know of each system, by its name; None: it
    cannot be read."""
    known: dict[str, dict[str, Any]] = settings.CONNECTIONS or {}
    paths = {f"connection {name}": parts["cert"] for name, parts in known.items() if "cert" in parts}
    if settings.PUBLIC_CERTIFICATE:
        paths[PUBLIC] = settings.PUBLIC_CERTIFICATE
    theirs = {f"authority of {name}": parts["ca"] for name, parts in known.items() if "ca" in parts}
    ours = {name: _end(Path(path)) for name, path in paths.items()}
    return ours | {name: last_authority(Path(path)) for name, path in theirs.items()}


def last_authority(path: Path) -> datetime | None:
    """When it ends. Of many the last one to end counts: a bundle may hold those of before. None: it cannot be
    read."""
    try:
        return max(one.not_valid_after_utc for one in x509.load_pem_x509_certificates(path.read_bytes()))
    except (OSError, ValueError):
        return None


def _end(path: Path) -> datetime | None:
    try:
        return _first(path).not_valid_after_utc
    except (OSError, ValueError):
        return None


def _first(path: Path) -> x509.Certificate:
    """Ours; the others of the file are the authorities behind it."""
    return x509.load_pem_x509_certificates(path.read_bytes())[0]


def _of_nginx(now: datetime, ahead: timedelta) -> Iterator[str]:
    if not settings.PUBLIC_CERTIFICATE:
        return
    end = _end(Path(settings.PUBLIC_CERTIFICATE))
    if end is None:
        yield "it cannot be read"
    elif end <= now + ahead:
        yield ending("what nginx shows to browsers", end, now)


def _of_ours(parts: dict[str, Any], now: datetime, ahead: timedelta) -> Iterator[str]:
    if not (path := parts.get("cert")):
        return
    try:
        ours = _first(Path(path))
        key = load_pem_private_key(Path(parts.get("key") or path).read_bytes(), None)
    except (OSError, ValueError, TypeError):  # TypeError: the key is under a password
        yield "our certificate or its key cannot be read"
        return
    if key.public_key() != ours.public_key():
        yield "our certificate and its key do not belong together"
    if ours.not_valid_before_utc > now:
        yield f"our certificate is not valid before {ours.not_valid_before_utc:%Y-%m-%d}"
    if ours.not_valid_after_utc <= now + ahead:
        yield ending("our certificate", ours.not_valid_after_utc, now)


def _of_theirs(parts: dict[str, Any], now: datetime, ahead: timedelta) -> Iterator[str]:
    if not (path := parts.get("ca")):
        return
    ends = last_authority(Path(path))
    if ends is None:
        yield "the authorities of `ca` cannot be read"
    elif ends <= now + ahead:
        yield ending("the last authority of `ca`", ends, now)


def ending(what: str, day: datetime, now: datetime) -> str:
    return f"{what} {'has ended' if day <= now else 'ends'} on {day:%Y-%m-%d}"
