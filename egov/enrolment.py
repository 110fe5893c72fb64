"""The national education database: is the child already a pupil (R53, D24)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Enrolment:
    school_bin: str
    school_kk: str
    school_ru: str
    grade: int  # 0 is preschool, 1-11 school
    letter: str  # of the class, may be ""


def current(child_iin: str, *, consent_token: str) -> Enrolment | None:
    """Where the child is enrolled today, preschool included; None when nowhere. Raises Unavailable."""
    raise NotImplementedError
