"""Signing, as the country's library does it: a CMS with contentType, signingTime and messageDigest only."""

import hashlib
from base64 import encodebytes
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import algos, cms, core
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

HASHES = {"sha1": hashes.SHA1(), "sha256": hashes.SHA256(), "sha512": hashes.SHA512()}  # noqa: S303 (to be refused)


@dataclass(frozen=True)
class Key:
    private: RSAPrivateKey
    certificate: x509.Certificate

    @property
    def asn1(self) -> asn1.Certificate:
        return asn1.Certificate.load(self.certificate.public_bytes(Encoding.DER))


def sign(data: bytes, key: Key, *, at: datetime, attached: bool = False, algorithm: str = "sha256") -> bytes:
    """DER of the CMS over the data; detached unless told otherwise."""
    digest = hashlib.new(algorithm, data).digest()
    return container(
        [signer_info(digest, key, at=at, algorithm=algorithm)], [key], data if attached else None
    )


def sign_digest(digest: bytes, key: Key, *, at: datetime) -> bytes:
    """DER of the detached CMS over data of which only the SHA-256 is known."""
    return container([signer_info(digest, key, at=at)], [key])


def signer_info(digest: bytes, key: Key, *, at: datetime, algorithm: str = "sha256") -> cms.SignerInfo:
    attributes = cms.CMSAttributes(
        [
            {"type": "content_type", "values": ["data"]},
            {"type": "signing_time", "values": [cms.Time({"utc_time": core.UTCTime(at)})]},
            {"type": "message_digest", "values": [digest]},
        ]
    )
    signature = key.private.sign(attributes.dump(), padding.PKCS1v15(), HASHES[algorithm])
    certificate = key.asn1
    return cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                {
                    "issuer_and_serial_number": cms.IssuerAndSerialNumber(
                        {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
                    )
                }
            ),
            "digest_algorithm": algos.DigestAlgorithm({"algorithm": algorithm}),
            "signed_attrs": attributes,
            "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": f"{algorithm}_rsa"}),
            "signature": signature,
        }
    )


def container(signers: list[cms.SignerInfo], keys: list[Key], content: bytes | None = None) -> bytes:
    inside: dict[str, object] = {"content_type": "data"}
    if content is not None:
        inside["content"] = content
    signed = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": cms.DigestAlgorithms([signer["digest_algorithm"] for signer in signers]),
            "encap_content_info": inside,
            "certificates": [key.asn1 for key in keys],
            "signer_infos": signers,
        }
    )
    answer: bytes = cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump()
    return answer


def armour(der: bytes) -> str:
    """As NCALayer gives it out: PEM-like."""
    return f"-----BEGIN CMS-----\n{encodebytes(der).decode()}-----END CMS-----\n"
