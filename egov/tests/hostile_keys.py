"""Signatures with wrong certificates, keys and algorithms; see hostile_cms.py."""

import hashlib
import random
import warnings
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from asn1crypto import algos, cms, keys
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import NameOID

from egov.eds import Refusal
from egov.tests.eds_cast import (
    DIRECTOR,
    NOW,
    PARENT,
    STRANGER,
    Pki,
    claim_gost,
)
from sandbox import kalkan
from sandbox.kalkan import Key

MALFORMED, BAD, WEAK = Refusal.MALFORMED, Refusal.BAD_SIGNATURE, Refusal.WEAK_ALGORITHM
NO_SIGNER, UNKNOWN_CA = Refusal.NO_SIGNER, Refusal.UNKNOWN_CA
TAMPERED = frozenset({MALFORMED, BAD, NO_SIGNER, UNKNOWN_CA, WEAK, Refusal.NO_IIN, Refusal.OTHER_DATA})


Attacks = Iterator[tuple[str, bytes, Refusal | frozenset[Refusal]]]


def attacks(pki: Pki, data: bytes) -> Attacks:
    for make in (_certificates, _algorithms, _keys, _authorities, _names, _usages, _gost):
        yield from make(pki, data)


def load(der: bytes) -> cms.ContentInfo:
    return cms.ContentInfo.load(der)


def signer_info(key: Key, data: bytes, *, algorithm: str = "sha256") -> cms.SignerInfo:
    return kalkan.signer_info(hashlib.new(algorithm, data).digest(), key, at=NOW, algorithm=algorithm)


def prefix(tag: int, size: int) -> bytes:
    if size < 0x80:
        return bytes([tag, size])
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets


def with_oid(contents: bytes) -> bytes:
    oid = prefix(6, len(contents)) + contents
    return prefix(0x30, len(oid)) + oid


def _certificates(pki: Pki, data: bytes) -> Attacks:
    real, stranger = pki.key(), pki.key(STRANGER)
    info = signer_info(real, data)
    forged = _certificate(real, private=_rsa(2048), issuer=None)
    yield "no certificate", kalkan.container([info], []), NO_SIGNER
    yield "another's certificate", kalkan.container([info], [stranger]), NO_SIGNER
    yield "a forged one of the same number", kalkan.container([info], [forged]), BAD
    yield "the real and a forged one", kalkan.container([info], [real, forged]), MALFORMED
    yield "eleven certificates", kalkan.container([info], [real] + [stranger] * 10), MALFORMED
    yield "signed by the forged one", kalkan.sign(data, forged, at=NOW), UNKNOWN_CA
    yield "named by its key, beside an OID bomb", _named_by_key(real, data), NO_SIGNER
    alone = load(pki.sign(data=data))
    alone["content"]["certificates"] = cms.CertificateSet.load(b"\x31\x02\x30\0")
    yield "an empty certificate", alone.dump(), MALFORMED


def _named_by_key(key: Key, data: bytes) -> bytes:
    """The certificate is sought by its key identifier, so its extensions are read before it is believed."""
    bomb = with_oid(b"\xff" * 50_000 + b"\x7f")
    purposes = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.37"), bomb)
    forged = _certificate(key, issuer=None, extensions=[x509.Extension(purposes.oid, False, purposes)])
    info = signer_info(key, data)
    info["sid"] = cms.SignerIdentifier({"subject_key_identifier": b"\1" * 20})
    return kalkan.container([info], [forged])


# --- algorithms and keys -------------------------------------------------------------------------
def _algorithms(pki: Pki, data: bytes) -> Attacks:
    key = pki.key()
    yield "SHA-1", pki.sign(data=data, algorithm="sha1"), WEAK
    names = [
        ("MD5", "md5", "md5_rsa"), ("MD2", "md2", "md2_rsa"), ("SHA-224", "sha224", "sha224_rsa"),
        ("digest SHA-1, value SHA-256", "sha1", "sha256_rsa"),
        ("digest SHA-256, value SHA-1", "sha256", "sha1_rsa"),
        ("digest MD5, value SHA-256", "md5", "sha256_rsa"), ("PSS", "sha256", "rsassa_pss"),
        ("ECDSA with an RSA key", "sha256", "sha256_ecdsa"), ("DSA with an RSA key", "sha256", "sha256_dsa"),
        ("an unknown digest", "1.2.3.4", "sha256_rsa"), ("an unknown value", "sha256", "1.2.3.4"),
        ("SHA3", "sha3_256", "sha256_rsa"), ("SHAKE", "shake256", "sha256_rsa"),
    ]  # fmt: skip
    for name, digest, value in names:
        info = signer_info(key, data)
        info["digest_algorithm"] = algos.DigestAlgorithm({"algorithm": digest})
        info["signature_algorithm"] = algos.SignedDigestAlgorithm({"algorithm": value})
        yield name, kalkan.container([info], [key]), frozenset({WEAK, MALFORMED})
    info = signer_info(key, data)
    info["signature_algorithm"] = algos.SignedDigestAlgorithm({"algorithm": "sha512_rsa"})
    yield "digest SHA-256, value SHA-512", kalkan.container([info], [key]), TAMPERED


