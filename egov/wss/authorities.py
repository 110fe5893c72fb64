"""The authorities above the bus's certificates: those of the file SMARTBRIDGE_CA and no others (D78).

They are believed of the bus alone, and EDS_CA_DIR of people alone: neither speaks for the other. Read anew
when the file changes; what is no authority in there is passed over.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from django.conf import settings

from egov import presented
from egov.eds import trust
from egov.wss import files
from egov.wss.names import Unsound

SETTING = "SMARTBRIDGE_CA"
LONGEST_PATH = 5  # authorities one above the other
NO_ROOT = f"{SETTING}: holds no root authority"


def paths_of(certificate: x509.Certificate) -> Iterator[tuple[x509.Certificate, ...]]:
    """Each way from the certificate up to a root, the last to end first: of one authority there may be
    several certificates, one to come or one of another root. Raises Unsound when no authority is known."""
    return _above((certificate,), _known())


def _above(
    path: tuple[x509.Certificate, ...], known: tuple[x509.Certificate, ...]
) -> Iterator[tuple[x509.Certificate, ...]]:
    if len(path) > LONGEST_PATH:
        return
    for issuer in known:
        if issuer in path or not trust.is_signed_by(path[-1], issuer):
            continue
        if _is_root(issuer):
            yield (*path, issuer)
        else:
            yield from _above((*path, issuer), known)


def faults(*, now: datetime, ahead: timedelta) -> list[str]:
    """What is wrong with the file, and which of them has ended or will within that time."""
    try:
        known = _known()
    except Unsound as error:
        return [error.words]
    return [
        f"{SETTING}: {presented.ending(one.subject.rfc4514_string(), one.not_valid_after_utc, now)}"
        for one in known
        if one.not_valid_after_utc <= now + ahead
    ]


def first_to_end() -> x509.Certificate:
    """Raises Unsound."""
    return _known()[-1]


def is_authority(certificate: x509.Certificate) -> bool:
    """It signs certificates, not answers."""
    try:
        return bool(certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
    except Exception:  # it has none, or none that the library can read
        return False


def _known() -> tuple[x509.Certificate, ...]:
    path = Path(settings.SMARTBRIDGE_CA)
    return _read(path, files.changed(path, SETTING))


@lru_cache(maxsize=2)
def _read(path: Path, _changed: int) -> tuple[x509.Certificate, ...]:
    """The last to end first."""
    found = [one for one in files.certificates(path, SETTING) if is_authority(one)]
    if not any(map(_is_root, found)):
        raise Unsound(NO_ROOT, ours=True)
    return tuple(sorted(found, key=lambda one: one.not_valid_after_utc, reverse=True))


def _is_root(certificate: x509.Certificate) -> bool:
    return trust.is_signed_by(certificate, certificate)
