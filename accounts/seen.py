"""A form remembers what was stored when it was shown, so that one from an older window undoes nothing.

The form carries a mark of the answers it was shown with. Sent after somebody has stored another answer, it is
shown again: with what is stored now, what was typed, and a fresh mark, so that pressing again is a decision.
"""

import hashlib
import json
from collections.abc import Mapping

FIELD = "seen"


class Stale(Exception):
    """The answers were changed since the form was shown; nothing was written."""


def mark(answers: Mapping[str, object]) -> str:
    told = json.dumps(answers, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def demand(seen: str, *, stored: Mapping[str, object], wanted: Mapping[str, object]) -> None:
    """Under the lock of the row: that nobody has stored another answer than is wanted since the form was
    shown. A form without a mark was shown before there were any. Raises Stale."""
    if not seen or seen == mark(stored):
        return
    if any(stored[name] != value for name, value in wanted.items()):
        raise Stale
