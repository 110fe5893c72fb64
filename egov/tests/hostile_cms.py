"""Signatures that nobody may take, made the same way every time; each is one attack by its name.

`corpus` signs the given data with keys of the sandbox's authority and breaks one thing.
"""

import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from asn1crypto import cms, core
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import Encoding

from egov.eds import Refusal
from egov.tests import hostile_keys
from egov.tests.eds_cast import NOW, STRANGER, Pki
from egov.tests.hostile_keys import (
    BAD,
    MALFORMED,
    NO_SIGNER,
    TAMPERED,
    Attacks,
    load,
    prefix,
    signer_info,
    with_oid,
)
from sandbox import kalkan
from sandbox.kalkan import Key

MAX = 64 * 1024


@dataclass(frozen=True)
class Attack:
    cms: bytes
    codes: frozenset[Refusal]  # any of these


def corpus(pki: Pki, data: bytes) -> dict[str, Attack]:
    """Every attack by its name."""
    makers: list[Callable[[Pki, bytes], Attacks]] = [
        _flipped, _cut, _lengths, _nested, _containers, _signers, _attributes, hostile_keys.attacks,
    ]  # fmt: skip
    found: dict[str, Attack] = {}
    for make in makers:
        for name, cms_bytes, codes in make(pki, data):
            assert name not in found, name
            found[name] = Attack(cms_bytes, codes if isinstance(codes, frozenset) else frozenset({codes}))
    return found


# --- bytes ---------------------------------------------------------------------------------------
def _flipped(pki: Pki, data: bytes) -> Attacks:
    """One bit, in what is signed: outside of it a container may be rewritten by anybody, to no effect."""
    good, chance = pki.sign(data=data), random.Random(11)
    signer = load(good)["content"]["signer_infos"][0]
    parts = {
        "certificate": pki.key().certificate.public_bytes(Encoding.DER),
        "attributes": signer["signed_attrs"].dump(),
        "value": signer["signature"].native,
    }
    for part, content in parts.items():
        for place in chance.sample(range(len(content)), 8):
            changed = bytearray(good)
            changed[good.index(content) + place] ^= 1 << chance.randrange(8)
            yield f"bit {place} of the {part}", bytes(changed), TAMPERED


