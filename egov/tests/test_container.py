"""The CMS taken apart: how much it may weigh, whose certificate is the signer's, and what is read of it."""

import base64
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from asn1crypto import cms, core
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from egov.eds import KeyUser, Refusal, SignatureRefused, Unrevoked, container, trust
from egov.eds.container import Container
from egov.errors import Unavailable
from egov.tests.eds_cast import (
    DATA,
    DIRECTOR,
    GOST_SIGNATURE,
    NOW,
    PARENT,
    SCHOOL_BIN,
    STRANGER,
    Pki,
)
from egov.tests.hostile_keys import _named as attribute
from egov.tests.hostile_keys import load, signer_info
from sandbox import certificates, kalkan
from sandbox.kalkan import Key

LIMIT = 65_536
SECOND = timedelta(seconds=1)
IIN = f"IIN{PARENT.iin}"


def said(check: Callable[[], Any]) -> str:
    try:
        check()
    except SignatureRefused as refused:
        return refused.code
    return ""


def weighing(pki: Pki, size: int) -> bytes:
    """A signature of exactly so many bytes, with what nobody signs beside it."""
    filling = size
    for _ in range(4):
        content = load(pki.sign())
        junk = {"type": "1.2.3.4", "values": [core.OctetString(b"\0" * filling)]}
        content["content"]["signer_infos"][0]["unsigned_attrs"] = [junk]
        der: bytes = content.dump()
        if len(der) == size:
            return der
        filling -= len(der) - size
    raise AssertionError("no such size")


@pytest.mark.parametrize(("size", "code"), [(LIMIT, ""), (LIMIT + 1, Refusal.MALFORMED)])
def test_container_weighs_no_more_than_64_kilobytes(pki: Pki, size: int, code: str) -> None:
    assert said(lambda: container.read(weighing(pki, size))) == code


@pytest.mark.parametrize(("length", "code"), [(2 * LIMIT, ""), (2 * LIMIT + 4, Refusal.MALFORMED)])
def test_text_is_no_longer_than_twice_the_container(length: int, code: str) -> None:
    assert said(lambda: container.decode("A" * length)) == code


@pytest.mark.parametrize("label", ["CMS", "PKCS7"])
def test_text_may_have_either_armour(label: str) -> None:
    text = f"-----BEGIN {label}-----\n{base64.b64encode(DATA).decode()}\n-----END {label}-----"

    assert container.decode(text) == DATA


@pytest.mark.parametrize("text", ["", "-----BEGIN CMS-----\n-----END CMS-----", "AA*A", "AA*AA", "A", "ә"])
def test_text_that_is_no_signature_is_malformed(text: str) -> None:
    assert said(lambda: container.decode(text)) == Refusal.MALFORMED


def test_whatever_a_library_throws_is_a_refusal_and_our_own_errors_stay() -> None:
    def fails(error: BaseException) -> None:
        with container.refusing(Refusal.BAD_NAME):
            raise error

    for error in (TypeError("x"), RecursionError(), ValueError()):
        assert said(partial(fails, error)) == Refusal.BAD_NAME
    assert said(lambda: fails(SignatureRefused(Refusal.EXPIRED))) == Refusal.EXPIRED
    with pytest.raises(Unavailable):
        fails(Unavailable("ocsp", "x"))
    with pytest.raises(KeyboardInterrupt):
        fails(KeyboardInterrupt())


def test_read_container_says_what_is_in_it(pki: Pki) -> None:
    der, key = pki.sign(), pki.key()

    found = container.read(der)

    assert (found.der, found.algorithm, found.gost) == (der, "1.2.840.113549.1.1.11", False)
    assert found.certificate.dump() == key.asn1.dump()
    assert found.signer["signature"].native == load(der)["content"]["signer_infos"][0]["signature"].native


@pytest.mark.parametrize(
    ("algorithm", "gost"),
    [(GOST_SIGNATURE, True), ("1.2.398.3.10.", True), ("1.2.398.3.1", False), ("1.1.2.398.3.10.1", False)],
)
def test_algorithms_of_the_countrys_arc_are_gost(pki: Pki, algorithm: str, gost: bool) -> None:
    found = container.read(pki.sign())

    assert Container(found.der, found.signer, found.certificate, algorithm).gost == gost


# --- whose certificate ---------------------------------------------------------------------------------
def holding(pki: Pki, others: int, *, sid: Any = None) -> bytes:
    info = signer_info(pki.key(), DATA)
    if sid is not None:
        info["sid"] = cms.SignerIdentifier(sid)
    return kalkan.container([info], [pki.key(STRANGER)] * others + [pki.key()])


