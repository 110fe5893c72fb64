"""What kept a call from an answer, in words for the people who run the portal, and whose it is to mend (D33).
Nothing of an address, a parameter or an answer is in them."""

import http.client
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

import requests
import urllib3


@dataclass(frozen=True)
class Cause:
    words: str
    ours: bool = False  # no waiting mends it: key, certificate, address or authority of ours


NO_ADDRESS = Cause("the address is none", ours=True)
NO_ADDRESSES = (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema,
                requests.exceptions.MissingSchema)  # fmt: skip
CUT = Cause("the connection was cut")
UNKNOWN_AUTHORITY = Cause(
    "their certificate is of an authority that we do not believe (`ca` of CONNECTIONS)", ours=True
)
OTHER_HOST = Cause("their certificate is of another host than our address names", ours=True)
# What OpenSSL finds wrong with their certificate: X509_V_ERR_… of <openssl/x509_vfy.h>.
UNBELIEVED = {
    2: UNKNOWN_AUTHORITY,
    9: Cause("their certificate is not valid yet, by the clock of this machine"),
    10: Cause("their certificate has expired"),
    18: UNKNOWN_AUTHORITY,
    19: UNKNOWN_AUTHORITY,
    20: UNKNOWN_AUTHORITY,
    21: UNKNOWN_AUTHORITY,
    62: OTHER_HOST,
    64: OTHER_HOST,
}
# What they say of ours, or why there is no TLS at all: pieces of OpenSSL's reasons, the first that fits.
REASONS = {
    "EOF": CUT,
    "CERTIFICATE_EXPIRED": Cause("they refuse our certificate: it has expired", ours=True),
    "CERTIFICATE_REVOKED": Cause("they refuse our certificate: it is revoked", ours=True),
    "ALERT_UNKNOWN_CA": Cause("they refuse our certificate: they do not know its authority", ours=True),
    "CERTIFICATE_REQUIRED": Cause("they ask for a certificate of ours (`cert` of CONNECTIONS)", ours=True),
    "ALERT_BAD_CERTIFICATE": Cause("they refuse our certificate", ours=True),
    "CERTIFICATE_UNKNOWN": Cause("they refuse our certificate", ours=True),
    "UNSUPPORTED_CERTIFICATE": Cause("they refuse our certificate: it is of another kind", ours=True),
    "ACCESS_DENIED": Cause("they refuse our certificate: it may not enter", ours=True),
    "HANDSHAKE_FAILURE": Cause(
        "they refuse the handshake, as who misses our certificate does (`cert` of CONNECTIONS)", ours=True
    ),
    "KEY_VALUES_MISMATCH": Cause("our certificate and its key do not belong together", ours=True),
    "PEM": Cause("our certificate or its key cannot be read", ours=True),
    "WRONG_VERSION_NUMBER": Cause("what answers there speaks no TLS", ours=True),
    "PROTOCOL": Cause("they speak no version of TLS that we speak", ours=True),
}
# By what lies at the bottom of an error, the nearest first.
KINDS: dict[type[BaseException], Cause] = {
    socket.gaierror: Cause("its name is not known (DNS)"),
    urllib3.exceptions.NameResolutionError: Cause("its name is not known (DNS)"),
    TimeoutError: Cause("too late"),
    ConnectionRefusedError: Cause("the connection is refused"),
    ConnectionResetError: CUT,
    BrokenPipeError: CUT,
    http.client.RemoteDisconnected: CUT,
    http.client.IncompleteRead: CUT,
}


def cause_of(error: BaseException) -> Cause:
    """The cause of a call that failed; one that nobody has met yet is named by its kind."""
    if isinstance(error, NO_ADDRESSES):
        return NO_ADDRESS
    chain = list(_chain(error))
    found = next((cause for each in chain if (cause := _known(each))), None)
    found = found or Cause(type(error).__name__)
    if any(isinstance(each, urllib3.exceptions.ProxyError) for each in chain):
        return Cause(f"by the proxy of CONNECTIONS: {found.words}", found.ours)
    return found


def _known(error: BaseException) -> Cause | None:
    if isinstance(error, ssl.SSLCertVerificationError):
        code = error.verify_code
        return UNBELIEVED.get(code) or Cause(f"their certificate is not believed (OpenSSL {code})", ours=True)
    if isinstance(error, ssl.SSLError):
        said = str(error).upper()  # `reason` is not always there
        fitting = (cause for piece, cause in REASONS.items() if piece in said)
        return next(fitting, Cause(f"TLS fails ({error.reason or type(error).__name__})", ours=True))
    return next((cause for kind, cause in KINDS.items() if isinstance(error, kind)), None)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and all that it was made of, the nearest first: the libraries wrap one in another by their
    arguments, by `reason` and by `from`."""
    waiting, seen = [error], set()
    while waiting:
        each = waiting.pop(0)
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        inner = [*each.args, getattr(each, "reason", None), getattr(each, "original_error", None)]
        waiting += [one for one in (*inner, each.__cause__, each.__context__)
                    if isinstance(one, BaseException)]  # fmt: skip
