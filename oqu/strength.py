"""What the guard knows of secrets, of connections, and of files. Nothing of the apps may be imported here:
the settings are still being read."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlparse

from cryptography import x509

LOOPBACK = ("127.0.0.1", "localhost", "::1")
SANDBOX_MARK = "OQU SANDBOX"  # in the name of every authority of sandbox
CERTIFICATES = (".cer", ".crt", ".pem", ".der")
PRIVATE_KEYS = (".p12", ".key")
TLS_MODES = ("require", "verify-ca", "verify-full")


def is_weak(secret: str, *, shortest: int, distinct: int) -> bool:
    """Too short, of too few different characters, or one piece over and over."""
    return len(secret) < shortest or len(set(secret)) < distinct or _repeats(secret)


def _repeats(text: str) -> bool:
    """One piece twice or more, the last one perhaps cut short: then the text equals itself, moved by it."""
    return any(text[size:] == text[:-size] for size in range(1, len(text) // 2 + 1))


def is_open_database(database: dict[str, Any]) -> bool:
    """PostgreSQL over a network without TLS; a socket and this machine itself need none."""
    hosts = str(database.get("HOST") or "").split(",")
    remote = [host for host in hosts if host and not host.startswith("/") and host not in LOOPBACK]
    return bool(remote) and database.get("OPTIONS", {}).get("sslmode") not in TLS_MODES


def is_open_redis(address: str) -> bool:
    parts = urlparse(address)
    if parts.scheme in ("unix", "redis+socket", "rediss", "sentinels"):
        return False
    if parts.scheme == "sentinel":  # one on this machine may name a master elsewhere
        return True
    hosts = parts.netloc.rpartition("@")[2].split(",")
    return any(urlparse(f"//{host}").hostname not in LOOPBACK for host in hosts)


def is_unchecked_redis(address: str) -> bool:
    """By TLS with whoever answers: both are on unless the address says otherwise."""
    told = {name: value.lower() for name, value in parse_qsl(urlparse(address).query)}
    reqs = told.get("ssl_cert_reqs", "required").removeprefix("cert_")
    return reqs != "required" or told.get("ssl_check_hostname", "true") not in ("true", "1", "yes")


def is_open_store(address: str) -> bool:
    """Of files: whatever is not https, or this machine itself."""
    parts = urlparse(address)
    return not parts.hostname or (parts.scheme != "https" and parts.hostname not in LOOPBACK)


def holds_certificates(folder: Path) -> bool:
    try:
        return any(path.suffix.lower() in CERTIFICATES for path in folder.iterdir())
    except OSError:
        return False


def sandbox_certificates(folder: Path) -> list[str]:
    """Names of the files by which the demo's keys would be believed."""
    paths = [path for place in (folder, folder / "retired") for path in _files(place, CERTIFICATES)]
    return [path.name for path in paths if is_of_sandbox(path)]


def is_of_sandbox(path: Path) -> bool:
    """Does this file hold a certificate of the demo?"""
    return any(map(_is_of_sandbox, _read(path)))


def keys_open_to_others(folder: Path) -> list[str]:
    """Private keys that somebody other than the portal's own user may read."""
    return [path.name for path in _files(folder, PRIVATE_KEYS) if path.stat().st_mode & 0o077]


def _files(folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix.lower() in suffixes)
    except OSError:
        return []


def _read(path: Path) -> list[x509.Certificate]:
    try:
        content = path.read_bytes()
        if b"-----BEGIN" in content:
            return x509.load_pem_x509_certificates(content)
        return [x509.load_der_x509_certificate(content)]
    except (OSError, ValueError):  # trust.py passes over it, too
        return []


def _is_of_sandbox(certificate: x509.Certificate) -> bool:
    return any(SANDBOX_MARK in name.rfc4514_string() for name in (certificate.subject, certificate.issuer))
