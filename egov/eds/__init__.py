"""Verification of a person's signature: RSA natively, GOST through NCANode, one verdict.

structure.py  how deep and how much, before a library reads it
container.py  the CMS taken apart, nothing believed yet
trust.py      the certification authorities that operations have put into EDS_CA_DIR
native.py     RSA: integrity, chain, dates, key usage
revocation.py is the certificate revoked: asked, or proven by what was kept
ocsp.py       the question to the authority, at the configured address
crl.py        the authority's list, fetched beforehand, for when it does not answer
stamp.py      time stamps, those that come along and those that we ask for
lasting.py    what makes a signature provable when its certificate has ended
ncanode.py    GOST: the question to NCANode and every doubt about its answer

login_xml.py  the signed XML with which a phone says whose it is, taken apart
login_proof.py, ncanode_xml.py   …and judged: RSA, GOST

Whatever a library throws ends as SignatureRefused; no address that a certificate names is ever visited.
"""

from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from egov.eds import lasting, native, ncanode, ocsp, revocation, trust
from egov.eds.container import decode, read
from egov.eds.ocsp import produced_at
from egov.eds.revocation import AskOnce, Source, ask
from egov.eds.verdict import KeyUser, NotRechecked, Refusal, SignatureRefused, Signer, Unrevoked
from egov.errors import Misconfigured

__all__ = [
    "AskOnce",
    "KeyUser",
    "NotRechecked",
    "Refusal",
    "SignatureRefused",
    "Signer",
    "Source",
    "Unrevoked",
    "ask",
    "clock",
    "decode",
    "lasting",
    "produced_at",
    "read",
    "reverify",
    "verify",
]


def verify(cms: bytes, data: bytes, *, now: datetime, ask: Source = ask) -> Signer:
    """The one signer of these bytes. Raises SignatureRefused, or Unavailable when nobody answers whether
    the certificate is revoked (revocation is always required). `ask`: how that is asked of RSA
    certificates; NCANode asks by itself."""
    container = read(cms)
    if container.gost:
        return ncanode.verify(container, data, now=now)
    return native.verify(container, data, now=now, known=trust.authorities(), source=ask)


def reverify(cms: bytes, data: bytes, *, proof: Unrevoked, at: datetime, now: datetime) -> Signer:
    """A signature that was taken at `at`, judged as of then, by the proof that was kept and by the
    authorities of today and of before. RSA asks nobody. Raises SignatureRefused, Unavailable when no
    authority is known at all, and NotRechecked when only NCANode could tell, and does not."""
    container = read(cms)
    if container.gost:
        return ncanode.reverify(container, data, at=at, now=now)
    known = trust.authorities(retired=True)
    return native.verify(container, data, now=at, known=known, source=revocation.kept(proof))


def clock(*, now: datetime) -> bytes:
    """An answer of OCSP about nobody, for `produced_at`. Raises SignatureRefused, Unavailable."""
    known = trust.authorities().issuing
    issuer = next((each for each in known if isinstance(each.public_key(), RSAPublicKey)), None)
    if issuer is None:
        raise Misconfigured("eds", "no certification authority with RSA")
    return ocsp.clock(issuer, now=now)
