"""What makes a signature provable when its certificate, or the authority, is no more: a time stamp, what the
authorities said of the certificates, and the chain. Gathered by the worker, never while a person waits.

A signature that somebody has given becomes CAdES-LT, a sealed PDF PAdES-B-LTA (applications/papers/seal.py).
"""

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from asn1crypto import cms, core
from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1
from cryptography import x509
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.ltv.poe import POEManager
from pyhanko_certvalidator.policy_decl import (
    CertRevTrustPolicy,
    NonRevokedStatusAssertion,
    RevocationCheckingPolicy,
    RevocationCheckingRule,
)
from pyhanko_certvalidator.registry import CertificateRegistry
from pyhanko_certvalidator.revinfo.archival import CRLContainer, OCSPContainer
from pyhanko_certvalidator.revinfo.manager import RevinfoManager

from egov.eds import revocation, stamp, trust
from egov.eds.container import Container, read
from egov.eds.verdict import SignatureRefused, Unrevoked
from egov.errors import EgovError, Unavailable, Unreadable

logger = logging.getLogger(__name__)

# A list may weigh megabytes; one that does stays beside the signature, where `verify_signatures` finds it.
MAX_LIST = 256 * 1024
STAMP, OCSP = "signature_time_stamp_token", "ocsp_response"
# Of a leaf its authority was asked; the authorities themselves are pinned by operations (docs/signatures.md).
LEAF_PROVEN = CertRevTrustPolicy(
    RevocationCheckingPolicy(RevocationCheckingRule.CRL_OR_OCSP_REQUIRED, RevocationCheckingRule.NO_CHECK)
)


class NotGood(EgovError):
    """Of this one certificate or signature: it cannot be proven, whoever is asked. The others can."""


@dataclass
class Kit:
    """Serves one run of the worker: the stamper, and what is known of its certificate."""

    now: datetime
    known: trust.Authorities
    stamper: stamp.Stamper
    ends: datetime  # until when the stamps of today can be proven without another one
    proofs: list[Unrevoked] = field(default_factory=list)
    proven: set[bytes] = field(default_factory=set)  # certificates that were asked about

    def prove(self, certificate: asn1.Certificate) -> x509.Certificate | None:
        """Ask the certificate's authority about it and keep the answer; the authority, None when it is none
        that we know. Raises Unavailable, also when nothing but a list too long to be carried along answers;
        NotGood for a certificate that is not good any more."""
        plain = x509.load_der_x509_certificate(certificate.dump())
        issuer = self.known.issuer_of(plain)
        if issuer is not None and certificate.sha256 not in self.proven:
            try:
                proof = revocation.ask(plain, issuer, self.now)
            except SignatureRefused as refused:
                raise NotGood(stamp.SYSTEM, f"its certificate: {refused.code}") from None
            if len(proof.crl) > MAX_LIST:
                raise Unavailable(stamp.SYSTEM, "only a long list answers for its certificate")
            self.proofs.append(proof)
            self.proven.add(certificate.sha256)
        return issuer

    def context(self, *roots: asn1.Certificate) -> ValidationContext:
        """All that was gathered, for pyHanko to write into a PDF; `roots`: believed, too. What the
        authorities have said was judged when they said it, by rules stricter than the library's (ocsp.py)."""
        registry = CertificateRegistry(cert_fetcher=None)
        registry.register_multiple(trust.asn1_of(self.known.issuing))
        poe = POEManager()
        kept = RevinfoManager(
            registry,
            poe,
            ocsps=[OCSPContainer(asn1_ocsp.OCSPResponse.load(one.ocsp)) for one in self.proofs if one.ocsp],
            crls=[CRLContainer(asn1_crl.CertificateList.load(one.crl)) for one in self.proofs if one.crl],
            assertions=[NonRevokedStatusAssertion(one, at=self.now) for one in self.proven],
        )
        return ValidationContext(
            trust_roots=[*trust.asn1_of(self.known.roots), *roots],
            allow_fetching=False,  # all there is was asked by us, at addresses of ours
            moment=self.now,
            revinfo_policy=LEAF_PROVEN,
            certificate_registry=registry,
            poe_manager=poe,
            revinfo_manager=kept,
        )


def kit(*, now: datetime) -> Kit:
    """Raises Unavailable: no stamp is to be had now, or nobody says that its certificate is good."""
    known = trust.authorities()
    stamper = stamp.Stamper(now=now, known=known)
    asyncio.run(stamper.async_dummy_response(stamp.DIGEST))
    assert stamper.certificate is not None
    made = Kit(now, known, stamper, ends=stamper.certificate.not_valid_after)
    try:
        made.prove(stamper.certificate)
    except NotGood as error:  # of the one that would stamp everything
        raise Unreadable(error.system, error.detail) from None
    return made


