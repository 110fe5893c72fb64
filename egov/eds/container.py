"""The CMS taken apart: exactly one signer with its certificate, detached. Nothing is believed yet."""

import base64
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import cms, core, x509

from egov.eds import structure
from egov.eds.verdict import Refusal, SignatureRefused, Signer, Unrevoked
from egov.errors import EgovError
from egov.gate import MAX_NAME, plain

MAX_CMS_BYTES = 64 * 1024  # a real one takes 3-8 KB
MAX_CERTIFICATES = 10
MAX_SERIAL_BYTES = 32  # RFC 5280 allows 20
MAX_ALGORITHM = 40  # characters of an OID
GOST = "1.2.398.3.10."  # the arc of the country's GOST algorithms
KEY_USAGE = {"digital_signature", "non_repudiation"}
EMAIL_PROTECTION = "1.3.6.1.5.5.7.3.4"  # signing keys carry it, authentication keys carry clientAuth
NO_PROOF = Unrevoked()
USERS = "1.2.398.3.3.4."  # the arc of the authority's user kinds

_ARMOUR = re.compile(r"-----(?:BEGIN|END) (?:CMS|PKCS7)-----")
_IIN = re.compile(r"IIN([0-9]{12})")
_BIN = re.compile(r"BIN([0-9]{12})")


@dataclass(frozen=True)
class Container:
    der: bytes
    signer: cms.SignerInfo
    certificate: x509.Certificate
    algorithm: str  # OID of the signature algorithm

    @property
    def gost(self) -> bool:
        return self.algorithm.startswith(GOST)


@contextmanager
def refusing(code: Refusal) -> Iterator[None]:
    """Libraries throw anything at hostile bytes (TypeError, RecursionError, ...): it all means `code`."""
    try:
        yield
    except EgovError:
        raise
    except Exception:
        raise SignatureRefused(code) from None  # a library's message may carry a name


def decode(text: str) -> bytes:
    """DER of a CMS given as PEM-like text or bare base64. Raises SignatureRefused(MALFORMED)."""
    if len(text) > MAX_CMS_BYTES * 2:
        raise SignatureRefused(Refusal.MALFORMED)
    with refusing(Refusal.MALFORMED):
        der = base64.b64decode("".join(_ARMOUR.sub("", text).split()), validate=True)
    if not der:
        raise SignatureRefused(Refusal.MALFORMED)
    return der


def read(der: bytes) -> Container:
    """Raises SignatureRefused: MALFORMED, NO_SIGNER, MANY_SIGNERS, ATTACHED."""
    if len(der) > MAX_CMS_BYTES:
        raise SignatureRefused(Refusal.MALFORMED)
    with refusing(Refusal.MALFORMED):
        structure.check(der)
        content = cms.ContentInfo.load(der, strict=True)
        if content["content_type"].native != "signed_data":
            raise SignatureRefused(Refusal.MALFORMED)
        signed = content["content"]
        signer = _only_signer(signed)
        if not isinstance(signed["encap_content_info"]["content"], core.Void):
            raise SignatureRefused(Refusal.ATTACHED)
        if signed["encap_content_info"]["content_type"].native != "data":
            raise SignatureRefused(Refusal.MALFORMED)
        if isinstance(signer["signed_attrs"], core.Void):  # else the bytes could pass for other attributes
            raise SignatureRefused(Refusal.MALFORMED)
        return Container(
            der=der,
            signer=signer,
            certificate=_certificate(signed, signer),
            algorithm=signer["signature_algorithm"]["algorithm"].dotted,
        )


def _only_signer(signed: cms.SignedData) -> cms.SignerInfo:
    count = len(signed["signer_infos"])
    if count != 1:
        raise SignatureRefused(Refusal.MANY_SIGNERS if count else Refusal.NO_SIGNER)
    return signed["signer_infos"][0]


def _certificate(signed: cms.SignedData, signer: cms.SignerInfo) -> x509.Certificate:
    """The certificate that the signer names; a signature without it has no signer."""
    certificates = signed["certificates"]
    if isinstance(certificates, core.Void) or not len(certificates):
        raise SignatureRefused(Refusal.NO_SIGNER)
    if len(certificates) > MAX_CERTIFICATES:
        raise SignatureRefused(Refusal.MALFORMED)
    found = [c.chosen for c in certificates if c.name == "certificate" and is_named(c.chosen, signer["sid"])]
    if not found:
        raise SignatureRefused(Refusal.NO_SIGNER)
    if len({certificate.dump() for certificate in found}) > 1:
        raise SignatureRefused(Refusal.MALFORMED)
    return found[0]


def is_named(certificate: x509.Certificate, sid: cms.SignerIdentifier) -> bool:
    if sid.name == "subject_key_identifier":
        return bool(certificate.key_identifier == sid.chosen.native)
    wanted = sid.chosen
    return bool(
        certificate.serial_number == wanted["serial_number"].native
        and certificate.issuer.dump() == wanted["issuer"].dump()
    )


def signer_of(
    container: Container, proof: Unrevoked = NO_PROOF, *, stamped_at: datetime | None = None
) -> Signer:
    """The facts of the certificate, to be called when it is believed. Raises SignatureRefused: NO_IIN,
    BAD_NAME, MALFORMED."""
    certificate = container.certificate
    iins = _values(certificate, "serial_number", _IIN)
    bins = _values(certificate, "organizational_unit_name", _BIN)
    names = _values(certificate, "common_name", re.compile(r"(.+)", re.DOTALL))
    if len(iins) != 1 or len(bins) > 1:
        raise SignatureRefused(Refusal.NO_IIN)
    if names and (len(names[0]) > MAX_NAME or not plain(names[0])):
        raise SignatureRefused(Refusal.BAD_NAME)
    if certificate.serial_number >> MAX_SERIAL_BYTES * 8 or len(container.algorithm) > MAX_ALGORITHM:
        raise SignatureRefused(Refusal.MALFORMED)
    return Signer(
        iin=iins[0],
        bin=bins[0] if bins else "",
        name=names[0] if names else "",
        serial=f"{certificate.serial_number:x}",
        valid_from=certificate.not_valid_before,
        valid_to=certificate.not_valid_after,
        key_users=frozenset(oid for oid in key_purposes(certificate) if oid.startswith(USERS)),
        algorithm=container.algorithm,
        certificate=certificate.dump(),
        proof=proof,
        stamped_at=stamped_at,
    )


def check_dates_and_usage(certificate: x509.Certificate, *, now: datetime) -> None:
    """Raises SignatureRefused: EXPIRED, NOT_SIGNING_KEY."""
    if not certificate.not_valid_before <= now <= certificate.not_valid_after:
        raise SignatureRefused(Refusal.EXPIRED)
    usage = certificate.key_usage_value
    if usage is None or not usage.native >= KEY_USAGE or EMAIL_PROTECTION not in key_purposes(certificate):
        raise SignatureRefused(Refusal.NOT_SIGNING_KEY)


def key_purposes(certificate: x509.Certificate) -> set[str]:
    """OIDs of the extended key usage."""
    purposes = certificate.extended_key_usage_value
    return {purpose.dotted for purpose in purposes} if purposes is not None else set()


def _values(certificate: x509.Certificate, kind: str, shape: re.Pattern[str]) -> list[str]:
    found = []
    for group in certificate.subject.chosen:
        for pair in group:
            if pair["type"].native == kind and (match := shape.fullmatch(pair["value"].native)):
                found.append(match[1])
    return found
