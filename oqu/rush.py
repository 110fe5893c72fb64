"""What ops see of the waiting room (D68). Nobody's name is in it."""

from accounts.waiting import line
from accounts.waiting.line import Standing
from accounts.waiting.room import room
from accounts.waiting.terms import MINUTE

SILENT = "Redis does not answer: nobody is kept waiting"
LONG = 30 * MINUTE  # who waits longer is stopped by us and not by the crowd


def faults() -> list[str]:
    """For `manage.py health`: a room that is wanted and can keep nobody."""
    return [SILENT] if line.is_wanted() and room.standing() is None else []


def in_words(standing: Standing | None) -> str:
    if standing is None:
        return SILENT if line.is_kept() else "no Redis is set: nobody is kept waiting"
    return (
        f"{'on' if standing.on else 'off'} (mode {standing.mode}): {standing.waiting} wait, "
        f"{standing.inside} inside, {standing.let_in} let in in the last minute, "
        f"the first has waited {standing.longest} s, "
        f"at most {standing.rate} a minute go in"
    )
