"""The certification authorities we believe: the files that operations have put into EDS_CA_DIR.

What an authority has issued must stay provable when it issues no more: its file moves to the folder
`retired` in there, where no new signature and every old one finds it.
"""

import logging
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings

from egov.errors import Misconfigured

RETIRED = "retired"
SUFFIXES = (".cer", ".crt", ".pem", ".der")
MAX_FILE_BYTES = 64 * 1024
WARN_BEFORE = timedelta(days=30)
MOST_KEPT = 8  # sets of authorities that a thread has read

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Authorities:
    roots: tuple[x509.Certificate, ...]  # self-signed
    issuing: tuple[x509.Certificate, ...]

    def issuer_of(self, certificate: x509.Certificate) -> x509.Certificate | None:
        """The authority whose key, not only whose name, has signed the certificate."""
        return next((ca for ca in self.issuing if is_signed_by(certificate, ca)), None)

    def path_of(self, certificate: x509.Certificate) -> tuple[x509.Certificate, ...] | None:
        """The certificate, who has issued it, and the root above; None where the path does not end in one."""
        issuer = self.issuer_of(certificate)
        root = issuer and next((ca for ca in self.roots if is_signed_by(issuer, ca)), None)
        return (certificate, issuer, root) if issuer and root else None


def authorities(*, retired: bool = False) -> Authorities:
    """Read anew when a file of the folder changes; `retired`: those of before, too, to judge what they once
    have issued. Raises Misconfigured when there is nothing to trust, or a file cannot be read: whom its
    authority has certified is refused by nobody meanwhile."""
    folder = Path(settings.EDS_CA_DIR)
    files = _files(folder) + (_files(folder / RETIRED) if retired else ())
    try:
        found = _load(files)
    except OSError as error:
        logger.error("eds: a file of EDS_CA_DIR cannot be read: %s", type(error).__name__)
        raise Misconfigured("eds", "a file cannot be read") from None
    if not found.roots or not found.issuing:
        logger.error("eds: EDS_CA_DIR holds no root or no issuing authority")
        raise Misconfigured("eds", "no certification authorities")
    return found


def faults(*, now: datetime) -> list[str]:
    """What ops must know: nothing to trust, or an authority whose certificate ends soon, one line each."""
    try:
        found = authorities()
    except Misconfigured as error:
        return [f"EDS_CA_DIR: {error.detail}"]
    ending = [one for one in (*found.roots, *found.issuing) if one.not_valid_after_utc - now < WARN_BEFORE]
    return [f"{one.subject.rfc4514_string()} ends on {one.not_valid_after_utc:%Y-%m-%d}" for one in ending]


def first_end() -> datetime | None:
    """When the first of those in use ends; None where there is none, or one cannot be read."""
    try:
        found = _load(_files(Path(settings.EDS_CA_DIR)))
    except OSError:
        return None
    return min((one.not_valid_after_utc for one in (*found.roots, *found.issuing)), default=None)


def _files(folder: Path) -> tuple[tuple[Path, int], ...]:
    """Each with the time of its last change."""
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
        return tuple((path, path.stat().st_mtime_ns) for path in paths)
    except OSError:
        return ()


@lru_cache(maxsize=4)
def _load(files: tuple[tuple[Path, int], ...]) -> Authorities:
    roots: list[x509.Certificate] = []
    issuing: list[x509.Certificate] = []
    for path, _changed in files:
        for certificate in _read(path):
            (roots if is_signed_by(certificate, certificate) else issuing).append(certificate)
    return Authorities(tuple(roots), tuple(issuing))


def _read(path: Path) -> list[x509.Certificate]:
    try:
        content = path.read_bytes()[:MAX_FILE_BYTES]
        if b"-----BEGIN" in content:
            return x509.load_pem_x509_certificates(content)
        return [x509.load_der_x509_certificate(content)]
    except ValueError:
        logger.exception("eds: %s is not a certificate", path.name)
        return []


def is_signed_by(certificate: x509.Certificate, ca: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(ca)
    except Exception:  # InvalidSignature, ValueError (names differ), TypeError, UnsupportedAlgorithm (GOST)
        return False
    return True


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


_mine = threading.local()  # its objects are taken apart while they are read, so threads share none


def asn1_of(certificates: tuple[x509.Certificate, ...]) -> list[asn1.Certificate]:
    """For pyHanko, which reads certificates by another library: in each thread the same objects for every
    signature until a file of the folder changes; what was taken apart of them once is found again."""
    kept: dict[tuple[x509.Certificate, ...], list[asn1.Certificate]] = _mine.__dict__.setdefault("kept", {})
    if certificates not in kept:
        while len(kept) >= MOST_KEPT:
            del kept[next(iter(kept))]
        kept[certificates] = [asn1.Certificate.load(der(each)) for each in certificates]
    return list(kept[certificates])