@cache
def _rsa(bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def _keys(pki: Pki, data: bytes) -> Attacks:
    real = pki.key()
    small = Key(_rsa(1024), pki.authority.issue(PARENT, "sign", _rsa(1024)))
    yield "RSA-1024", kalkan.sign(data, small, at=NOW), WEAK
    modulus = real.private.public_key().public_numbers().n
    wide = random.Random(5).getrandbits
    numbers = {
        "exponent of one": (modulus, 1),
        "exponent of three": (modulus, 3),
        "even exponent": (modulus, 65536),
        "exponent of 2,000 bits": (modulus, wide(2000) | 1 << 1999 | 1),
        "exponent as long as the key": (modulus, modulus - 2),
        "exponent of 30,000 bits": (modulus, wide(30_000) | 1 << 29_999 | 1),
        "key of 8,192 bits": (wide(8192) | 1 << 8191 | 1, 65537),
        "key of 100,000 bits": (wide(100_000) | 1 << 99_999 | 1, 65537),
        "key of no bits": (0, 65537),
        "negative key": (-modulus, 65537),
        "key of 2,047 bits": (modulus >> 1 | 1, 65537),
    }
    for name, (n, e) in numbers.items():
        point = keys.RSAPublicKey({"modulus": n, "public_exponent": e})
        public = keys.PublicKeyInfo.wrap(point, "rsa")
        yield name, _with_key(real, data, public), frozenset({WEAK, MALFORMED, BAD})
    others: dict[str, ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey] = {
        "EC key": ec.generate_private_key(ec.SECP256R1()),
        "Ed25519 key": ed25519.Ed25519PrivateKey.generate(),
    }
    for name, private in others.items():
        spki = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        yield name, _with_key(real, data, keys.PublicKeyInfo.load(spki)), frozenset({WEAK, MALFORMED})


def _with_key(key: Key, data: bytes, public: keys.PublicKeyInfo) -> bytes:
    """The certificate with another key in it; its own signature is of no use any more."""
    certificate = key.asn1.copy()
    certificate["tbs_certificate"]["subject_public_key_info"] = public
    content = kalkan.container([signer_info(key, data)], [])
    changed = load(content)
    changed["content"]["certificates"] = [asn1.Certificate.load(certificate.dump(force=True))]
    return changed.dump()


# --- certificates --------------------------------------------------------------------------------
def _certificate(
    key: Key,
    *,
    private: rsa.RSAPrivateKey | None = None,
    issuer: Key | None,
    subject: x509.Name | None = None,
    extensions: list[Any] | None = None,
    begins: datetime = NOW - timedelta(days=1),
    ends: datetime = NOW + timedelta(days=1),
) -> Key:
    """Like the key's own, but for what is named; without an issuer it signs itself."""
    private = private or key.private
    like = key.certificate
    builder = (
        x509.CertificateBuilder(extensions=list(like.extensions) if extensions is None else extensions)
        .subject_name(like.subject if subject is None else subject)
        .issuer_name(issuer.certificate.subject if issuer else like.issuer)
        .public_key(private.public_key())
        .serial_number(like.serial_number)
        .not_valid_before(begins)
        .not_valid_after(ends)
    )
    return Key(private, builder.sign(issuer.private if issuer else private, hashes.SHA256()))


def _authorities(pki: Pki, data: bytes) -> Attacks:
    real = pki.key()
    yield "an authority of the same name", pki.sign(kind="foreign", data=data), UNKNOWN_CA
    yield "issued by itself", kalkan.sign(data, _certificate(real, issuer=None), at=NOW), UNKNOWN_CA
    below = _certificate(pki.key(DIRECTOR), issuer=real)
    yield "issued by a person", kalkan.container([signer_info(below, data)], [below, real]), UNKNOWN_CA
    responder = _certificate(real, issuer=pki.authority.responder)
    yield "issued by the responder", kalkan.sign(data, responder, at=NOW), UNKNOWN_CA
    of_the_bus = _certificate(real, issuer=pki.authority.bus_root())
    yield "issued by SmartBridge's authority", kalkan.sign(data, of_the_bus, at=NOW), UNKNOWN_CA
    yield "expired", pki.sign(kind="expired", data=data), Refusal.EXPIRED
    early = _certificate(real, issuer=pki.authority.issuing, begins=NOW + timedelta(seconds=1))
    yield "not yet valid", kalkan.sign(data, early, at=NOW), Refusal.EXPIRED
    ended = _certificate(real, issuer=pki.authority.issuing, ends=NOW - timedelta(seconds=1))
    yield "ended a second ago", kalkan.sign(data, ended, at=NOW), Refusal.EXPIRED
    yield "revoked", pki.sign(kind="revoked", data=data), Refusal.REVOKED
    unknown = _certificate(real, issuer=pki.authority.issuing)
    unknown = Key(real.private, _renumbered(unknown.certificate, pki.authority.issuing))
    yield "never issued", kalkan.sign(data, unknown, at=NOW), Refusal.OCSP_UNKNOWN
    old = _certificate(pki.authority.issuing, private=_rsa(2048), issuer=pki.authority.root)
    yield (
        "an authority's own key",
        kalkan.sign(data, old, at=NOW),
        frozenset({Refusal.NOT_SIGNING_KEY, UNKNOWN_CA}),
    )


def _renumbered(certificate: x509.Certificate, issuer: Key) -> x509.Certificate:
    builder = x509.CertificateBuilder(extensions=list(certificate.extensions))
    builder = builder.subject_name(certificate.subject).issuer_name(certificate.issuer)
    builder = builder.public_key(certificate.public_key()).serial_number(4711)
    builder = builder.not_valid_before(certificate.not_valid_before_utc)
    return builder.not_valid_after(certificate.not_valid_after_utc).sign(issuer.private, hashes.SHA256())


def _names(pki: Pki, data: bytes) -> Attacks:
    real, issuer = pki.key(), pki.authority.issuing
    iin = f"IIN{PARENT.iin}"
    serial, unit, common = NameOID.SERIAL_NUMBER, NameOID.ORGANIZATIONAL_UNIT_NAME, NameOID.COMMON_NAME
    names = {
        "no IIN": [(common, "ТЕСТ")],
        "IIN in the common name only": [(common, iin)],
        "two IINs": [(serial, iin), (serial, f"IIN{STRANGER.iin}")],
        "the IIN twice": [(serial, iin), (serial, iin)],
        "IIN of eleven digits": [(serial, iin[:-1])],
        "IIN with a tail": [(serial, iin + " ")],
        "IIN with a line end": [(serial, iin + "\n")],
        "IIN of other digits": [(serial, "IIN" + "٩" * 12)],
        "two BINs": [(serial, iin), (unit, "BIN990540099902"), (unit, "BIN990540099912")],
        "no name at all": [],
    }  # fmt: skip
    for name, pairs in names.items():
        subject = x509.Name([_named(oid, text) for oid, text in pairs])
        key = _certificate(real, issuer=issuer, subject=subject)
        yield name, kalkan.sign(data, key, at=NOW), Refusal.NO_IIN
    long = x509.Name([_named(common, "Ә" * 30_000)])
    yield (
        "a name of 60,000 bytes",
        kalkan.sign(data, _certificate(real, issuer=issuer, subject=long), at=NOW),
        Refusal.NO_IIN,
    )


def _named(oid: x509.ObjectIdentifier, text: str) -> x509.NameAttribute:
    """As any authority could write it, also where the library would not."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return x509.NameAttribute(oid, text, _type=_ASN1Type.UTF8String, _validate=False)


def _usages(pki: Pki, data: bytes) -> Attacks:
    real, issuer = pki.key(), pki.authority.issuing
    yield "authentication key", pki.sign(kind="auth", data=data), Refusal.NOT_SIGNING_KEY
    kept = list(real.certificate.extensions)
    cases = {
        "no extension": [],
        "no key usage": [one for one in kept if not isinstance(one.value, x509.KeyUsage)],
        "no extended key usage": [one for one in kept if not isinstance(one.value, x509.ExtendedKeyUsage)],
    }
    for name, extensions in cases.items():
        key = _certificate(real, issuer=issuer, extensions=extensions)
        yield name, kalkan.sign(data, key, at=NOW), Refusal.NOT_SIGNING_KEY
    unknown = x509.Extension(
        x509.ObjectIdentifier("1.2.3.4.5"),
        True,
        x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4.5"), b"\5\0"),
    )
    critical = _certificate(real, issuer=issuer, extensions=[*kept, unknown])
    yield "an unknown critical extension", kalkan.sign(data, critical, at=NOW), frozenset(Refusal)


def _gost(pki: Pki, data: bytes) -> Attacks:
    good = pki.sign(data=data)
    yield "GOST claimed of an RSA key", claim_gost(good, key_too=False), BAD
    yield "an RSA value of a GOST key", good.replace(*GOST_SWAP), frozenset({WEAK, MALFORMED})


GOST_SWAP = bytes.fromhex("06092a864886f70d010101"), bytes.fromhex("06092a830e030a01010202")
