"""The medical information system: forms 065/у and 052-2/у as files (R86, R87)."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class MedicalPaper:
    content: bytes  # PDF
    issued_on: date | None
    clinic: str


def fetch(child_iin: str, form: str, *, consent_token: str) -> MedicalPaper | None:
    """The child's paper; form is "065/у" or "052-2/у"; None when the system has none. Raises Unavailable,
    Refused (no valid consent)."""
    raise NotImplementedError
