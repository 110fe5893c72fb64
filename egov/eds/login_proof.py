"""Whose phone is it: the signed XML of `login_xml.py`, judged (D45).

In this order: the form, the signature over the whole of it, our address, our time, an authority of ours,
dates, an authentication key, the person, and the network last: is the certificate revoked. RSA is verified by
signxml, GOST by NCANode; trust and revocation are those of any signature here.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.verifier import SignatureConfiguration, VerifyResult, XMLVerifier

from egov import iin as numbers
from egov.eds import login_xml, native, ncanode_xml, trust
from egov.eds.container import refusing
from egov.eds.login_xml import Login
from egov.eds.revocation import Source, ask
from egov.eds.verdict import Refusal, SignatureRefused
from egov.errors import EgovError

AGE = timedelta(minutes=5)  # of a time stamp, before and after: a telephone's clock is its owner's
ALMATY = ZoneInfo("Asia/Almaty")
USAGE = {"digital_signature"}
_IIN = re.compile(r"IIN([0-9]{12})")
_EPOCH = re.compile(r"[0-9]{10}(?:[0-9]{3})?")


class Doubt(StrEnum):
    """What is wrong with a login beyond its signature; the phone's sentence is in
    applications/signing/doubts.py."""

    OTHER_ADDRESS = "OTHER_ADDRESS"  # made for another place, or for another QR
    OUT_OF_TIME = "OUT_OF_TIME"  # made too long ago, or the telephone's clock is wrong
    NOT_AUTH_KEY = "NOT_AUTH_KEY"  # a key for signing documents must not be used for anything else


class LoginRefused(EgovError):
    def __init__(self, code: Doubt) -> None:
        super().__init__("eds", code)
        self.code = code


@dataclass(frozen=True)
class Proof:
    """A login that is believed; `sha256` is of what was signed, so that it is taken once."""

    sha256: str


def prove(xml: str, *, url: str, iin: str, now: datetime, source: Source = ask) -> Proof:
    """This login is of the person with this IIN, for this address, made now. Raises SignatureRefused,
    LoginRefused, Unavailable."""
    login = login_xml.read(xml)
    if login.gost != login_xml.has_gost_key(login.certificate):
        raise SignatureRefused(Refusal.BAD_SIGNATURE)
    if login.gost:
        _check_facts(login, url=url, now=now)
        _check_certificate(login.certificate, now=now)
        ncanode_xml.verify(login)  # before the person, so that nobody asks us who somebody is
        _check_person(login.certificate, iin)
    else:
        _check_signature(login, now=now)
        _check_facts(login, url=url, now=now)
        _check_rsa(login.certificate, iin=iin, now=now, source=source)
    return Proof(hashlib.sha256(login.content).hexdigest())


def _check_signature(login: Login, *, now: datetime) -> None:
    """signxml is given the certificate, so that it trusts nothing by itself, and what it says is signed must
    be what we have read."""
    with refusing(Refusal.WEAK_ALGORITHM):
        key = login.certificate.public_key()
        if not isinstance(key, RSAPublicKey) or not native.is_sound(key.key_size, key.public_numbers().e):
            raise SignatureRefused(Refusal.WEAK_ALGORITHM)
    if not login.certificate.not_valid_before_utc <= now <= login.certificate.not_valid_after_utc:
        raise SignatureRefused(Refusal.EXPIRED)
    allowed = SignatureConfiguration(
        location="./",
        expect_references=1,
        signature_methods=frozenset(map(SignatureMethod, login_xml.RSA_METHODS)),
        digest_algorithms=frozenset(map(DigestAlgorithm, login_xml.RSA_DIGESTS)),
        verification_time=now,
    )
    with refusing(Refusal.BAD_SIGNATURE):
        found = XMLVerifier().verify(login.xml, x509_cert=login.certificate, expect_config=allowed)
        signed = found.signed_xml if isinstance(found, VerifyResult) else None
        if signed is None or etree.tostring(signed, method="c14n") != login.content:
            raise SignatureRefused(Refusal.BAD_SIGNATURE)


def _check_facts(login: Login, *, url: str, now: datetime) -> None:
    if login.url != url:
        raise LoginRefused(Doubt.OTHER_ADDRESS)
    if not abs(now - _moment(login.stamp)) <= AGE:
        raise LoginRefused(Doubt.OUT_OF_TIME)


def _moment(stamp: str) -> datetime:
    """ISO 8601, without an offset the country's time; or seconds or milliseconds since 1970: which of them
    the app writes is not established."""
    try:
        if _EPOCH.fullmatch(stamp):
            return datetime.fromtimestamp(int(stamp[:10]), UTC)
        moment = datetime.fromisoformat(stamp)
    except (ValueError, OverflowError):
        raise LoginRefused(Doubt.OUT_OF_TIME) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=ALMATY)


def _check_rsa(certificate: x509.Certificate, *, iin: str, now: datetime, source: Source) -> None:
    known = trust.authorities()
    issuer = known.issuer_of(certificate)
    if issuer is None:
        raise SignatureRefused(Refusal.UNKNOWN_CA)
    _check_certificate(certificate, now=now)
    _check_person(certificate, iin)
    source(certificate, issuer, now)
    leaf = asn1.Certificate.load(trust.der(certificate))
    try:
        with refusing(Refusal.UNKNOWN_CA):
            native.check_chain(leaf, known, now=now, key_usage=USAGE, purpose="client_auth")
    except SignatureRefused as refused:
        if refused.code == Refusal.NOT_SIGNING_KEY:  # the usages are right, so it is the chain
            raise SignatureRefused(Refusal.UNKNOWN_CA) from None
        raise


def _check_certificate(certificate: x509.Certificate, *, now: datetime) -> None:
    """Dates, and a key to say who one is with: not one that signs documents."""
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise SignatureRefused(Refusal.EXPIRED)
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        purposes = set(certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
    except (x509.ExtensionNotFound, ValueError):
        raise LoginRefused(Doubt.NOT_AUTH_KEY) from None
    signs = usage.content_commitment or ExtendedKeyUsageOID.EMAIL_PROTECTION in purposes
    if signs or not usage.digital_signature or ExtendedKeyUsageOID.CLIENT_AUTH not in purposes:
        raise LoginRefused(Doubt.NOT_AUTH_KEY)


def _check_person(certificate: x509.Certificate, iin: str) -> None:
    if iin_of(certificate) != iin:
        raise SignatureRefused(Refusal.OTHER_PERSON)


def iin_of(certificate: x509.Certificate) -> str:
    """Raises SignatureRefused(NO_IIN)."""
    with refusing(Refusal.NO_IIN):
        told = [str(one.value) for one in certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)]
    found = [match[1] for one in told if (match := _IIN.fullmatch(one))]
    if len(found) != 1 or not numbers.valid_iin(found[0]):
        raise SignatureRefused(Refusal.NO_IIN)
    return found[0]
