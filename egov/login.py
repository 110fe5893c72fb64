"""Sign-in through eGov: plain OAuth2, authorization code (R29-R36)."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from egov import formats, gate, http
from egov import iin as numbers
from egov.errors import EgovError, Misconfigured, Refused, Unavailable
from egov.gate import Gate

SYSTEM = "login"
SCOPE = "user:basic:read user:phone:read"
PHONE_SECONDS = 2.0  # nobody waits longer for what they can sign in without
MAX_BYTES = 64 * 1024
# What the token endpoint says no with (RFC 6749, 5.2): of the code itself, or of the portal that brings it.
STALE = {"invalid_grant"}
OURS = {
    "invalid_client",
    "unauthorized_client",
    "invalid_request",
    "invalid_scope",
    "unsupported_grant_type",
    "redirect_uri_mismatch",
}
MAX_TOKEN = 4096
ABSENT = object()
GATE = Gate(SYSTEM)


@dataclass(frozen=True)
class Identity:
    """Whom eGov says has signed in. Of the name, "" is a part that was left out; only a patronymic can be
    none. The phone is the one in the Mobile Citizens Database: "" when it has none of this person, None when
    eGov did not tell.
    """

    iin: str
    surname: str
    name: str
    patronymic: str | None  # "": the person has none any more; None: it was left out
    birth_date: date | None
    phone: str | None  # E.164


def authorize_url(*, state: str, redirect_uri: str, lang: str) -> str:
    """The eGov page to send the browser to."""
    query = {
        "response_type": "code",
        "client_id": settings.EGOV_CLIENT_ID,
        "redirect_uri": redirect_uri,
        "state": state,
        "scope": SCOPE,
        "lang": lang,
    }
    return f"{settings.EGOV_IDP_URL}/oauth/authorize?{urlencode(query)}"


def identify(*, code: str, redirect_uri: str) -> Identity:
    """Exchange the code for the person. Raises Refused (wrong, expired or replayed code), Misconfigured
    (eGov does not know the portal), Unavailable, Unreadable when eGov tells of nobody who can be let in."""
    token = _token(code=code, redirect_uri=redirect_uri)
    answer = _resource("basic", token=token, timeout=settings.EGOV_TIMEOUT)
    person = GATE.mapping(answer.get("person", answer), "person")  # some answers come flat
    iin = GATE.iin(person.get("iin"))
    return Identity(
        iin=iin,
        surname=GATE.name(person.get("surname"), "surname"),
        name=GATE.name(person.get("name"), "name"),
        patronymic=GATE.patronymic(person["patronymic"]) if "patronymic" in person else None,
        birth_date=formats.day(_text(person, "birthDate")) or numbers.birth_date(iin),
        phone=_phone(token=token),
    )


def knock(*, redirect_uri: str) -> None:
    """Does eGov know the portal? Asked with a code that it has given to nobody. Raises as `identify`; Refused
    is the answer of who knows us."""
    _token(code="-", redirect_uri=redirect_uri, knock=True)


def _token(*, code: str, redirect_uri: str, knock: bool = False) -> str:
    """A code is good once, so this call is never repeated."""
    answer = http.call(
        "POST",
        f"{settings.EGOV_IDP_URL}/oauth/token",
        system=SYSTEM,
        data={
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "client_id": settings.EGOV_CLIENT_ID,
        },
        auth=(settings.EGOV_CLIENT_ID, settings.EGOV_CLIENT_SECRET),
        max_bytes=MAX_BYTES,
        accept=(400, 401),
        knock=knock,
    )
    body = _object(answer)
    if "error" in body or answer.status != 200:
        raise _no(gate.code(_text(body, "error")), status=answer.status)
    token = GATE.token(body.get("access_token"), "access_token", limit=MAX_TOKEN)
    if not token:
        raise Unavailable(SYSTEM, "no token in the answer")
    return token


def _no(error: str, *, status: int) -> EgovError:
    """A word that nobody knows says nothing of the person's code, so it ends nothing."""
    detail = error[:40] or f"HTTP {status}"
    if error in STALE:
        return Refused(SYSTEM, detail)
    return Misconfigured(SYSTEM, detail) if error in OURS or status == 401 else Unavailable(SYSTEM, detail)


def _phone(*, token: str) -> str | None:
    """The phone is welcome but not needed: without it people still sign in. A field that stands there empty
    says that there is no number; one left out, or one that holds anything but a number, says nothing."""
    try:
        answer = _resource("phone", token=token, timeout=min(PHONE_SECONDS, settings.EGOV_TIMEOUT))
    except EgovError:
        return None
    if answer.get("phone", ABSENT) in ("", None):
        return ""
    return formats.mobile(_text(answer, "phone")) or None


def _resource(name: str, *, token: str, timeout: float) -> dict[str, Any]:
    answer = http.call(
        "GET",
        f"{settings.EGOV_IDP_URL}/resource/user/{name}",
        system=SYSTEM,
        headers={"Authorization": f"Bearer {token}"},
        timeout=timeout,
        max_bytes=MAX_BYTES,
        repeat=True,
    )
    return _object(answer)


def _object(answer: http.Answer) -> dict[str, Any]:
    body = answer.json()
    if not isinstance(body, dict):
        raise Unavailable(SYSTEM, "not an object")
    return body


def _text(values: dict[str, Any], name: str) -> str:
    """Missing and null are both nothing; a number is what a careless system makes of a phone."""
    value = values.get(name)
    return str(value).strip() if isinstance(value, str | int) else ""
