"""An enveloped XML signature, as the country's library makes it: all of the document, SHA-256, a certificate.

The parts are exposed so that a test can make one that is wrong in a single place.
"""

import base64
import hashlib

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from sandbox.kalkan import Key

DS = "http://www.w3.org/2000/09/xmldsig#"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
ENVELOPED = DS + "enveloped-signature"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
TRANSFORMS = f'<ds:Transform Algorithm="{ENVELOPED}"/><ds:Transform Algorithm="{C14N}#WithComments"/>'


def login(url: str, stamp: str, key: Key) -> str:
    """What a phone proves with who holds it."""
    return sign(f"<login><url>{url}</url><timeStamp>{stamp}</timeStamp></login>", key)


def sign(document: str, key: Key) -> str:
    """The document with its signature as the last child of its root."""
    return envelop(document, signature(signed_info(canonical(document)), key))


def canonical(document: str) -> bytes:
    written: bytes = etree.tostring(etree.fromstring(document.encode()), method="c14n", with_comments=True)
    return written


def signed_info(
    content: bytes,
    *,
    method: str = RSA_SHA256,
    digest_method: str = SHA256,
    digest: str = "sha256",
    uri: str = "",
    transforms: str = TRANSFORMS,
    c14n: str = C14N,
) -> str:
    value = base64.b64encode(hashlib.new(digest, content).digest()).decode()
    return (
        f'<ds:SignedInfo xmlns:ds="{DS}"><ds:CanonicalizationMethod Algorithm="{c14n}"/>'
        f'<ds:SignatureMethod Algorithm="{method}"/><ds:Reference URI="{uri}">'
        f"<ds:Transforms>{transforms}</ds:Transforms>"
        f'<ds:DigestMethod Algorithm="{digest_method}"/><ds:DigestValue>{value}</ds:DigestValue>'
        "</ds:Reference></ds:SignedInfo>"
    )


def signature(info: str, key: Key, *, key_info: str | None = None, value: bytes | None = None) -> str:
    if value is None:
        value = key.private.sign(canonical(info), padding.PKCS1v15(), hashes.SHA256())
    shown = certificate(key) if key_info is None else key_info
    return (
        f'<ds:Signature xmlns:ds="{DS}">{info}'
        f"<ds:SignatureValue>{base64.b64encode(value).decode()}</ds:SignatureValue>{shown}</ds:Signature>"
    )


def certificate(key: Key) -> str:
    der = base64.b64encode(key.certificate.public_bytes(Encoding.DER)).decode()
    return (
        f"<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{der}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
    )


def envelop(document: str, *signatures: str) -> str:
    body, end = document[: document.rindex("</")], document[document.rindex("</") :]
    return body + "".join(signatures) + end
