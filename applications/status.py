"""The statuses of an application and the moves between them (R102-R111, R113, R117, R118; D1, D2).

Only applications/lifecycle.py writes a status.
"""

from enum import Enum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    DRAFT = "DRAFT", _("Толтырылуда")
    IN_REVIEW = "IN_REVIEW", _("Тексеруде")
    SIGNING = "SIGNING", _("Қол қоюда")
    ACCEPTED = "ACCEPTED", _("Қабылданды")
    REFUSED = "REFUSED", _("Бас тартылды")
    WITHDRAWN = "WITHDRAWN", _("Кері қайтарып алынды")


NEXT: dict[Status, frozenset[Status]] = {
    Status.DRAFT: frozenset({Status.IN_REVIEW}),
    Status.IN_REVIEW: frozenset({Status.SIGNING, Status.ACCEPTED, Status.REFUSED, Status.WITHDRAWN}),
    Status.SIGNING: frozenset({Status.IN_REVIEW, Status.ACCEPTED, Status.REFUSED, Status.WITHDRAWN}),
    Status.ACCEPTED: frozenset({Status.WITHDRAWN}),
    Status.REFUSED: frozenset(),
    Status.WITHDRAWN: frozenset(),
}

# Holds a seat, blocks a second application for the child (D4), and may be withdrawn (R118): one set.
ACTIVE = frozenset({Status.IN_REVIEW, Status.SIGNING, Status.ACCEPTED})
UNDER_REVIEW = frozenset({Status.IN_REVIEW, Status.SIGNING})
CLOSED = frozenset({Status.REFUSED, Status.WITHDRAWN})  # may be applied for again (R109, R116)
# The school has answered. From one to the other there is no move but by a correction (D54).
DECIDED = frozenset({Status.ACCEPTED, Status.REFUSED})


class Sight(Enum):
    """How much of an application its school is shown."""

    WHOLE = "whole"
    OUTCOME = "outcome"  # the number, the dates and the reason: nothing of the child, no document, no paper
    NOTHING = "nothing"


def sight_of_school(status: Status, *, season_over: bool) -> Sight:
    """D43: a school looks into an application while it works on it or has accepted the child. Of a refused or
    a withdrawn one it keeps the outcome, and when the year's intake is over, nothing. What still waits for an
    answer then is still to be answered."""
    if status in ACTIVE:
        return Sight.WHOLE
    return Sight.NOTHING if status == Status.DRAFT or season_over else Sight.OUTCOME
