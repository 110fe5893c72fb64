"""The national education database: is the child already a pupil (R53, D24)."""

from dataclasses import dataclass

from lxml import etree

from egov import smartbridge
from egov.errors import Unavailable
from egov.gate import Gate
from egov.smartbridge import ROUND_SECONDS, each, text

GATE = Gate("enrolment")
LAST_GRADE = 12


@dataclass(frozen=True)
class Enrolment:
    school_bin: str
    school_kk: str
    school_ru: str
    grade: int  # 0 is preschool, 1-11 school
    letter: str  # of the class, may be ""


def current(
    child_iin: str, *, consent_token: str = "", public_key: str = "", on_paper: bool = False
) -> Enrolment | None:
    """Where the child is enrolled today, preschool included; None when nowhere. `on_paper`: the parent
    consented in writing, at a school, and there is no token of 1414. Waits for ROUND_SECONDS at the most.

    Raises Unavailable, Refused (no valid consent).
    """
    fields = {"iin": child_iin, "kdpToken": consent_token, "publicKey": public_key}
    if on_paper:
        fields["consentBasis"] = "PAPER"
    data = smartbridge.send("enrolment", fields, repeat=True, seconds=ROUND_SECONDS)
    if text(data, "iin") != child_iin:
        raise Unavailable("enrolment", "not the child who was asked for")
    found = each(data, "enrolment")
    if not found:
        return None
    return max(map(_enrolment, found), key=lambda one: one.grade)  # a school counts, whatever stands first


def _enrolment(element: etree._Element) -> Enrolment:
    return Enrolment(
        school_bin=GATE.digits(text(element, "organisationBin"), "organisationBin", limit=12),
        school_kk=GATE.line(text(element, "organisationNameKz"), "organisationNameKz", limit=500),
        school_ru=GATE.line(text(element, "organisationNameRu"), "organisationNameRu", limit=500),
        grade=GATE.integer(text(element, "grade"), "grade", low=0, high=LAST_GRADE),
        letter=GATE.line(text(element, "letter"), "letter", limit=20),
    )
