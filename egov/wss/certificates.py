"""A certificate of the bus, given by ops: what makes it one by which no answer is ever believed (D78).

Nobody is asked whether it is revoked: it is ours to take it out of the file.
"""

from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from egov.eds import native
from egov.wss import authorities

UNBELIEVED = "the bus's certificate is of no authority of SMARTBRIDGE_CA"
ENDED = "the bus's certificate is not valid at this time"
WEAK_KEY = "the bus's certificate is of a key that is not believed"


def flaw(certificate: x509.Certificate) -> str:
    """What no time mends; "" when there is none. Raises Unsound when no authority is known."""
    if not is_sound(key_of(certificate)):
        return WEAK_KEY
    return "" if any(authorities.paths_of(certificate)) else UNBELIEVED


def is_valid(certificate: x509.Certificate, *, now: datetime) -> bool:
    """With all that stand above it, on one of the ways up."""
    return any(
        all(one.not_valid_before_utc <= now <= one.not_valid_after_utc for one in path)
        for path in authorities.paths_of(certificate)
    )


def key_of(certificate: x509.Certificate) -> RSAPublicKey | None:
    """None of another algorithm, be it one that the library does not know."""
    try:
        key = certificate.public_key()
    except (UnsupportedAlgorithm, ValueError):
        return None
    return key if isinstance(key, RSAPublicKey) else None


def is_sound(key: RSAPublicKey | None) -> bool:
    """RSA, of the length and the exponent that signatures of people are believed by."""
    return key is not None and native.is_sound(key.key_size, key.public_numbers().e)
