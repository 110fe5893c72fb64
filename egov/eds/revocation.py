"""Was the certificate good at that moment: asked now, or proven by what was kept when it was asked.

What answers is always the authority: nothing of it is taken on somebody's word, and silence is not "good".
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from cryptography import x509

from egov.eds import ocsp
from egov.eds.verdict import Refusal, SignatureRefused, Unrevoked

# certificate, issuer, moment -> the proof, or SignatureRefused, or Unavailable
Source = Callable[[x509.Certificate, x509.Certificate, datetime], Unrevoked]


def ask(certificate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> Unrevoked:
    """The authority is asked, over the network."""
    return Unrevoked(ocsp=ocsp.ask(certificate, issuer, now=now))


def kept(proof: Unrevoked) -> Source:
    """The proof of before is judged once more, as of its own moment; nobody is asked."""
    return partial(_check_kept, proof)


def _check_kept(
    proof: Unrevoked, certificate: x509.Certificate, issuer: x509.Certificate, at: datetime
) -> Unrevoked:
    if not proof.ocsp:
        raise SignatureRefused(Refusal.NO_PROOF)
    ocsp.check_kept(proof.ocsp, certificate, issuer, at=at)
    return proof