def lengthen(container: Container, proof: Unrevoked, *, tools: Kit, stamped: bool) -> bytes:
    """DER of the signature with all that proves it later (CAdES-LT): a stamp of ours unless it has brought
    one that was believed (`stamped`), the certificates up to the root, the answers about them. What was
    signed stays byte for byte. What our own reader would refuse is left out: lists that are too long for it
    stay beside the signature. Raises Unavailable; NotGood when there is no room for the rest either."""
    signed = cms.ContentInfo.load(container.der)["content"]
    signature = signed["signer_infos"][0]
    if stamped:
        _prove_brought(container, tools)
    else:
        signature["unsigned_attrs"] = _with_stamp(signature, tools)
    signed["certificates"] = _certificates(signed["certificates"], container, tools)
    signed["version"] = "v5"  # RFC 5652, 5.1: an answer of OCSP is inside
    proofs, there = [proof, *tools.proofs], signed["crls"]
    for carried in (proofs, [one for one in proofs if not one.crl]):
        signed["crls"] = _answers(there, carried)
        answer: bytes = cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump()
        if is_same(container.der, answer):
            return answer
    raise NotGood(stamp.SYSTEM, "no room for the proof")


def _prove_brought(container: Container, tools: Kit) -> None:
    """The stamp that came along may be of another certificate than the stamper's own. What else a signer
    brings is theirs alone: one that is not believed, or not good any more, stays unproven."""
    for token in stamp.tokens(container):
        try:
            found = stamp.read(token, container.signer["signature"].native, known=tools.known)
            tools.prove(found.certificate)
        except (stamp.StampRefused, NotGood) as error:
            logger.warning("eds: a time stamp that came along is not proven: %s", error.detail)


def _with_stamp(signature: cms.SignerInfo, tools: Kit) -> cms.CMSAttributes:
    token = stamp.ask(signature["signature"].native, stamper=tools.stamper)
    before = signature["unsigned_attrs"]
    kept = [] if isinstance(before, core.Void) else list(before)
    return cms.CMSAttributes([*kept, {"type": STAMP, "values": [token]}])


def _certificates(there: cms.CertificateSet, container: Container, tools: Kit) -> cms.CertificateSet:
    known = trust.asn1_of(tools.known.issuing + tools.known.roots)
    chain = list(_chain(container.certificate, known))
    if tools.stamper.certificate is not None:
        chain += _chain(tools.stamper.certificate, known)
    seen = {one.chosen.dump(): one for one in there}
    for certificate in chain:
        seen.setdefault(certificate.dump(), cms.CertificateChoices("certificate", certificate))
    return cms.CertificateSet(list(seen.values()))


def _chain(leaf: asn1.Certificate, known: list[asn1.Certificate]) -> Iterable[asn1.Certificate]:
    """Up to the root, by names: who judges it checks the keys."""
    yield leaf
    while leaf.issuer != leaf.subject:
        issuer = next((one for one in known if one.subject == leaf.issuer), None)
        if issuer is None:
            return
        yield issuer
        leaf = issuer


def _answers(there: cms.RevocationInfoChoices, proofs: list[Unrevoked]) -> cms.RevocationInfoChoices:
    found = {} if isinstance(there, core.Void) else {one.dump(): one for one in there}
    for proof in proofs:
        for choice in _choices(proof):
            found.setdefault(choice.dump(), choice)
    return cms.RevocationInfoChoices(list(found.values()))


def _choices(proof: Unrevoked) -> Iterable[cms.RevocationInfoChoice]:
    if proof.ocsp:
        answer = {"other_rev_info_format": OCSP, "other_rev_info": asn1_ocsp.OCSPResponse.load(proof.ocsp)}
        yield cms.RevocationInfoChoice("other", cms.OtherRevocationInfoFormat(answer))
    if proof.crl and len(proof.crl) <= MAX_LIST:
        yield cms.RevocationInfoChoice("crl", asn1_crl.CertificateList.load(proof.crl))


SIGNED = ("sid", "digest_algorithm", "signed_attrs", "signature_algorithm", "signature")


def is_same(der: bytes, long: bytes) -> bool:
    """Is the second the first with proof beside it: the same signature, by the same key, over the same."""
    try:
        one, other = read(der).signer, read(long).signer
    except SignatureRefused:
        return False
    return all(one[name].dump() == other[name].dump() for name in SIGNED)
