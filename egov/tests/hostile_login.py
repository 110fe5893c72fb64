"""Logins that are wrong in one place each: what somebody may send who has read the QR."""

import base64
import hmac
from collections.abc import Callable
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.x509.oid import ExtendedKeyUsageOID

from egov.tests.eds_cast import NOW, PARENT, STRANGER, Pki
from sandbox import certificates
from sandbox.kalkan import Key
from sandbox.xmldsig import canonical, certificate, envelop, sign, signature, signed_info

URL = "https://oqu.example.kz/egov-sign/documents/" + "t" * 32
STAMP = NOW.isoformat(timespec="milliseconds")
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
SIG = "http://www.w3.org/2000/09/xmldsig#"
PKI = "urn:ietf:params:xml:ns:pkigovkz:xmlsec:algorithms:"


def document(url: str = URL, stamp: str = STAMP, more: str = "") -> str:
    return f"<login><url>{url}</url><timeStamp>{stamp}</timeStamp>{more}</login>"


def good(key: Key) -> str:
    return sign(document(), key)


def auth(pki: Pki) -> Key:
    return pki.key(PARENT, "auth")


def with_info(pki: Pki, **wrong: str) -> str:
    """A good signature over a SignedInfo that says something else."""
    key = auth(pki)
    return envelop(document(), signature(signed_info(canonical(document()), **wrong), key))


def with_key_info(pki: Pki, key_info: str) -> str:
    return envelop(document(), signature(signed_info(canonical(document())), auth(pki), key_info=key_info))


def with_sha1(pki: Pki) -> str:
    info = signed_info(canonical(document()), method=SIG + "rsa-sha1")
    value = auth(pki).private.sign(canonical(info), padding.PKCS1v15(), hashes.SHA1())
    return envelop(document(), signature(info, auth(pki), value=value))


def with_hmac(pki: Pki) -> str:
    """The public key as the shared secret, which everybody knows."""
    der = base64.b64decode(certificate(auth(pki)).partition("X509Certificate>")[2].partition("<")[0])
    info = signed_info(canonical(document()), method=MORE + "hmac-sha256")
    return envelop(document(), signature(info, auth(pki), value=hmac.digest(der, canonical(info), "sha256")))


def of(document_: str, pki: Pki) -> str:
    return sign(document_, auth(pki))


def wrapped(pki: Pki) -> str:
    """The signed login inside of another that says what the attacker wants."""
    inside = good(auth(pki))
    return f"<login><url>{URL}</url><timeStamp>{STAMP}</timeStamp>{inside}</login>"


def moved(pki: Pki) -> str:
    """The signed login as the signature's own object, the attacker's around it; the reference goes by Id."""
    inside = f'<login Id="a"><url>{URL}/other</url><timeStamp>{STAMP}</timeStamp></login>'
    info = signed_info(canonical(inside), uri="#a")
    made = signature(info, auth(pki))
    return envelop(
        document(), made.replace("</ds:Signature>", f"<ds:Object>{inside}</ds:Object></ds:Signature>")
    )


def beside(pki: Pki) -> str:
    """The reference covers one child; the others are the attacker's."""
    part = f'<part Id="p"><url>{URL}</url></part>'
    made = signature(signed_info(canonical(part), uri="#p"), auth(pki))
    return envelop(document(more=part), made)


def before(pki: Pki) -> str:
    made = signature(signed_info(canonical(document())), auth(pki))
    return document().replace("<login>", "<login>" + made)


def for_everything(pki: Pki) -> Key:
    """A key to say who one is with that signs documents, too."""
    key = auth(pki)
    builder = certificates._builder(
        key.certificate.subject,
        key.private,
        pki.authority.issuing.certificate.subject,
        (NOW - timedelta(days=1), NOW + timedelta(days=1)),
    )
    usage = certificates._usage(digital_signature=True, content_commitment=True)
    purposes = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
    builder = builder.add_extension(usage, critical=True).add_extension(purposes, critical=False)
    return Key(
        key.private,
        certificates._issued_by(builder, pki.authority.issuing).sign(
            pki.authority.issuing.private, hashes.SHA256()
        ),
    )


def first_of_two(pki: Pki) -> str:
    made = signature(signed_info(canonical(document())), auth(pki))
    return envelop(document(), made, made)


def of_two_people(pki: Pki) -> str:
    theirs = signature(signed_info(canonical(document())), pki.key(STRANGER, "auth"))
    return envelop(good(auth(pki)), theirs)


def foreign_bytes(pki: Pki) -> str:
    return good(auth(pki)).replace(STAMP, STAMP.replace("06:00", "06:01"))


