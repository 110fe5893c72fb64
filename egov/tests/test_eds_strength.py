"""RSA signatures: which algorithms are strong enough, and in the whole chain, not only the person's key."""

import asyncio
import hashlib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import algos, cms
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko_certvalidator import CertificateValidator
from pyhanko_certvalidator.errors import InsufficientRevinfoError

from egov import eds
from egov.eds import Refusal, SignatureRefused, native, trust
from egov.tests.eds_cast import DATA, NOW, PARENT, STRANGER, Pki
from sandbox import certificates, kalkan
from sandbox.ca import CA_LIFE, ISSUING, ROOT
from sandbox.kalkan import Key

DIGESTS: dict[str, Any] = {
    "sha1": hashes.SHA1(),
    "sha224": hashes.SHA224(),
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
STRONG = ("sha256", "sha384", "sha512")
DAY = timedelta(days=1)


def signed(key: Key, digest: str, value: str = "", *, by: str = "") -> bytes:
    """A good signature by the digest, that says it is one by `digest` and `value`."""
    made = by or digest
    info = kalkan.signer_info(hashlib.new(made, DATA).digest(), key, at=NOW)
    info["digest_algorithm"] = algos.DigestAlgorithm({"algorithm": digest})
    info["signature_algorithm"] = algos.SignedDigestAlgorithm({"algorithm": value or f"{digest}_rsa"})
    attributes = info["signed_attrs"].dump()
    signed_part = b"\x31" + attributes[1:]  # a SET, whatever it is tagged inside
    info["signature"] = key.private.sign(signed_part, padding.PKCS1v15(), DIGESTS[made])
    return kalkan.container([info], [key])


def outcome(der: bytes, *, now: datetime = NOW) -> str:
    try:
        return eds.verify(der, DATA, now=now).iin
    except SignatureRefused as refused:
        return refused.code


@pytest.mark.parametrize("named_by", ["the digest", "the padding alone"])
@pytest.mark.parametrize("digest", STRONG)
def test_every_strong_digest_is_taken(pki: Pki, digest: str, named_by: str) -> None:
    value = f"{digest}_rsa" if named_by == "the digest" else "rsassa_pkcs1v15"

    assert outcome(signed(pki.key(), digest, value)) == PARENT.iin


@pytest.mark.parametrize(
    ("digest", "value"),
    [
        ("sha1", "sha1_rsa"),
        ("sha224", "sha224_rsa"),
        ("sha224", "rsassa_pkcs1v15"),
        ("sha224", "sha256_rsa"),  # the one is weak
        ("sha256", "sha224_rsa"),  # the other is
    ],
)
def test_weak_digest_is_refused_wherever_it_stands(pki: Pki, digest: str, value: str) -> None:
    assert outcome(signed(pki.key(), digest, value)) == Refusal.WEAK_ALGORITHM


def like(key: Key, issuer: Key, *, digest: str = "sha256", **changes: Any) -> x509.Certificate:
    """The key's certificate once more, with its number, by another digest or with something changed."""
    old = key.certificate
    builder = (
        x509.CertificateBuilder(extensions=changes.get("extensions", list(old.extensions)))
        .subject_name(changes.get("subject", old.subject))
        .issuer_name(issuer.certificate.subject)
        .public_key(key.private.public_key())
        .serial_number(old.serial_number)
        .not_valid_before(old.not_valid_before_utc)
        .not_valid_after(old.not_valid_after_utc)
    )
    if digest == "sha1":  # the library writes none any more
        return by_sha1(builder.sign(issuer.private, hashes.SHA256()), issuer)
    return builder.sign(issuer.private, DIGESTS[digest])


def by_sha1(certificate: x509.Certificate, issuer: Key) -> x509.Certificate:
    content = asn1.Certificate.load(certificate.public_bytes(Encoding.DER))
    for place in (content["tbs_certificate"]["signature"], content["signature_algorithm"]):
        place["algorithm"] = "sha1_rsa"
    signed_part = content["tbs_certificate"].dump(force=True)
    content["signature_value"] = issuer.private.sign(signed_part, padding.PKCS1v15(), hashes.SHA1())
    return x509.load_der_x509_certificate(content.dump(force=True))


@pytest.mark.parametrize("digest", [*STRONG, "sha224", "sha1"])
def test_certificate_is_signed_with_a_strong_digest_too(pki: Pki, digest: str) -> None:
    key = Key(pki.key().private, like(pki.key(), pki.authority.issuing, digest=digest))

    expected = PARENT.iin if digest in STRONG else Refusal.WEAK_ALGORITHM
    assert outcome(kalkan.sign(DATA, key, at=NOW)) == expected
    assert pki.asked == (1 if digest in STRONG else 0)


def test_certificate_without_an_iin_asks_nobody(pki: Pki) -> None:
    nameless = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "ТЕСТ")])
    key = Key(pki.key().private, like(pki.key(), pki.authority.issuing, subject=nameless))

    assert outcome(kalkan.sign(DATA, key, at=NOW)) == Refusal.NO_IIN
    assert pki.asked == 0


