"""The signed XML with which a phone says whose it is, taken apart: nothing is believed yet (D45).

    <login><url>…</url><timeStamp>…</timeStamp>…<ds:Signature/></login>

A signature in XML says itself what it covers, by what transforms and with what key; that is where its holes
are. So one form only is read, and any other refused before a library acts on it: a flat document without DTD,
comments and instructions, one signature that is a child of the root and covers the whole of it, one
certificate.
"""

import base64
from copy import deepcopy
from dataclasses import dataclass

from cryptography import x509
from lxml import etree

from egov.eds import structure
from egov.eds.container import GOST
from egov.eds.verdict import Refusal, SignatureRefused

MAX_XML_BYTES = 32 * 1024  # a real one takes 3-5 KB
MAX_ELEMENTS = 60  # a real one has about twenty
MAX_CERTIFICATE_BYTES = 8 * 1024

DS = "{http://www.w3.org/2000/09/xmldsig#}"
ROOT, URL, STAMP = "login", "url", "timestamp"
_SIG, _MORE, _ENC = "http://www.w3.org/2000/09/xmldsig#", "http://www.w3.org/2001/04/xmldsig-more#", (
    "http://www.w3.org/2001/04/xmlenc#"
)  # fmt: skip
_C14N = ("http://www.w3.org/TR/2001/REC-xml-c14n-20010315", "http://www.w3.org/2001/10/xml-exc-c14n#")
CANONICAL = {*_C14N, _C14N[0] + "#WithComments", _C14N[1] + "WithComments"}
ENVELOPED = _SIG + "enveloped-signature"
RSA_METHODS = {f"{_MORE}rsa-{size}" for size in ("sha256", "sha384", "sha512")}
RSA_DIGESTS = {_ENC + "sha256", _MORE + "sha384", _ENC + "sha512"}
# The country's own, as its library writes them: of 2015 and of before.
_PKI = "urn:ietf:params:xml:ns:pkigovkz:xmlsec:algorithms:"
GOST_METHODS = {_PKI + "gostr34102015-gostr34112015-512", _MORE + "gost34310-gost34311"}
GOST_DIGESTS = {_PKI + "gostr34112015-512", _MORE + "gost34311"}


@dataclass(frozen=True)
class Login:
    xml: bytes
    content: bytes  # canonical, without the signature: the very bytes that are signed
    certificate: x509.Certificate
    gost: bool
    url: str
    stamp: str


class _Malformed(Exception):
    pass


def read(xml: str) -> Login:
    """Raises SignatureRefused: MALFORMED, NO_SIGNER, MANY_SIGNERS, WEAK_ALGORITHM."""
    try:
        return _read(xml.encode())
    except SignatureRefused:
        raise
    except Exception:  # whatever a library throws at hostile bytes
        raise SignatureRefused(Refusal.MALFORMED) from None


def _read(xml: bytes) -> Login:
    root = _parse(xml)
    signature = _only_signature(root)
    fields = _fields(root, signature)
    info, _value, key_info = _children(signature, "SignedInfo", "SignatureValue", "KeyInfo")
    gost = _check_info(info)
    return Login(
        xml=xml,
        content=_unsigned(root),
        certificate=_certificate(key_info),
        gost=gost,
        url=fields[URL],
        stamp=fields[STAMP],
    )


def _parse(xml: bytes) -> etree._Element:
    """Nothing outside of the bytes is ever read, and no entity is replaced."""
    if len(xml) > MAX_XML_BYTES:
        raise _Malformed
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    root = etree.fromstring(xml, parser)
    nodes = list(root.iter())
    if root.getroottree().docinfo.doctype or len(nodes) > MAX_ELEMENTS or root.tag != ROOT:
        raise _Malformed
    if root.getprevious() is not None or root.getnext() is not None:  # comments and instructions around it
        raise _Malformed
    if not all(isinstance(node.tag, str) for node in nodes):  # …and inside: they split a text in two
        raise _Malformed
    return root


