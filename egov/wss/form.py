"""The one form of a signed answer, taken apart before a library acts on it; nothing is believed yet.

A signature in XML says itself what it covers and by what transforms, which is where its holes are: a signed
Body moved aside for another, two of them, an id given twice. So the Body is the one that stands where a Body
stands, every reference is an id that exactly one element bears, and the only transform is exclusive
canonicalization.
"""

import re
from dataclasses import dataclass

from lxml import etree

from egov.wss.names import CANONICAL, DIGESTS, DS, METHODS, SOAP, WSSE, WSU, Unsound, tag

MAX_REFERENCES = 4  # the Body, the Timestamp, a certificate or two
_REFERENCE = re.compile(r"#([A-Za-z_][\w.-]{0,200})", re.ASCII)
_BEARERS = etree.XPath("//*[@*[translate(local-name(), 'ID', 'id') = 'id'] = $id]")
_EXTRAS = "http://www.w3.org/2001/10/xml-exc-c14n#"  # of namespaces that stay declared

UNSIGNED = "the answer is not signed"
ENVELOPE = "the envelope is not one Header and one Body"
FORM = "the signature is not of the one form that is read here"
WEAK = "the signature is of an algorithm that is not believed"
TRANSFORM = "the signature covers something transformed"
REFERENCE = "the signature refers to nothing, or to more than one element"
OTHER_PART = "the signature covers something else than Body, Timestamp and certificate"
NOT_BODY = "the signature does not cover the Body"
NOT_STAMP = "the signature does not cover the Timestamp"


@dataclass(frozen=True)
class Signed:
    """What a signature of the right form covers."""

    references: int
    stamped: bool


def read(envelope: etree._Element) -> Signed:
    """Raises Unsound."""
    header, body = _parts(envelope)
    security, signature = _signature(header)
    stamps = security.findall(tag(WSU, "Timestamp"))
    if len(stamps) > 1:
        raise Unsound(FORM)
    covered = [_bearer(envelope, uri) for uri in _references(signature)]
    if len({id(one) for one in covered}) != len(covered):
        raise Unsound(REFERENCE)
    tokens = security.findall(tag(WSSE, "BinarySecurityToken"))
    if not all(_is_among(one, [body, *stamps, *tokens]) for one in covered):
        raise Unsound(OTHER_PART)
    if not _is_among(body, covered):
        raise Unsound(NOT_BODY)
    if not all(_is_among(stamp, covered) for stamp in stamps):
        raise Unsound(NOT_STAMP)
    return Signed(len(covered), bool(stamps))


def _is_among(element: etree._Element, others: list[etree._Element]) -> bool:
    return any(element is other for other in others)


def _parts(envelope: etree._Element) -> list[etree._Element]:
    parts = list(envelope)
    if envelope.tag == tag(SOAP, "Envelope") and [one.tag for one in parts] == [tag(SOAP, "Body")]:
        raise Unsound(UNSIGNED)
    names = [tag(SOAP, name) for name in ("Envelope", "Header", "Body")]
    if [envelope.tag, *(one.tag for one in parts)] != names:
        raise Unsound(ENVELOPE)
    return parts


def _signature(header: etree._Element) -> tuple[etree._Element, etree._Element]:
    """The only one of the Header, where it belongs; what the data themselves hold is theirs."""
    found = list(header.iter(tag(DS, "Signature")))
    if not found:
        raise Unsound(UNSIGNED)
    blocks = header.findall(tag(WSSE, "Security"))
    if len(found) != 1 or len(blocks) != 1 or found[0].getparent() is not blocks[0]:
        raise Unsound(FORM)
    return blocks[0], found[0]


def _references(signature: etree._Element) -> list[str]:
    info, _value, _key = _children(signature, "SignedInfo", "SignatureValue", "KeyInfo")
    if not 3 <= len(info) <= 2 + MAX_REFERENCES:
        raise Unsound(FORM)
    canonicalization, method, *references = list(info)
    _demand_canonical(canonicalization, "CanonicalizationMethod")
    _demand_known(method, "SignatureMethod", {one.value for one in METHODS})
    return [_uri(one) for one in references]


def _uri(reference: etree._Element) -> str:
    if reference.tag != tag(DS, "Reference") or set(reference.attrib) != {"URI"}:
        raise Unsound(FORM)
    transforms, method, _value = _children(reference, "Transforms", "DigestMethod", "DigestValue")
    if len(transforms) != 1:
        raise Unsound(TRANSFORM)
    _demand_canonical(transforms[0], "Transform")
    _demand_known(method, "DigestMethod", {one.value for one in DIGESTS})
    return str(reference.attrib["URI"])


def _children(parent: etree._Element, *names: str) -> list[etree._Element]:
    """Exactly these, in this order."""
    found = list(parent)
    if [one.tag for one in found] != [tag(DS, name) for name in names]:
        raise Unsound(FORM)
    return found


def _demand_canonical(element: etree._Element, name: str) -> None:
    """Exclusive, without comments; the prefixes that stay declared are all that may be said of it."""
    if element.tag != tag(DS, name) or dict(element.attrib) != {"Algorithm": CANONICAL.value}:
        raise Unsound(TRANSFORM)
    if [one.tag for one in element] not in ([], [tag(_EXTRAS, "InclusiveNamespaces")]):
        raise Unsound(TRANSFORM)


def _demand_known(element: etree._Element, name: str, known: set[str]) -> None:
    """A parameter (a length) would change what it means."""
    if element.tag != tag(DS, name) or len(element) or set(element.attrib) != {"Algorithm"}:
        raise Unsound(FORM)
    if element.attrib["Algorithm"] not in known:
        raise Unsound(WEAK)


def _bearer(envelope: etree._Element, uri: str) -> etree._Element:
    """The one element of this id, by whatever attribute somebody may read an id from."""
    name = _REFERENCE.fullmatch(uri)
    found: list[etree._Element] = _BEARERS(envelope, id=name[1]) if name else []
    if len(found) != 1:
        raise Unsound(REFERENCE)
    return found[0]