def believe(settings: Any, folder: Path, root: x509.Certificate, issuing: x509.Certificate) -> None:
    for name, certificate in (("root", root), ("issuing", issuing)):
        (folder / f"{name}.cer").write_bytes(certificate.public_bytes(Encoding.DER))
    settings.EDS_CA_DIR = folder


@pytest.mark.parametrize(
    ("born", "life", "code"),
    [
        (NOW, CA_LIFE, PARENT.iin),
        (NOW + certificates.BEFORE + DAY, CA_LIFE, Refusal.EXPIRED),  # begins tomorrow
        (NOW - DAY, timedelta(), Refusal.EXPIRED),  # ended yesterday
    ],
)
def test_authority_has_to_be_in_its_time(
    pki: Pki, settings: Any, tmp_path: Path, born: datetime, life: timedelta, code: str
) -> None:
    root, key = pki.authority.root, pki.authority.issuing.private
    issuing = certificates.issuing(key, root, ISSUING, born, life)
    believe(settings, tmp_path, root.certificate, issuing)

    assert outcome(pki.sign()) == code


def test_root_has_to_be_in_its_time(pki: Pki, settings: Any, tmp_path: Path) -> None:
    """Who is trusted is pinned by operations; the dates of the pin are for them to watch."""
    root = certificates.root(pki.authority.root.private, ROOT, NOW - DAY, timedelta())
    believe(settings, tmp_path, root, pki.authority.issuing.certificate)

    assert outcome(pki.sign()) == PARENT.iin


def test_authority_certified_with_a_weak_digest_is_refused(pki: Pki, settings: Any, tmp_path: Path) -> None:
    root = pki.authority.root
    issuing = like(pki.authority.issuing, root, digest="sha1")
    believe(settings, tmp_path, root.certificate, issuing)

    assert outcome(pki.sign()) == Refusal.WEAK_ALGORITHM


def test_library_is_told_of_one_certificate_and_asks_nobody_about_another(pki: Pki) -> None:
    """Revocation stays required: what was asked about the one says nothing of the other."""
    context = native._context(pki.key(STRANGER).asn1, trust.authorities(), now=NOW)

    assert not context.fetching_allowed
    with pytest.raises(InsufficientRevinfoError):
        asyncio.run(CertificateValidator(pki.key().asn1, validation_context=context).async_validate_path())


@pytest.mark.parametrize("lacking", [x509.KeyUsage, x509.ExtendedKeyUsage])
def test_library_judges_the_usages_once_more(pki: Pki, lacking: type) -> None:
    """As it understands them; ours has looked before."""
    wrong = {type(one.value): one for one in pki.key(kind="auth").certificate.extensions}
    extensions = [
        wrong[lacking] if isinstance(one.value, lacking) else one for one in pki.key().certificate.extensions
    ]
    leaf = Key(pki.key().private, like(pki.key(), pki.authority.issuing, extensions=extensions)).asn1

    with pytest.raises(SignatureRefused) as refused:
        asyncio.run(native._check_chain(leaf, trust.authorities(), now=NOW))
    assert refused.value.code == Refusal.NOT_SIGNING_KEY


def test_critical_extension_that_nobody_understands_is_refused(pki: Pki) -> None:
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4.5"), b"\5\0")
    extensions = [*pki.key().certificate.extensions, x509.Extension(unknown.oid, True, unknown)]
    key = Key(pki.key().private, like(pki.key(), pki.authority.issuing, extensions=extensions))

    assert outcome(kalkan.sign(DATA, key, at=NOW)) == Refusal.UNKNOWN_CA


def test_signature_says_nothing_of_a_type_that_it_does_not_sign(pki: Pki) -> None:
    """The signed type is "data"; one that signs another type signs no document."""
    info = kalkan.signer_info(hashlib.sha256(DATA).digest(), pki.key(), at=NOW)
    attributes = cms.CMSAttributes(
        [
            {"type": "content_type", "values": ["signed_data"]},
            {"type": "message_digest", "values": [hashlib.sha256(DATA).digest()]},
        ]
    )
    info["signed_attrs"] = attributes
    info["signature"] = pki.key().private.sign(attributes.dump(), padding.PKCS1v15(), hashes.SHA256())

    assert outcome(kalkan.container([info], [pki.key()])) == Refusal.BAD_SIGNATURE
