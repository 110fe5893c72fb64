"""The bus's side of WS-Security: whose signature a message bears, and the signature of an answer.

Set to "refuse" the service `smartbridge` lies, by the code: unsigned (the default) | foreign (by another
authority's key of the bus's name) | person (by a citizen's good key) | expired (by a certificate of the bus
that has ended) | altered | wrapped (the signed Body moved aside) | twice (two Bodies) | duplicate (two of one
id) | stale (of ten minutes ago) | weak (SHA-1) | other (a good answer, to another message).
"""

import base64
import uuid
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from signxml.algorithms import (
    CanonicalizationMethod,
    DigestAlgorithm,
    SignatureConstructionMethod,
    SignatureMethod,
)
from signxml.signer import XMLSigner
from signxml.verifier import SignatureConfiguration, VerifyResult, XMLVerifier

from sandbox.ca import Authority
from sandbox.kalkan import Key
from sandbox.registry import Service, register
from sandbox.texts import Text

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
DS = "http://www.w3.org/2000/09/xmldsig#"
_OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE, WSU = _OASIS + "wssecurity-secext-1.0.xsd", _OASIS + "wssecurity-utility-1.0.xsd"
X509 = _OASIS + "x509-token-profile-1.0#X509v3"
BASE64 = _OASIS + "soap-message-security-1.0#Base64Binary"
ID = f"{{{WSU}}}Id"
LIFE = timedelta(minutes=5)

LIES = (
    "unsigned", "foreign", "person", "expired", "altered", "wrapped", "twice", "duplicate", "stale", "weak",
    "other",
)  # fmt: skip

register(
    Service(
        name="smartbridge",
        title=Text("ШЭП шинасының қолтаңбасы", "Подпись шины ШЭП", "Signature of SmartBridge"),
        about=Text(
            "Шина порталдың сұрауындағы қолтаңбаны тексереді, өз жауабына қол қояды.",
            "Шина проверяет подпись запроса портала и подписывает свой ответ.",
            "The bus checks the signature of the portal's message and signs its answer.",
        ),
        refusal=Text(
            "жауапқа қол қоймайды; төмендегі код бойынша жалған қол қояды",
            "ответ не подписывает; по коду ниже подписывает неверно",
            "does not sign the answer; by the code below signs it wrongly",
        ),
        codes=LIES,
    )
)


class WeakSigner(XMLSigner):
    """Signs by what nobody believes any more."""

    def check_deprecated_methods(self) -> None:
        pass


def signed_body(envelope: etree._Element, certificate: x509.Certificate) -> etree._Element | None:
    """The Body as the owner of the certificate has signed it, None where they have not."""
    only = SignatureConfiguration(location=f"./{{{SOAP}}}Header/{{{WSSE}}}Security/")
    try:
        found = XMLVerifier().verify(envelope, x509_cert=certificate, expect_config=only)
    except Exception:  # whatever the library throws at what is no signature
        return None
    body = found.signed_xml if isinstance(found, VerifyResult) else None
    return body if body is not None and body.tag == f"{{{SOAP}}}Body" else None


def seal(
    envelope: etree._Element, authority: Authority, *, lie: str = "", citizen: Key | None = None
) -> None:
    """Sign an answer, or do so wrongly; `citizen`: who signs where the lie is that of a person."""
    if lie == "unsigned":
        return
    signers: dict[str, Callable[[], Key | None]] = {
        "foreign": authority.foreign_bus,
        "expired": authority.former_bus,
        "person": lambda: citizen,
    }
    key = signers.get(lie, authority.bus)()
    assert key is not None
    made = datetime.now(UTC) - timedelta(minutes=10) * (lie == "stale")
    if lie == "other":
        _answer_another(envelope)
    sign(envelope, key, made=made, weak=lie == "weak")
    BENT.get(lie, lambda _envelope: None)(envelope)


def sign(
    envelope: etree._Element,
    key: Key,
    *,
    made: datetime | None,
    weak: bool = False,
    covering: tuple[str, ...] = ("Body", "Timestamp"),
) -> None:
    """Body and Timestamp by their ids, the certificate in a BinarySecurityToken."""
    header, body = envelope
    security = etree.SubElement(header, f"{{{WSSE}}}Security", nsmap={"wsse": WSSE, "wsu": WSU})
    security.set(f"{{{SOAP}}}mustUnderstand", "1")
    about = {ID: _id("X509"), "EncodingType": BASE64, "ValueType": X509}
    token = etree.SubElement(security, f"{{{WSSE}}}BinarySecurityToken", about)
    token.text = base64.b64encode(key.certificate.public_bytes(Encoding.DER)).decode()
    body.set(ID, _id("body"))
    parts = {"Body": body, "Token": token}
    if made is not None:
        parts["Timestamp"] = _stamp(security, made)
    signer = (WeakSigner if weak else XMLSigner)(
        method=SignatureConstructionMethod.detached,
        signature_algorithm=SignatureMethod.RSA_SHA1 if weak else SignatureMethod.RSA_SHA256,
        digest_algorithm=DigestAlgorithm.SHA1 if weak else DigestAlgorithm.SHA256,
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    )
    covered = [f"#{parts[name].get(ID)}" for name in covering if name in parts]
    signature = signer.sign(envelope, key=key.private, key_info=_key_info(token), reference_uri=covered)
    security.append(signature)


def _id(kind: str) -> str:
    return f"{kind}-{uuid.uuid4()}"


def _stamp(security: etree._Element, made: datetime) -> etree._Element:
    stamp = etree.SubElement(security, f"{{{WSU}}}Timestamp", {ID: _id("TS")})
    for name, moment in (("Created", made), ("Expires", made + LIFE)):
        text = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        etree.SubElement(stamp, f"{{{WSU}}}{name}").text = text
    return stamp


def _key_info(token: etree._Element) -> etree._Element:
    info = etree.Element(f"{{{DS}}}KeyInfo", nsmap={"ds": DS})
    reference = etree.SubElement(info, f"{{{WSSE}}}SecurityTokenReference", nsmap={"wsse": WSSE})
    etree.SubElement(reference, f"{{{WSSE}}}Reference", URI=f"#{token.get(ID)}", ValueType=X509)
    return info


def _answer_another(envelope: etree._Element) -> None:
    for named in envelope[-1].iter("correlationId"):
        named.text = str(uuid.uuid4())


# --- What is done to an answer after it was signed ------------------------------------------------------
def _alter(envelope: etree._Element) -> None:
    code = next(envelope[-1].iter("messageId"))
    code.text = str(uuid.uuid4())


def _wrap(envelope: etree._Element, *, same_id: bool = False) -> None:
    """The signed Body moves into the Header, and another stands in its place."""
    header, signed = envelope
    other = deepcopy(signed)
    if not same_id:
        del other.attrib[ID]
    etree.SubElement(header, "aside").append(signed)
    envelope.append(other)
    _alter(envelope)


def _double(envelope: etree._Element) -> None:
    other = deepcopy(envelope[1])
    del other.attrib[ID]
    envelope.append(other)
    _alter(envelope)


BENT: dict[str, Callable[[etree._Element], None]] = {
    "altered": _alter,
    "wrapped": _wrap,
    "duplicate": lambda envelope: _wrap(envelope, same_id=True),
    "twice": _double,
}
