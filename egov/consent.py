"""Personal-data access control (КДК, 1414): ask for consent, learn the answer (R37-R40, R57, R58)."""

from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings

from egov import smartbridge
from egov.errors import Unavailable
from egov.gate import Gate
from egov.smartbridge import text

# What the SMS from 1414 says the data are wanted for.
ACCESS = {"applicant": "OQU_APPLICANT", "child": "OQU_CHILD"}


GATE = Gate("consent")
MAX_REFERENCE = 64  # as wide as its column
MAX_TOKEN = 8192


class Answer(StrEnum):
    PENDING = "PENDING"
    GRANTED = "GRANTED"
    DENIED = "DENIED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True)
class ConsentAnswer:
    answer: Answer
    token: str = ""  # opens the data services for this consent
    public_key: str = ""


def request(iin: str, *, subject_iin: str, scope: str) -> str:
    """Have 1414 ask the person `iin` by SMS for consent about `subject_iin` (their own or a child's);
    the reference to ask the status with. scope: "applicant" or "child".

    Raises Refused (detail NO_PHONE when the Mobile Citizens Database has no number of theirs),
    Unavailable. It is never repeated by itself, for each request is one more SMS.
    """
    fields = {
        "uin": iin,
        "subject_uin": subject_iin,
        "company": "OQU",
        "company_bin": settings.PORTAL_BIN,
        "access_name": ACCESS[scope],
        "expiresIn": str(settings.CONSENT_ANSWER_SECONDS * 1000),
        "omit-sms": "false",
    }
    data = smartbridge.send("consent", fields, kind="getUserDataRequest")
    reference = GATE.token(text(data, "code"), "code", limit=MAX_REFERENCE)
    if not reference or reference.startswith("claim-"):  # our own mark of a request without one
        raise Unavailable("consent", "no reference in the answer")
    return reference


def status(reference: str, *, seconds: float | None = None) -> ConsentAnswer:
    """How the person answered; `seconds` is another patience than EGOV_TIMEOUT. Raises Refused when the
    reference is unknown, Unavailable."""
    data = smartbridge.send(
        "consent", {"code": reference}, kind="getConsentStatusRequest", repeat=True, seconds=seconds
    )
    try:
        answer = Answer(text(data, "status"))
    except ValueError:
        raise Unavailable("consent", "an unknown status") from None
    if answer is not Answer.GRANTED:
        return ConsentAnswer(answer)
    token = GATE.token(text(data, "token"), "token", limit=MAX_TOKEN)
    if not token:
        raise Unavailable("consent", "granted without a token")
    return ConsentAnswer(answer, token=token, public_key=_key(text(data, "public-key")))


def _key(value: str) -> str:
    """In one line or in several; it goes back as it came."""
    GATE.token("".join(value.split()), "public-key", limit=MAX_TOKEN)
    return value