@pytest.mark.parametrize(("others", "code"), [(0, ""), (9, ""), (10, Refusal.MALFORMED)])
def test_at_most_ten_certificates_come_along(pki: Pki, others: int, code: str) -> None:
    assert said(lambda: container.read(holding(pki, others))) == code


def test_certificate_is_the_one_that_the_signer_names(pki: Pki) -> None:
    mine = pki.key().asn1
    right = {"issuer": mine.issuer, "serial_number": mine.serial_number}
    theirs = pki.key(STRANGER).asn1
    name = cms.IssuerAndSerialNumber

    def owner(sid: Any) -> str:
        try:
            found = container.read(holding(pki, 1, sid=sid)).certificate
        except SignatureRefused as refused:
            return refused.code
        return "mine" if found.dump() == mine.dump() else "theirs"

    assert owner({"issuer_and_serial_number": name(right)}) == "mine"
    assert (
        owner({"issuer_and_serial_number": name(right | {"serial_number": theirs.serial_number})}) == "theirs"
    )
    assert owner({"issuer_and_serial_number": name(right | {"serial_number": 1})}) == Refusal.NO_SIGNER
    assert owner({"issuer_and_serial_number": name(right | {"issuer": mine.subject})}) == Refusal.NO_SIGNER
    assert owner({"subject_key_identifier": mine.key_identifier}) == "mine"
    assert owner({"subject_key_identifier": b"\1" * 20}) == Refusal.NO_SIGNER


def test_same_certificate_twice_is_one(pki: Pki) -> None:
    twice = kalkan.container([signer_info(pki.key(), DATA)], [pki.key(), pki.key()])

    assert container.read(twice).certificate.dump() == pki.key().asn1.dump()


def test_certificate_of_another_kind_is_not_taken_for_the_signers(pki: Pki) -> None:
    """An attribute certificate, of which nothing is read."""
    content = load(pki.sign())
    other = cms.CertificateChoices("other", {"other_cert_format": "1.2.3", "other_cert": core.Null()})
    content["content"]["certificates"] = [other, cms.CertificateChoices("certificate", pki.key().asn1)]

    assert container.read(content.dump()).certificate.dump() == pki.key().asn1.dump()


@pytest.mark.parametrize("number", ["none", "empty"])
def test_signature_without_certificates_has_no_signer(pki: Pki, number: str) -> None:
    content = load(pki.sign())
    fields = {name: content["content"][name] for name in ("version", "digest_algorithms", "signer_infos")}
    fields["encap_content_info"] = {"content_type": "data"}
    if number == "empty":
        fields["certificates"] = []
    bare = cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(fields)})

    assert said(lambda: container.read(bare.dump())) == Refusal.NO_SIGNER


# --- what is read of it ----------------------------------------------------------------------------------
def issued(pki: Pki, *names: tuple[x509.ObjectIdentifier, str], **changes: Any) -> x509.Certificate:
    key, issuer = pki.key(), pki.authority.issuing
    subject = x509.Name([attribute(oid, text) for oid, text in names]) if names else key.certificate.subject
    builder = certificates._builder(subject, key.private, issuer.certificate.subject, (NOW, NOW + SECOND))
    usage = changes.get("usage", {"digital_signature": True, "content_commitment": True})
    if usage is not None:
        builder = builder.add_extension(certificates._usage(**usage), critical=True)
    purposes = changes.get("purposes", [ExtendedKeyUsageOID.EMAIL_PROTECTION])
    if purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    return builder.sign(issuer.private, hashes.SHA256())


def holder(
    pki: Pki, certificate: x509.Certificate, *, serial: int | None = None, algorithm: str = ""
) -> Container:
    read = container.read(pki.sign())
    own = Key(pki.key().private, certificate).asn1
    if serial is not None:
        own["tbs_certificate"]["serial_number"] = serial
        own = asn1.Certificate.load(own.dump(force=True))
    return Container(read.der, read.signer, own, algorithm or read.algorithm)


def named(pki: Pki, *names: tuple[x509.ObjectIdentifier, str]) -> str:
    """Who is read of a certificate with such a subject."""
    try:
        signer = container.signer_of(holder(pki, issued(pki, *names)))
    except SignatureRefused as refused:
        return refused.code
    return f"{signer.iin} {signer.bin} {signer.name}"


