"""Was the certificate good at that moment: asked now, or proven by what was kept when it was asked.

What answers is always the authority: nothing of it is taken on somebody's word, and silence is not "good".
"""

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from egov.eds import crl, ocsp
from egov.eds.verdict import Refusal, SignatureRefused, Unrevoked
from egov.errors import Unavailable

logger = logging.getLogger(__name__)

# certificate, issuer, moment -> the proof, or SignatureRefused, or Unavailable
Source = Callable[[x509.Certificate, x509.Certificate, datetime], Unrevoked]


class AskOnce:
    """For the signatures of one answer, judged one after another within seconds: what the authority said of
    a certificate for the first, good or not, it says for the rest. Silence is never remembered."""

    def __init__(self) -> None:
        self._said: dict[bytes, Unrevoked | Refusal] = {}

    def __call__(self, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> Unrevoked:
        key = certificate.fingerprint(hashes.SHA256()) + issuer.fingerprint(hashes.SHA256())
        if key not in self._said:
            self._said[key] = self._ask(certificate, issuer, now)
        said = self._said[key]
        if isinstance(said, Refusal):
            raise SignatureRefused(said)
        return said

    def _ask(
        self, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime
    ) -> Unrevoked | Refusal:
        try:
            return ask(certificate, issuer, now)
        except SignatureRefused as refused:
            return refused.code


def ask(certificate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> Unrevoked:
    """The authority is asked over the network. When nobody answers, its list decides if there is a fresh one;
    an answer that cannot be believed is no silence, and ends in a refusal."""
    try:
        return Unrevoked(ocsp=ocsp.ask(certificate, issuer, now=now))
    except Unavailable as error:
        found = crl.find(certificate, issuer, now=now)
        if found is None:
            raise
        logger.warning("eds: no answer of OCSP, the list decides")
        return Unrevoked(crl=found, silence=error)


def kept(proof: Unrevoked) -> Source:
    """The proof of before is judged once more, as of its own moment; nobody is asked."""
    return partial(_check_kept, proof)


def _check_kept(
    proof: Unrevoked, certificate: x509.Certificate, issuer: x509.Certificate, at: datetime
) -> Unrevoked:
    if proof.ocsp:
        ocsp.check_kept(proof.ocsp, certificate, issuer, at=at)
    elif proof.crl:
        crl.check_kept(proof.crl, certificate, issuer, at=at)
    else:
        raise SignatureRefused(Refusal.NO_PROOF)
    return proof
