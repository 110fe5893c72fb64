"""Whose phone is it: a login signed with the person's authentication key, and all that is not one (D45)."""

import base64
import socket
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from egov import eds
from egov.eds import Refusal, SignatureRefused
from egov.eds.login_proof import LoginRefused, prove
from egov.errors import Misconfigured, Unavailable
from egov.tests.eds_cast import (
    DIRECTOR,
    GOST_KEY_DER,
    NOW,
    PARENT,
    RSA_KEY_DER,
    Pki,
)
from egov.tests.hostile_login import PKI, REFUSED, URL, Make, auth, document, good, sign
from egov.tests.test_eds_ncanode import Node, node
from sandbox import xmldsig

__all__ = ["node"]

pytestmark = pytest.mark.rule("D45")


def judged(xml: str, **more: Any) -> str:
    asked: dict[str, Any] = {"url": URL, "iin": PARENT.iin, "now": NOW, "source": eds.ask}
    return prove(xml, **(asked | more)).sha256


def refused(xml: str, **more: Any) -> str:
    with pytest.raises((SignatureRefused, LoginRefused)) as caught:
        judged(xml, **more)
    return str(caught.value.code)  # type: ignore[attr-defined]  # both have one


def test_login_of_the_person_is_believed(pki: Pki) -> None:
    assert len(judged(good(auth(pki)))) == 64
    assert pki.asked == 1


@pytest.mark.parametrize(
    "stamp",
    [
        "2026-06-10T11:00:00.000+05:00",
        "2026-06-10T11:00:00.06+0500",
        "2026-06-10T06:00:00Z",
        "2026-06-10 11:04:59",
        "2026-06-10T05:55:00+00:00",
        str(int(NOW.timestamp())),
        f"{int(NOW.timestamp())}000",
    ],
)
def test_time_is_read_however_the_app_writes_it(pki: Pki, stamp: str) -> None:
    assert judged(sign(document(stamp=stamp), auth(pki)))


@pytest.mark.parametrize(
    "written",
    [
        lambda key: '<?xml version="1.0" encoding="UTF-8" standalone="no"?>' + good(key),
        lambda key: sign(document().replace("><", ">\n  <"), key),
        lambda key: sign(document(more="<nonce>1</nonce>").replace("timeStamp", "timestamp"), key),
        lambda key: good(key).replace("</login>", "</login>\n\n"),
    ],
)
def test_other_ways_to_write_the_same_are_read(pki: Pki, written: Callable[..., str]) -> None:
    assert judged(written(auth(pki)))


def test_director_proves_with_their_own_key(pki: Pki) -> None:
    assert judged(good(pki.key(DIRECTOR, "auth")), iin=DIRECTOR.iin)


@pytest.mark.parametrize(
    ("make", "code"), [pytest.param(make, code, id=name) for name, make, code in REFUSED]
)
def test_what_is_no_login_of_theirs_is_refused_without_a_question(
    pki: Pki, make: Make, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    xml = make(pki)
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("an address was followed"))

    assert refused(xml) == code
    assert pki.asked == 0


@pytest.mark.parametrize("lie", ["down", "garbage"])
def test_silent_authority_is_no_refusal(pki: Pki, lie: str) -> None:
    pki.lie = lie

    with pytest.raises(Unavailable):
        judged(good(auth(pki)))


def test_revoked_key_proves_nothing(pki: Pki) -> None:
    serial = f"{auth(pki).certificate.serial_number:x}"
    pki.world.part("revoked")[serial] = (NOW - timedelta(hours=1)).timestamp()

    assert refused(good(auth(pki))) == "REVOKED"


def test_same_content_has_the_same_hash_however_it_is_dressed(pki: Pki) -> None:
    """Else a login that was taken could be sent again with a space in the signature."""
    first = good(auth(pki))
    dressed = first.replace("<ds:SignatureValue>", "<ds:SignatureValue>\n").replace("<login>", "<login >")

    assert first != dressed and judged(first) == judged(dressed)
    assert judged(first) != judged(sign(document(stamp="2026-06-10T06:00:01Z"), auth(pki)))


