"""Why a document is not signed. A reason is a code of one of five kinds, and no two are written alike: the
signature is refused, the application has met an obstacle, it is not for this person's hands, a decision is
not corrected, or one of the outcomes below.
"""

from enum import StrEnum

from applications.eligibility import Code
from applications.hands import Bar
from applications.stops import Stop
from egov.eds import Refusal


class Outcome(StrEnum):
    # nothing is wrong with the signature: it may be sent again
    UNAVAILABLE = "UNAVAILABLE"
    BUSY = "BUSY"
    # there is no document
    UNDRAWN = "UNDRAWN"
    # there is no signature
    CANCELLED = "CANCELLED"
    MISSING = "MISSING"
    RENEWED = "RENEWED"  # the person has asked for a new QR, so the old one is worth nothing
    # found by applications/signing/overtaken.py
    FILED = "FILED"
    WITHDRAWN = "WITHDRAWN"
    DECIDED = "DECIDED"
    RETURNED = "RETURNED"
    REPLACED = "REPLACED"
    WITHDRAWAL_OVER = "WITHDRAWAL_OVER"
    NOT_ALLOWED = "NOT_ALLOWED"  # the state has changed in a way that none of these names
    # said to a phone that comes once more
    SIGNED = "SIGNED"


Reason = Outcome | Refusal | Code | Bar | Stop
ALL: tuple[Reason, ...] = (*Outcome, *Refusal, *Code, *Bar, *Stop)
_BY_CODE: dict[str, Reason] = {str(reason): reason for reason in ALL}

PASSING = frozenset({Outcome.UNAVAILABLE, Outcome.BUSY})


def read(code: str) -> Reason | None:
    """A reason as a row keeps it; None when there is none."""
    return _BY_CODE.get(code)