def _only_signature(root: etree._Element) -> etree._Element:
    """The last child of the root and the only signature anywhere; without text around it, so that all that is
    not it is signed."""
    found = list(root.iter(DS + "Signature"))
    if len(found) != 1:
        raise SignatureRefused(Refusal.MANY_SIGNERS if found else Refusal.NO_SIGNER)
    if found[0] is not root[-1] or (found[0].tail or "").strip():
        raise _Malformed
    return found[0]


def _unsigned(root: etree._Element) -> bytes:
    """Canonical, as if the signature were not there; the space after it stays."""
    content = deepcopy(root)
    signature, before = content[-1], content[-2]
    before.tail = (before.tail or "") + (signature.tail or "") or None
    signature.tail = None
    content.remove(signature)
    canonical: bytes = etree.tostring(content, method="c14n")
    return canonical


def _fields(root: etree._Element, signature: etree._Element) -> dict[str, str]:
    """The texts beside the signature by name; each name once, none of them with anything inside."""
    fields: dict[str, str] = {}
    for one in root:
        name = str(one.tag).lower()
        if one is signature:
            continue
        if len(one) or one.attrib or name in fields:
            raise _Malformed
        fields[name] = (one.text or "").strip()
    return fields


def _children(parent: etree._Element, *names: str) -> list[etree._Element]:
    """Exactly these, in this order, and no text between them."""
    found = list(parent)
    if [one.tag for one in found] != [DS + name for name in names]:
        raise _Malformed
    if any((text or "").strip() for text in (parent.text, *(one.tail for one in found))):
        raise _Malformed
    return found


def _algorithm(element: etree._Element) -> str:
    """Its name, of an element that says nothing else: a parameter (a length, a filter) changes it."""
    if len(element) or (element.text or "").strip() or set(element.attrib) != {"Algorithm"}:
        raise _Malformed
    return str(element.attrib["Algorithm"])


def _check_info(info: etree._Element) -> bool:
    """What is signed and how; is it the country's own algorithm?"""
    canonicalization, method, reference = _children(
        info, "CanonicalizationMethod", "SignatureMethod", "Reference"
    )
    if _algorithm(canonicalization) not in CANONICAL or dict(reference.attrib) not in ({"URI": ""},):
        raise _Malformed
    transforms, digest_method, _digest = _children(reference, "Transforms", "DigestMethod", "DigestValue")
    steps = [_algorithm(one) for one in transforms]
    if not all(one.tag == DS + "Transform" for one in transforms) or steps[:1] != [ENVELOPED]:
        raise _Malformed
    if len(steps) > 2 or not set(steps[1:]) <= CANONICAL:
        raise _Malformed
    used = _algorithm(method), _algorithm(digest_method)
    if used[0] in RSA_METHODS and used[1] in RSA_DIGESTS:
        return False
    if used[0] in GOST_METHODS and used[1] in GOST_DIGESTS:
        return True
    raise SignatureRefused(Refusal.WEAK_ALGORITHM)  # SHA-1, a shared secret, or nothing that we know


def _certificate(key_info: etree._Element) -> x509.Certificate:
    """The one that is inside: no address of one is followed, and a bare key is nobody's."""
    found = list(key_info.iter(DS + "X509Certificate"))
    if len(found) != 1:
        raise SignatureRefused(Refusal.MANY_SIGNERS if found else Refusal.NO_SIGNER)
    if {one.tag for one in key_info} - {DS + "X509Data", DS + "KeyValue"}:
        raise _Malformed
    der = base64.b64decode("".join((found[0].text or "").split()), validate=True)
    if len(found[0]) or len(der) > MAX_CERTIFICATE_BYTES:
        raise _Malformed
    structure.check(der)
    return x509.load_der_x509_certificate(der)


def has_gost_key(certificate: x509.Certificate) -> bool:
    return certificate.public_key_algorithm_oid.dotted_string.startswith(GOST)