# --- GOST -------------------------------------------------------------------------------------------
@pytest.fixture
def gost(pki: Pki, monkeypatch: pytest.MonkeyPatch) -> str:
    """As the country's library names its algorithms; only NCANode could say whether it holds."""
    monkeypatch.undo()  # the stand-in for NCANode is asked over real HTTP
    key = auth(pki)
    info = xmldsig.signed_info(
        xmldsig.canonical(document()),
        method=PKI + "gostr34102015-gostr34112015-512",
        digest_method=PKI + "gostr34112015-512",
    )
    der = key.certificate.public_bytes(Encoding.DER).replace(RSA_KEY_DER, GOST_KEY_DER, 1)
    shown = f"<ds:X509Certificate>{base64.b64encode(der).decode()}</ds:X509Certificate>"
    key_info = f"<ds:KeyInfo><ds:X509Data>{shown}</ds:X509Data></ds:KeyInfo>"
    return xmldsig.envelop(document(), xmldsig.signature(info, key, key_info=key_info))


@pytest.fixture
def said(pki: Pki) -> dict[str, Any]:
    """What NCANode answers about that login when everything is in order."""
    certificate = {
        "valid": True,
        "revocations": [{"revoked": False, "by": "OCSP", "revocationTime": None, "reason": "OK"}],
        "keyUsage": "AUTH",
        "serialNumber": f"{auth(pki).certificate.serial_number:x}",
        "signAlg": "ECGOST3410-2015-512",
        "keyUser": ["INDIVIDUAL"],
        "subject": {"iin": PARENT.iin},
    }
    return {"status": 200, "message": "OK", "valid": True, "signers": [certificate]}


def test_login_in_gost_is_asked_of_ncanode(gost: str, said: dict[str, Any], node: Node) -> None:
    node.answer = said

    assert judged(gost)
    assert node.asked == [{"path": "/xml/verify", "xml": gost, "revocationCheck": ["OCSP"]}]


def test_login_in_gost_without_ncanode_is_refused_by_name(gost: str, settings: Any) -> None:
    settings.NCANODE_URL = ""

    assert refused(gost) == "GOST_OFF"


def test_login_in_gost_of_another_person(gost: str, said: dict[str, Any], node: Node) -> None:
    node.answer = said

    assert refused(gost, iin=DIRECTOR.iin) == "OTHER_PERSON"


REVOKED = {"revocations": [{"revoked": True, "by": "OCSP", "reason": "OK"}]}
UNASKED: dict[str, Any] = {"revocations": []}
SILENT = {"revocations": [{"revoked": False, "by": "OCSP", "reason": "UNAVAILABLE"}]}
BY_LIST = {"revocations": [{"revoked": False, "by": "CRL", "reason": "OK"}]}


@pytest.mark.parametrize(
    ("whole", "certificate", "code"),
    [
        ({"valid": False}, {}, "BAD_SIGNATURE"),
        ({}, {"valid": False}, "UNKNOWN_CA"),
        ({}, REVOKED, "REVOKED"),
    ],
)
def test_no_of_ncanode_is_a_no(
    gost: str, said: dict[str, Any], node: Node, whole: Any, certificate: Any, code: str
) -> None:
    said["signers"][0] |= certificate
    node.answer = said | whole

    assert refused(gost) == code


@pytest.mark.parametrize(
    ("whole", "certificate"),
    [
        ({}, UNASKED),
        ({}, SILENT),
        ({}, BY_LIST),
        ({}, {"serialNumber": "1"}),
        ({}, {"keyUsage": "SIGN"}),
        ({}, {"valid": "yes"}),
        ({"valid": 1}, {}),
        ({"signers": []}, {}),
        ({"signers": [None]}, {}),
        ({"signers": "x"}, {}),
        ({"status": 500}, {}),
    ],
)
def test_answer_of_ncanode_that_is_none_is_its_fault(
    gost: str, said: dict[str, Any], node: Node, whole: Any, certificate: Any
) -> None:
    said["signers"][0] |= certificate
    node.answer = said | whole

    with pytest.raises(Unavailable):
        judged(gost)


def test_xml_that_ncanode_cannot_read(gost: str, node: Node) -> None:
    node.status, node.answer = 400, {"status": 400, "message": "Bad XML"}
    assert refused(gost) == Refusal.MALFORMED

    node.answer = b"<html>Bad Request</html>"
    with pytest.raises(Misconfigured):
        judged(gost)


def test_certificate_of_a_signing_key_never_reaches_ncanode(
    gost: str, pki: Pki, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    signing = pki.key(PARENT, "sign").certificate.public_bytes(Encoding.DER)
    other = base64.b64encode(signing.replace(RSA_KEY_DER, GOST_KEY_DER, 1)).decode()
    start, end = gost.index("X509Certificate>") + 16, gost.index("</ds:X509Certificate>")

    assert refused(gost[:start] + other + gost[end:]) == "NOT_AUTH_KEY"
    assert node.asked == []
