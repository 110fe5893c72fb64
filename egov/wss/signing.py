"""A request signed as the clients known do it: the Body by its wsu:Id, exclusive canonicalization, SHA-256,
the organisation's certificate beside the signature. They send no Timestamp, so none is sent: a receiver may
refuse an envelope for what it does not expect."""

import base64
import uuid

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureConstructionMethod, SignatureMethod
from signxml.signer import XMLSigner

from egov.wss import keys
from egov.wss.names import BASE64, CANONICAL, DS, SOAP, WSSE, WSU, X509, tag


def sign(envelope: etree._Element) -> None:
    """Put the signature into the envelope's Header; nothing of its Body may change afterwards. Raises
    Unsound."""
    own = keys.own()
    header, body = envelope
    name = f"id-{uuid.uuid4()}"
    body.set(tag(WSU, "Id"), name)
    signer = XMLSigner(
        method=SignatureConstructionMethod.detached,
        signature_algorithm=SignatureMethod.RSA_SHA256,
        digest_algorithm=DigestAlgorithm.SHA256,
        c14n_algorithm=CANONICAL,
    )
    signature = signer.sign(
        envelope, key=own.private, reference_uri=f"#{name}", key_info=_key_info(own.certificate)
    )
    security = etree.SubElement(header, tag(WSSE, "Security"), nsmap={"wsse": WSSE})
    security.set(tag(SOAP, "mustUnderstand"), "1")
    security.append(signature)


def _key_info(certificate: x509.Certificate) -> etree._Element:
    info = etree.Element(tag(DS, "KeyInfo"), nsmap={"ds": DS})
    reference = etree.SubElement(info, tag(WSSE, "SecurityTokenReference"), nsmap={"wsse": WSSE})
    shown = etree.SubElement(reference, tag(WSSE, "KeyIdentifier"), EncodingType=BASE64, ValueType=X509)
    shown.text = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()
    return info
