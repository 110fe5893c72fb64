"""Personal-data access control (КДК, 1414): ask for consent, learn the answer (R37-R40, R57, R58)."""

from dataclasses import dataclass
from enum import StrEnum


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
    the reference to ask the status with. scope: "applicant" or "child"."""
    raise NotImplementedError


def status(reference: str) -> ConsentAnswer:
    raise NotImplementedError
