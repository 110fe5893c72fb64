"""The national education database: is the child already a pupil (R53, D24)."""

from dataclasses import dataclass

from egov import smartbridge
from egov.errors import Unavailable
from egov.smartbridge import each, text


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
    consented in writing, at a school, and there is no token of 1414.

    Raises Unavailable, Refused (no valid consent).
    """
    fields = {"iin": child_iin, "kdpToken": consent_token, "publicKey": public_key}
    if on_paper:
        fields["consentBasis"] = "PAPER"
    data = smartbridge.send("enrolment", fields, repeat=True)
    if text(data, "iin") != child_iin:
        raise Unavailable("enrolment", "not the child who was asked for")
    found = each(data, "enrolment")
    if not found:
        return None
    grade = text(found[0], "grade")
    if not (grade.isascii() and grade.isdigit()):
        raise Unavailable("enrolment", "no grade in the answer")
    return Enrolment(
        school_bin=text(found[0], "organisationBin"),
        school_kk=text(found[0], "organisationNameKz"),
        school_ru=text(found[0], "organisationNameRu"),
        grade=int(grade),
        letter=text(found[0], "letter"),
    )
