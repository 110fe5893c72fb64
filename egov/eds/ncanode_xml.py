"""A login in GOST: the question to NCANode and every doubt about its answer. The form of the XML is ours to
read (`login_xml.py`); NCANode says whether the signature holds and whether the certificate does."""

from contextlib import suppress
from typing import Any

from django.conf import settings

from egov import http
from egov.eds.login_xml import Login
from egov.eds.verdict import Refusal, SignatureRefused
from egov.errors import EgovError, Misconfigured, Unavailable

REVOCATION, UNREADABLE = "OCSP", 400
USAGE = "AUTH"
MAX_ANSWER_BYTES = 256 * 1024


def verify(login: Login) -> None:
    """Raises SignatureRefused, Unavailable."""
    answer = _ask(login)
    try:
        _judge(answer, serial=login.certificate.serial_number)
    except EgovError:
        raise
    except Exception:  # no verdict in NCANode's own words: its fault, and no signature is bad by it
        raise _nonsense() from None


def _ask(login: Login) -> dict[str, Any]:
    if not settings.NCANODE_URL:
        raise SignatureRefused(Refusal.GOST_OFF)
    answer = http.call(
        "POST",
        settings.NCANODE_URL + "/xml/verify",
        system="ncanode",
        json={"xml": login.xml.decode(), "revocationCheck": [REVOCATION]},
        max_bytes=MAX_ANSWER_BYTES,
        repeat=True,
        accept=(UNREADABLE,),
    )
    with suppress(Unavailable):
        body = answer.json()
        if isinstance(body, dict) and body.get("status") == answer.status:
            if answer.status == UNREADABLE:
                raise SignatureRefused(Refusal.MALFORMED)
            return body
    if answer.status == UNREADABLE:  # of whatever stands before it
        raise Misconfigured("ncanode", f"HTTP {answer.status}")
    raise _nonsense()


def _judge(answer: dict[str, Any], *, serial: int) -> None:
    (certificate,) = answer["signers"]  # one signature was in it
    if int(certificate["serialNumber"], 16) != serial or certificate["keyUsage"] != USAGE:
        raise _nonsense()  # we have read another certificate, or another usage in it
    revocations = [one for one in certificate.get("revocations") or [] if one.get("by") == REVOCATION]
    if any(_said(one["revoked"]) for one in revocations):
        raise SignatureRefused(Refusal.REVOKED)
    if not revocations or any(one.get("reason") != "OK" for one in revocations):
        raise Unavailable("ncanode", "revocation not answered")
    if not _said(certificate["valid"]):
        raise SignatureRefused(Refusal.UNKNOWN_CA)
    if not _said(answer["valid"]):
        raise SignatureRefused(Refusal.BAD_SIGNATURE)


def _said(value: Any) -> bool:
    """Yes or no, in words of the protocol."""
    if not isinstance(value, bool):
        raise _nonsense()
    return value


def _nonsense() -> Unavailable:
    return Unavailable("ncanode", "no verdict in the answer")
