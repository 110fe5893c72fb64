"""Verification of a person's signature: RSA natively, GOST through NCANode, one verdict.

container.py  the CMS taken apart, nothing believed yet
trust.py      the certification authorities that operations have put into EDS_CA_DIR
native.py     RSA: integrity, chain, dates, key usage
revocation.py OCSP, asked by us at the configured address
ncanode.py    GOST: the question to NCANode and every doubt about its answer

Whatever a library throws ends as SignatureRefused; no address that a certificate names is ever visited.
"""

from datetime import datetime

from egov.eds import native, ncanode
from egov.eds.container import decode, read
from egov.eds.verdict import KeyUser, Refusal, SignatureRefused, Signer

__all__ = ["KeyUser", "Refusal", "SignatureRefused", "Signer", "decode", "verify"]


def verify(cms: bytes, data: bytes, *, now: datetime) -> Signer:
    """The one signer of these bytes. Raises SignatureRefused, or Unavailable when nobody answers whether
    the certificate is revoked (revocation is always required)."""
    container = read(cms)
    backend = ncanode if container.gost else native
    return backend.verify(container, data, now=now)