def entities(_pki: Pki) -> str:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 9))
    return f'<!DOCTYPE login [<!ENTITY e0 "ha">{levels}]><login><url>&e8;</url></login>'


def outside_entity(pki: Pki) -> str:
    head = '<!DOCTYPE login [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    return head + good(auth(pki)).replace(STAMP, STAMP + "&f;")


def plain_doctype(pki: Pki) -> str:
    return "<!DOCTYPE login>" + good(auth(pki))


def split(url_or_stamp: str, inserted: str) -> Callable[[Pki], str]:
    """A comment or an instruction, which the canonical form leaves out, cuts what is read in two."""
    return lambda pki: good(auth(pki)).replace(url_or_stamp, url_or_stamp[:12] + inserted + url_or_stamp[12:])


def key_value(_pki: Pki) -> str:
    """A key of the attacker's own, without a certificate."""
    modulus = base64.b64encode(b"\x01" * 256).decode()
    return (
        f"<ds:KeyInfo><ds:KeyValue><ds:RSAKeyValue><ds:Modulus>{modulus}</ds:Modulus>"
        "<ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue></ds:KeyValue></ds:KeyInfo>"
    )


def two_certificates(pki: Pki) -> str:
    mine, theirs = certificate(auth(pki)), certificate(pki.key(STRANGER, "auth"))
    return mine.replace("</ds:KeyInfo>", theirs.removeprefix("<ds:KeyInfo>"))


def retrieved(pki: Pki) -> str:
    fetch = '<ds:RetrievalMethod URI="http://evil.example/key"/></ds:KeyInfo>'
    return certificate(auth(pki)).replace("</ds:KeyInfo>", fetch)


def filtered(pki: Pki) -> str:
    """A transform that keeps nothing of the document: any document has this digest."""
    step = f'<ds:Transform Algorithm="{SIG}enveloped-signature"/>'
    path = '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116">'
    return with_info(pki, transforms=f"{step}{path}<ds:XPath>false()</ds:XPath></ds:Transform>")


def styled(pki: Pki) -> str:
    step = f'<ds:Transform Algorithm="{SIG}enveloped-signature"/>'
    sheet = '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"/>'
    return with_info(pki, transforms=step + sheet)


def two_references(pki: Pki) -> str:
    info = signed_info(canonical(document()))
    reference = info[info.index("<ds:Reference") : info.index("</ds:SignedInfo>")]
    return envelop(document(), signature(info.replace(reference, reference * 2), auth(pki)))


def cut_hmac(pki: Pki) -> str:
    info = signed_info(canonical(document()), method=MORE + "hmac-sha256")
    length = "<ds:HMACOutputLength>0</ds:HMACOutputLength></ds:SignatureMethod>"
    info = info.replace('hmac-sha256"/>', f'hmac-sha256">{length}')
    return envelop(document(), signature(info, auth(pki), value=b"\0"))


