"""Lists of revoked certificates: what is looked at when OCSP gives no answer at all.

The worker fetches them, from the configured addresses only, and a page reads the file: a list of 100,000
entries costs a process 35 ms once and 15 ms for each look. Nothing is believed because it lies there: every
process checks the authority's signature and the dates itself. Whole lists only, no deltas.
"""

import hashlib
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from django.conf import settings

from egov import http
from egov.eds import trust
from egov.eds.container import refusing
from egov.eds.verdict import Refusal, SignatureRefused
from egov.errors import EgovError

AHEAD = timedelta(minutes=5)  # how far the authority's clock may be ahead of ours
MAX_BYTES = 32 * 1024 * 1024  # 100,000 entries take 5 MB
FETCH_SECONDS = 12.0  # two lists within the worker's limit of one task

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class List:
    """A list as it was read, the same object as long as its file is the same; its signature is checked
    apart."""

    der: bytes
    parsed: x509.CertificateRevocationList

    @property
    def made_at(self) -> datetime:
        return self.parsed.last_update_utc

    def is_current(self, at: datetime) -> bool:
        until = self.parsed.next_update_utc
        return self.made_at <= at + AHEAD and until is not None and at <= until


def find(certificate: x509.Certificate, issuer: x509.Certificate, *, now: datetime) -> bytes | None:
    """DER of a fresh list of the issuer in which the certificate does not stand; None without such a list.
    Raises SignatureRefused(REVOKED)."""
    for found in _kept():
        if now - found.made_at > timedelta(seconds=settings.EDS_CRL_MAX_AGE):
            continue
        try:
            _check(found, certificate, issuer, at=now)
        except SignatureRefused as refused:
            if refused.code == Refusal.REVOKED:
                raise
            continue  # of another authority, or over: the next one may do
        return found.der
    return None


def check_kept(der: bytes, certificate: x509.Certificate, issuer: x509.Certificate, *, at: datetime) -> None:
    """A list that served at `at`, once more. Raises SignatureRefused: REVOKED, CRL_STALE, CRL_FOREIGN."""
    with refusing(Refusal.CRL_FOREIGN):
        _check(_read(der), certificate, issuer, at=at)


def fetch(url: str, *, now: datetime) -> List:
    """Get a list and keep it for the pages. Raises Unavailable, or SignatureRefused for a list that no
    page would believe; the one that was there stays."""
    answer = http.call("GET", url, system="crl", max_bytes=MAX_BYTES, timeout=FETCH_SECONDS, repeat=True)
    with refusing(Refusal.CRL_FOREIGN):
        fetched = _read(answer.content)
        if not any(_is_of(fetched, authority) for authority in trust.authorities().issuing):
            raise SignatureRefused(Refusal.CRL_FOREIGN)
    if not fetched.is_current(now):
        raise SignatureRefused(Refusal.CRL_STALE)
    before = _load(path_of(url))
    if before is not None and before.made_at > fetched.made_at:  # somebody gives out an old list again
        raise SignatureRefused(Refusal.CRL_STALE)
    _write(path_of(url), fetched.der)
    return fetched


def fetch_all(*, now: datetime) -> dict[str, str]:
    """Every configured list; address -> why it could not be had, "" when it was."""
    outcomes = {}
    for url in settings.EDS_CRL_URLS:
        try:
            fetch(url, now=now)
            outcomes[url] = ""
        except EgovError as error:
            logger.error("crl: %s", error.detail)
            outcomes[url] = error.detail
    return outcomes


def faults(*, now: datetime) -> list[str]:
    """The configured lists that could not stand in for OCSP today, one line each."""
    found = []
    for url in settings.EDS_CRL_URLS:
        kept, longest = _load(path_of(url)), timedelta(seconds=settings.EDS_CRL_MAX_AGE)
        if kept is None:
            found.append(f"{url} was never fetched")
        elif now - kept.made_at > longest or not kept.is_current(now):
            found.append(f"{url} is of {kept.made_at:%Y-%m-%d %H:%M} UTC: too old to decide")
    return found


def path_of(url: str) -> Path:
    return Path(settings.EDS_CRL_DIR) / f"{hashlib.sha256(url.encode()).hexdigest()[:16]}.crl"


def _kept() -> Iterator[List]:
    """The lists of the addresses that are configured today."""
    return (found for url in settings.EDS_CRL_URLS if (found := _load(path_of(url))) is not None)


def _load(path: Path) -> List | None:
    try:
        return _cached(path, path.stat().st_mtime_ns)
    except (OSError, ValueError):
        return None


@lru_cache(maxsize=4)
def _cached(path: Path, _changed: int) -> List:
    return _read(path.read_bytes())


def _read(der: bytes) -> List:
    return List(der, x509.load_der_x509_crl(der))


def _check(found: List, certificate: x509.Certificate, issuer: x509.Certificate, *, at: datetime) -> None:
    if not _is_of(found, issuer):
        raise SignatureRefused(Refusal.CRL_FOREIGN)
    if not found.is_current(at):
        raise SignatureRefused(Refusal.CRL_STALE)
    if found.parsed.get_revoked_certificate_by_serial_number(certificate.serial_number) is not None:
        raise SignatureRefused(Refusal.REVOKED)


@lru_cache(maxsize=4)
def _is_of(found: List, issuer: x509.Certificate) -> bool:
    """About all that the issuer has given to people, and signed by its key, not only in its name."""
    parsed, key = found.parsed, issuer.public_key()
    try:
        if parsed.issuer != issuer.subject or not all(map(_is_understood, parsed.extensions)):
            return False
        digest = parsed.signature_hash_algorithm
        strong = isinstance(digest, hashes.SHA256 | hashes.SHA384 | hashes.SHA512)
        if not isinstance(key, RSAPublicKey) or digest is None or not strong:
            return False
        key.verify(parsed.signature, _signed_part(found.der), padding.PKCS1v15(), digest)
    except Exception:  # InvalidSignature, UnsupportedAlgorithm (GOST), and what a broken list may cause
        return False
    return True


def _is_understood(extension: x509.Extension[x509.ExtensionType]) -> bool:
    """No delta, none for some certificates or reasons only, nothing critical that we do not know."""
    value = extension.value
    if isinstance(value, x509.IssuingDistributionPoint):
        part = value.only_some_reasons or value.only_contains_ca_certs or value.only_contains_attribute_certs
        return not (part or value.indirect_crl)
    return not isinstance(value, x509.DeltaCRLIndicator) and not extension.critical


def _signed_part(der: bytes) -> bytes:
    """The first value inside the outer one, as it stands: the library would write it anew, in 120 ms."""
    start = _content_at(der, 0)
    content = _content_at(der, start)
    octets = content - start - 2
    length = int.from_bytes(der[start + 2 : content], "big") if octets else der[start + 1]
    return der[start : content + length]


def _content_at(der: bytes, at: int) -> int:
    first = der[at + 1]
    return at + 2 + (first & 0x7F if first & 0x80 else 0)


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all: a page may read it at any moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}")
    try:
        draft.write_bytes(content)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
