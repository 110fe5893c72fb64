"""The keys of SmartBridge's signatures: the organisation's, with which requests are signed (SMARTBRIDGE_KEY),
and the bus's certificates, by which its answers are believed (SMARTBRIDGE_SIGNERS), under their authorities
(SMARTBRIDGE_CA). A file that changes is read anew."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.hazmat.primitives.serialization.pkcs12 import load_key_and_certificates
from django.conf import settings

from egov import presented
from egov.wss import authorities, certificates, files
from egov.wss.names import Unsound

WEAK = "its key is too short to sign with, RSA of 2048 bits is the least"
OTHER_ALGORITHM = "its algorithm is none that envelopes are signed with here, which is RSA"


@dataclass(frozen=True)
class Own:
    private: RSAPrivateKey
    certificate: x509.Certificate


def own() -> Own:
    """The organisation's key with its certificate. Raises Unsound."""
    path = Path(settings.SMARTBRIDGE_KEY)
    return _own(path, files.changed(path, "SMARTBRIDGE_KEY"), settings.SMARTBRIDGE_KEY_PASSWORD)


def signers() -> tuple[x509.Certificate, ...]:
    """The certificates of the bus, which may have one of before and one to come; authorities above them that
    came in the same file are none. Raises Unsound."""
    path = Path(settings.SMARTBRIDGE_SIGNERS)
    return _signers(path, files.changed(path, "SMARTBRIDGE_SIGNERS"))


def faults(*, now: datetime, ahead: timedelta = presented.IN_GOOD_TIME) -> list[str]:
    """What is wrong with any of them, or will be within that time, each cause as one line."""
    if not settings.SMARTBRIDGE_WSS:
        return []
    above = authorities.faults(now=now, ahead=ahead)
    return list(dict.fromkeys([*_of_ours(now, ahead), *_of_theirs(now, ahead), *above]))


def ends() -> dict[str, datetime | None]:
    """When each of them ends; None: it cannot be read."""
    return {of: valid[1] if valid else None for of, valid in _terms().items()}


def begins() -> dict[str, datetime]:
    """Since when ours is good, which is its age."""
    ours = _terms().get("smartbridge key")
    return {"smartbridge": ours[0]} if ours else {}


def _terms() -> dict[str, tuple[datetime, datetime] | None]:
    if not settings.SMARTBRIDGE_WSS:
        return {}
    return {
        "smartbridge key": _term(_ours),
        "smartbridge signer": _term(_last),
        "smartbridge authority": _term(authorities.first_to_end),
    }


def _term(read: Callable[[], x509.Certificate]) -> tuple[datetime, datetime] | None:
    try:
        certificate = read()
    except Unsound:
        return None
    return certificate.not_valid_before_utc, certificate.not_valid_after_utc


def _ours() -> x509.Certificate:
    return own().certificate


def _last() -> x509.Certificate:
    """Of the bus's: the last one to end."""
    return max(signers(), key=lambda one: one.not_valid_after_utc)


def _of_ours(now: datetime, ahead: timedelta) -> Iterator[str]:
    try:
        ours = own().certificate
    except Unsound as error:
        yield error.words
        return
    if not certificates.is_sound(certificates.key_of(ours)):
        yield f"SMARTBRIDGE_KEY: {WEAK}"
    if ours.not_valid_before_utc > now:
        yield f"SMARTBRIDGE_KEY: our certificate is not valid before {ours.not_valid_before_utc:%Y-%m-%d}"
    if ours.not_valid_after_utc <= now + ahead:
        yield f"SMARTBRIDGE_KEY: {presented.ending('our certificate', ours.not_valid_after_utc, now)}"


def _of_theirs(now: datetime, ahead: timedelta) -> Iterator[str]:
    """Of each what no time mends, so that health says it before an answer is refused for it."""
    try:
        flaws = {one: certificates.flaw(one) for one in signers()}
    except Unsound as error:
        yield error.words
        return
    for one, words in flaws.items():
        if words:
            yield f"SMARTBRIDGE_SIGNERS: {words}: serial {one.serial_number:X}"
    good = [one for one, words in flaws.items() if not words]
    end = max((one.not_valid_after_utc for one in good), default=None)
    if end and end <= now + ahead:
        yield f"SMARTBRIDGE_SIGNERS: {presented.ending('the last certificate of the bus', end, now)}"
    if end and end > now and not any(certificates.is_valid(one, now=now) for one in good):
        yield "SMARTBRIDGE_SIGNERS: no certificate of the bus is valid at this time"


@lru_cache(maxsize=2)
def _own(path: Path, _changed: int, password: str) -> Own:
    private, certificate = _opened(path, password.encode() or None)
    if not isinstance(private, RSAPrivateKey):
        raise Unsound(f"SMARTBRIDGE_KEY: {OTHER_ALGORITHM}", ours=True)
    if certificate is None or certificate.public_key() != private.public_key():
        raise Unsound("SMARTBRIDGE_KEY: the key and its certificate do not belong together", ours=True)
    return Own(private, certificate)


def _opened(path: Path, password: bytes | None) -> tuple[object, x509.Certificate | None]:
    """PKCS#12 as the authority gives it out, or PEM with both in one file."""
    try:
        content = path.read_bytes()[: files.MAX_FILE_BYTES]
        if b"-----BEGIN" not in content:
            private, certificate, _others = load_key_and_certificates(content, password)
            return private, certificate
        encrypted = password if b"ENCRYPTED" in content else None
        return load_pem_private_key(content, encrypted), x509.load_pem_x509_certificate(content)
    except UnsupportedAlgorithm:
        raise Unsound(f"SMARTBRIDGE_KEY: {OTHER_ALGORITHM}", ours=True) from None
    except OSError:
        raise Unsound(f"SMARTBRIDGE_KEY: {files.CLOSED}", ours=True) from None
    except (ValueError, TypeError):  # TypeError: the password is missing
        words = "SMARTBRIDGE_KEY: cannot be opened: another password, or neither PKCS#12 nor PEM"
        raise Unsound(words, ours=True) from None


@lru_cache(maxsize=2)
def _signers(path: Path, _changed: int) -> tuple[x509.Certificate, ...]:
    found = files.certificates(path, "SMARTBRIDGE_SIGNERS")
    kept = tuple(one for one in found if not authorities.is_authority(one))
    if not kept:
        raise Unsound("SMARTBRIDGE_SIGNERS: holds certificates of authorities alone", ours=True)
    return kept