def _cut(pki: Pki, data: bytes) -> Attacks:
    good = pki.sign(data=data)
    for share in (1, 2, 4, 100, 500, 900, 998, 999):
        yield f"cut at {share / 10} %", good[: len(good) * share // 1000], MALFORMED
    yield "nothing", b"", MALFORMED
    yield "last byte missing", good[:-1], MALFORMED
    yield "a zero after the end", good + b"\0", MALFORMED
    yield "the same again after the end", good + good, MALFORMED
    yield "a byte before", b"\0" + good, MALFORMED
    yield "too long", good + b"\0" * (MAX + 1 - len(good)), MALFORMED
    yield "text", b"-----BEGIN CMS-----", MALFORMED
    yield "zeros", bytes(MAX), MALFORMED
    yield "noise", random.Random(1).randbytes(MAX), MALFORMED


def _lengths(pki: Pki, data: bytes) -> Attacks:
    good = pki.sign(data=data)
    yield "length of four gigabytes", b"\x30\x84\xff\xff\xff\xff" + good[4:], MALFORMED
    yield "length of 126 octets", b"\x30\xfe" + b"\xff" * 126 + good[4:], MALFORMED
    yield "reserved length", b"\x30\xff" + good[4:], MALFORMED
    yield "length not minimal and too long", b"\x30\x88" + b"\0" * 3 + b"\x01" + good[4:], MALFORMED
    yield "indefinite length without an end", b"\x30\x80" + good[4:], MALFORMED
    yield "indefinite length of a number", b"\x02\x80\x01\0\0", MALFORMED
    yield "ends without a beginning", b"\0\0" * 1000, MALFORMED


def _nested(pki: Pki, data: bytes) -> Attacks:
    yield "indefinite lengths, one in the other", b"\x30\x80" * (MAX // 2), MALFORMED
    yield "the same, ended", b"\x30\x80" * (MAX // 4) + b"\0\0" * (MAX // 4), MALFORMED
    yield "sequences, one in the other", _tower(15_000), MALFORMED
    yield "sets, one in the other", _tower(10_000, tag=0x31), MALFORMED
    yield "strings of strings", _tower(10_000, tag=0x24), MALFORMED
    yield "many empty sequences", b"\x30\x82\xff\xf0" + b"\x30\0" * 0x7FF8, MALFORMED
    junk = {"type": "1.2.3.4", "values": [core.Any.load(_tower(8_000))]}
    yield "a tower beside the signature", _unsigned(pki, data, [junk]), MALFORMED
    many = {"type": "1.2.3.4", "values": [core.Any.load(b"\5\0") for _ in range(20_000)]}
    yield "twenty thousand values beside the signature", _unsigned(pki, data, [many]), MALFORMED
    yield "an arc of 60,000 bytes", with_oid(b"\xff" * 60_000 + b"\x7f"), MALFORMED
    yield "an OID of 60,000 arcs", with_oid(b"\x01" * 60_000), MALFORMED


def _tower(height: int, *, tag: int = 0x30) -> bytes:
    """Built from inside, with definite lengths, not longer than may be sent."""
    lengths: list[bytes] = []
    size = 0
    while size < MAX - 8 and len(lengths) < height:
        head = prefix(tag, size)
        lengths.append(head)
        size += len(head)
    return b"".join(reversed(lengths))


def _unsigned(pki: Pki, data: bytes, attributes: list[Any]) -> bytes:
    content = load(pki.sign(data=data))
    content["content"]["signer_infos"][0]["unsigned_attrs"] = attributes
    return content.dump()


# --- container -----------------------------------------------------------------------------------
def _containers(pki: Pki, data: bytes) -> Attacks:
    key = pki.key()
    info = signer_info(key, data)
    yield "content inside", pki.sign(data=data, attached=True), Refusal.ATTACHED
    yield "other content inside", kalkan.container([info], [key], b"other"), Refusal.ATTACHED
    yield "empty content inside", kalkan.container([info], [key], b""), Refusal.ATTACHED
    yield "data alone", cms.ContentInfo({"content_type": "data", "content": data}).dump(), MALFORMED
    for kind in ("1.2.840.113549.1.7.3", "1.2.840.113549.1.7.5", "1.2.840.113549.1.9.16.1.2", "1.2.3"):
        good = pki.sign(data=data)
        oid = core.ObjectIdentifier(kind).dump()
        body = good[good.index(SIGNED_DATA) + len(SIGNED_DATA) :]
        yield f"content type {kind}", prefix(0x30, len(oid + body)) + oid + body, MALFORMED
    wrong = load(pki.sign(data=data))
    wrong["content"]["encap_content_info"]["content_type"] = "signed_data"
    yield "another type inside than is signed", wrong.dump(force=True), MALFORMED


SIGNED_DATA = core.ObjectIdentifier("1.2.840.113549.1.7.2").dump()


def _signers(pki: Pki, data: bytes) -> Attacks:
    both = [pki.key(), pki.key(STRANGER)]
    mine, theirs = (signer_info(key, data) for key in both)
    other = signer_info(both[0], b"other bytes")
    yield "nobody signs", kalkan.container([], both), NO_SIGNER
    yield "two sign", kalkan.container([mine, theirs], both), Refusal.MANY_SIGNERS
    yield "one signs twice", kalkan.container([mine, mine.copy()], both[:1]), Refusal.MANY_SIGNERS
    yield "a second signer of other bytes", kalkan.container([mine, other], both), Refusal.MANY_SIGNERS
    yield "a hundred sign", kalkan.container([mine] * 100, both[:1]), Refusal.MANY_SIGNERS
    yield "signed is something else", kalkan.container([other], both[:1]), Refusal.OTHER_DATA
    swapped = mine.copy()
    swapped["sid"] = theirs["sid"]
    yield "another signer is named", kalkan.container([swapped], both), BAD
    swapped = mine.copy()
    swapped["signature"] = theirs["signature"].native
    yield "another signature value", kalkan.container([swapped], both), BAD
    swapped = mine.copy()
    swapped["signed_attrs"] = other["signed_attrs"]
    yield "another signature's attributes", kalkan.container([swapped], both[:1]), BAD
    for name, value in (
        ("empty", b""),
        ("of zeros", bytes(256)),
        ("of ones", b"\xff" * 256),
        ("long", bytes(9000)),
    ):
        swapped = mine.copy()
        swapped["signature"] = value
        yield f"a value {name}", kalkan.container([swapped], both[:1]), BAD


# --- what is signed ------------------------------------------------------------------------------
def _attributes(pki: Pki, data: bytes) -> Attacks:
    key, digest = pki.key(), hashlib.sha256(data).digest()
    kind, time = (
        _attribute("content_type", "data"),
        _attribute("signing_time", cms.Time({"utc_time": core.UTCTime(NOW)})),
    )
    right, wrong = _attribute("message_digest", digest), _attribute("message_digest", bytes(32))
    two_values = cms.CMSAttribute({"type": "message_digest", "values": [digest, bytes(32)]})
    lists: dict[str, tuple[list[cms.CMSAttribute], Refusal | frozenset[Refusal]]] = {
        "no digest": ([kind, time], TAMPERED),
        "no content type": ([time, right], TAMPERED),
        "no attribute at all": ([], TAMPERED),
        "wrong digest": ([kind, time, wrong], Refusal.OTHER_DATA),
        "empty digest": ([kind, _attribute("message_digest", b"")], TAMPERED),
        "two digests, the right one first": ([kind, right, wrong], TAMPERED),
        "two digests, the right one last": ([kind, wrong, right], TAMPERED),
        "two equal digests": ([kind, right, right.copy()], TAMPERED),
        "a digest of two values": ([kind, two_values], TAMPERED),
        "two content types": ([kind, _attribute("content_type", "signed_data"), right], TAMPERED),
        "another content type": ([_attribute("content_type", "signed_data"), right], TAMPERED),
    }
    for name, (attributes, codes) in lists.items():
        yield name, _attributed(key, attributes), codes
    without = signer_info(key, data)
    names = ("version", "sid", "digest_algorithm", "signature_algorithm", "signature")
    bare = cms.SignerInfo({name: without[name] for name in names})
    bare["signature"] = key.private.sign(data, padding.PKCS1v15(), hashes.SHA256())
    yield "bytes signed without attributes", kalkan.container([bare], [key]), MALFORMED
    yield "attributes in another order", _reordered(pki, data), BAD
    yield "attributes' own bytes as the document", _attributes_as_document(key, data), MALFORMED


def _attribute(kind: str, value: Any) -> cms.CMSAttribute:
    return cms.CMSAttribute({"type": kind, "values": [value]})


def _attributed(key: Key, attributes: list[cms.CMSAttribute]) -> bytes:
    """Well signed with the right key: only what is signed is wrong."""
    info = signer_info(key, b"")
    signed = cms.CMSAttributes(attributes)
    info["signed_attrs"] = signed
    info["signature"] = key.private.sign(signed.dump(), padding.PKCS1v15(), hashes.SHA256())
    return kalkan.container([info], [key])


def _reordered(pki: Pki, data: bytes) -> bytes:
    good = pki.sign(data=data)
    signed = load(good)["content"]["signer_infos"][0]["signed_attrs"]
    turned = b"".join(one.dump() for one in reversed(list(signed)))
    return good.replace(signed.contents, turned)


def _attributes_as_document(key: Key, data: bytes) -> bytes:
    """The value that is good over the attributes, offered as one over a document without attributes."""
    info = signer_info(key, data)
    names = ("version", "sid", "digest_algorithm", "signature_algorithm", "signature")
    return kalkan.container([cms.SignerInfo({name: info[name] for name in names})], [key])