NUMBER, UNIT, NAME = NameOID.SERIAL_NUMBER, NameOID.ORGANIZATIONAL_UNIT_NAME, NameOID.COMMON_NAME


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ([(NUMBER, IIN)], f"{PARENT.iin}  "),
        ([(NUMBER, IIN), (NAME, "ТЕСТ")], f"{PARENT.iin}  ТЕСТ"),
        ([(NUMBER, IIN), (UNIT, f"BIN{SCHOOL_BIN}"), (NAME, "ТЕСТ")], f"{PARENT.iin} {SCHOOL_BIN} ТЕСТ"),
        ([(NUMBER, IIN), (UNIT, "бухгалтерия")], f"{PARENT.iin}  "),
        ([(NUMBER, IIN), (UNIT, f"BIN{SCHOOL_BIN}"), (UNIT, f"BIN{SCHOOL_BIN}")], "NO_IIN"),
        ([(NUMBER, IIN), (NUMBER, IIN)], "NO_IIN"),
        ([(UNIT, IIN), (NAME, IIN)], "NO_IIN"),
        ([(NUMBER, IIN), (NUMBER, "KZ-1")], f"{PARENT.iin}  "),
        ([(NUMBER, f"BIN{SCHOOL_BIN}"), (UNIT, IIN)], "NO_IIN"),
        ([(NUMBER, IIN), (NAME, "Ә" * 300)], f"{PARENT.iin}  {'Ә' * 300}"),
        ([(NUMBER, IIN), (NAME, "Ә" * 301)], "BAD_NAME"),
        ([(NUMBER, IIN), (NAME, "А\nБ")], "BAD_NAME"),
        ([(NUMBER, IIN), (NAME, "А\u202eБ")], "BAD_NAME"),
        ([(NUMBER, IIN), (NAME, "ТЕСТ"), (NAME, "А\nБ")], f"{PARENT.iin}  ТЕСТ"),  # the first is the name
        ([(NUMBER, IIN), (NAME, "А\nБ"), (NAME, "ТЕСТ")], "BAD_NAME"),
        ([(NUMBER, IIN), (NAME, "Ә" * 301), (NAME, "ТЕСТ")], "BAD_NAME"),
    ],
)  # fmt: skip
def test_subject_names_one_person_and_perhaps_a_school(pki: Pki, names: Any, found: str) -> None:
    assert named(pki, *names) == found


@pytest.mark.parametrize(("serial", "code"), [(2**256 - 1, ""), (2**256, Refusal.MALFORMED)])
def test_number_of_a_certificate_has_at_most_32_bytes(pki: Pki, serial: int, code: str) -> None:
    found = holder(pki, pki.key().certificate, serial=serial)

    assert said(lambda: container.signer_of(found)) == code
    if not code:
        assert container.signer_of(found).serial == "f" * 64


@pytest.mark.parametrize(("length", "code"), [(40, ""), (41, Refusal.MALFORMED)])
def test_name_of_an_algorithm_has_at_most_40_characters(pki: Pki, length: int, code: str) -> None:
    found = holder(pki, pki.key().certificate, algorithm="1" * length)

    assert said(lambda: container.signer_of(found)) == code


def test_key_users_are_those_of_the_authority(pki: Pki) -> None:
    other = x509.ObjectIdentifier("1.2.398.3.3.5.1")
    users = [x509.ObjectIdentifier(KeyUser.ORGANISATION), other, ExtendedKeyUsageOID.EMAIL_PROTECTION]
    proof = Unrevoked(ocsp=b"answer")

    signer = container.signer_of(holder(pki, issued(pki, purposes=users)), proof)

    assert signer.key_users == {KeyUser.ORGANISATION}
    assert signer.proof == proof
    assert container.signer_of(container.read(pki.sign(DIRECTOR, "org"))).proof == Unrevoked()


def judged(certificate: x509.Certificate, *, now: datetime = NOW) -> str:
    read = asn1.Certificate.load(trust.der(certificate))
    return said(lambda: container.check_dates_and_usage(read, now=now))


@pytest.mark.parametrize(
    ("moment", "code"),
    [
        (NOW, ""),
        (NOW + SECOND, ""),
        (NOW - SECOND, Refusal.EXPIRED),
        (NOW + 2 * SECOND, Refusal.EXPIRED),
    ],
)
def test_certificate_holds_from_its_first_second_to_its_last(pki: Pki, moment: datetime, code: str) -> None:
    assert judged(issued(pki), now=moment) == code


BOTH = {"digital_signature": True, "content_commitment": True}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"usage": BOTH}, ""),
        ({"usage": BOTH | {"key_encipherment": True}}, ""),
        ({"usage": {"digital_signature": True}}, Refusal.NOT_SIGNING_KEY),
        ({"usage": {"content_commitment": True}}, Refusal.NOT_SIGNING_KEY),
        ({"usage": None}, Refusal.NOT_SIGNING_KEY),
        ({"purposes": [ExtendedKeyUsageOID.CLIENT_AUTH]}, Refusal.NOT_SIGNING_KEY),
        ({"purposes": []}, Refusal.NOT_SIGNING_KEY),
    ],
)
def test_signing_key_is_one_by_both_of_its_usages(pki: Pki, changes: dict[str, Any], code: str) -> None:
    assert judged(issued(pki, **changes)) == code