Make = Callable[[Pki], str]
# What it is, how it is made, the code it is refused with.
REFUSED: list[tuple[str, Make, str]] = [
    ("nothing", lambda _: "", "MALFORMED"),
    ("no XML", lambda _: "hello", "MALFORMED"),
    ("cut short", lambda pki: good(auth(pki))[:-40], "MALFORMED"),
    ("not the encoding it says", lambda _: '<?xml version="1.0" encoding="UTF-16"?><login/>', "MALFORMED"),
    ("half a letter", lambda _: "<login>\ud800</login>", "MALFORMED"),
    ("another root", lambda pki: of(document().replace("login>", "logout>"), pki), "MALFORMED"),
    ("huge", lambda pki: of(document(more=f"<x>{'x' * 40_000}</x>"), pki), "MALFORMED"),
    ("too many", lambda pki: of(document(more="".join(f"<x{n}/>" for n in range(80))), pki), "MALFORMED"),
    ("too deep", lambda _: "<login>" * 2000 + "</login>" * 2000, "MALFORMED"),
    ("entities in entities", entities, "MALFORMED"),
    ("an entity from outside", outside_entity, "MALFORMED"),
    ("a DTD that says nothing", plain_doctype, "MALFORMED"),
    ("a comment in the address", split(URL, "<!---->"), "MALFORMED"),
    ("an instruction in the time", split(STAMP, "<?x y?>"), "MALFORMED"),
    ("a comment between two", lambda pki: good(auth(pki)).replace("<time", "<!-- --><time"), "MALFORMED"),
    ("a comment after the end", lambda pki: good(auth(pki)) + "<!-- -->", "MALFORMED"),
    ("two addresses", lambda pki: of(document(more=f"<url>{URL}</url>"), pki), "MALFORMED"),
    ("two times", lambda pki: of(document(more=f"<timestamp>{STAMP}</timestamp>"), pki), "MALFORMED"),
    ("no address", lambda pki: of(f"<login><timeStamp>{STAMP}</timeStamp></login>", pki), "MALFORMED"),
    ("no time", lambda pki: of(f"<login><url>{URL}</url></login>", pki), "MALFORMED"),
    ("an address with something inside", lambda pki: of(document(url=f"<b>{URL}</b>"), pki), "MALFORMED"),
    ("no signature", lambda _: document(), "NO_SIGNER"),
    ("a signature before the rest", before, "MALFORMED"),
    ("two signatures", first_of_two, "MANY_SIGNERS"),
    ("two people", of_two_people, "MANY_SIGNERS"),
    ("a login in a login", wrapped, "MALFORMED"),
    ("an object in the signature", moved, "MALFORMED"),
    ("a part is signed", beside, "MALFORMED"),
    ("a reference outside", lambda pki: with_info(pki, uri="http://evil.example/x"), "MALFORMED"),
    ("a file", lambda pki: with_info(pki, uri="file:///etc/passwd"), "MALFORMED"),
    ("a pointer", lambda pki: with_info(pki, uri="#xpointer(/)"), "MALFORMED"),
    ("two references", two_references, "MALFORMED"),
    ("a transform that keeps nothing", filtered, "MALFORMED"),
    ("a style sheet", styled, "MALFORMED"),
    ("no transform", lambda pki: with_info(pki, transforms=""), "MALFORMED"),
    ("an unknown canonical form", lambda pki: with_info(pki, c14n="urn:none"), "MALFORMED"),
    ("SHA-1 in the signature", with_sha1, "WEAK_ALGORITHM"),
    ("SHA-1 of the document", lambda pki: with_info(pki, digest="sha1", digest_method=SIG + "sha1"),
     "WEAK_ALGORITHM"),
    ("MD5", lambda pki: with_info(pki, digest="md5", digest_method=MORE + "md5"), "WEAK_ALGORITHM"),
    ("a shared secret", with_hmac, "WEAK_ALGORITHM"),
    ("a shared secret of no length", cut_hmac, "MALFORMED"),
    ("no key", lambda pki: with_key_info(pki, ""), "MALFORMED"),
    ("an empty KeyInfo", lambda pki: with_key_info(pki, "<ds:KeyInfo/>"), "NO_SIGNER"),
    ("a bare key", lambda pki: with_key_info(pki, key_value(pki)), "NO_SIGNER"),
    ("two certificates", lambda pki: with_key_info(pki, two_certificates(pki)), "MANY_SIGNERS"),
    ("a key to be fetched", lambda pki: with_key_info(pki, retrieved(pki)), "MALFORMED"),
    ("another person's certificate", lambda pki: with_key_info(pki, certificate(pki.key(STRANGER, "auth"))),
     "BAD_SIGNATURE"),
    ("changed afterwards", foreign_bytes, "BAD_SIGNATURE"),
    ("RSA that says GOST", lambda pki: with_info(
        pki, method=PKI + "gostr34102015-gostr34112015-512", digest_method=PKI + "gostr34112015-512"),
     "BAD_SIGNATURE"),
    ("another QR's address", lambda pki: of(document(url=URL[:-1] + "u"), pki), "OTHER_ADDRESS"),
    ("another site", lambda pki: of(document(url="https://evil.example/x"), pki), "OTHER_ADDRESS"),
    ("an old one", lambda pki: of(document(stamp="2026-06-10T05:54:59Z"), pki), "OUT_OF_TIME"),
    ("one of tomorrow", lambda pki: of(document(stamp="2026-06-10T06:05:01Z"), pki), "OUT_OF_TIME"),
    ("no time at all", lambda pki: of(document(stamp="now"), pki), "OUT_OF_TIME"),
    ("the end of time", lambda pki: of(document(stamp="9999-12-31T23:59:59-23:59"), pki), "OUT_OF_TIME"),
    ("a key for signing", lambda pki: good(pki.key(PARENT, "sign")), "NOT_AUTH_KEY"),
    ("a key for everything", lambda pki: good(for_everything(pki)), "NOT_AUTH_KEY"),
    ("an old key", lambda pki: good(pki.key(PARENT, "expired")), "EXPIRED"),
    ("another authority", lambda pki: good(pki.key(PARENT, "foreign")), "UNKNOWN_CA"),
    ("another person", lambda pki: good(pki.key(STRANGER, "auth")), "OTHER_PERSON"),
]  # fmt: skip
