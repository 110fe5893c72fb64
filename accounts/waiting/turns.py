"""The line of those who sign as their region opens, as it lies in Redis (D79). They are known to the portal,
so their place is by the application: no cookie holds it, and a second window has the same."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from accounts.waiting import line, terms
from accounts.waiting.line import Said

SCRIPT = (Path(__file__).parent / "turns.lua").read_text()
PARTS = ("state", "line", "here", "numbers", "came", "passed")
KEPT = 24 * 3600  # seconds after the last question


@dataclass(frozen=True)
class Turn:
    """How an application stands: WAIT, IN (for good), or NONE: nobody has pressed the button for it."""

    said: Said
    before: int  # how many of the line stand before it
    came_at: datetime | None  # when its place was taken


def ask(application: int, *, opens: datetime, joins: bool, rate: int, now: datetime) -> Turn:
    """One step of `turns.lua`; `joins`: who has no place takes one. Raises RedisError."""
    rules = {
        "opens": opens.timestamp(),
        "kept": KEPT,
        "rate": rate,
        "burst": terms.BURST,
        "absent": terms.ABSENT,
        "unseen": terms.UNSEEN,
        "unseen_a_minute": terms.UNSEEN_A_MINUTE,
        "most": terms.MOST,
    }
    keys = [_key(opens, part) for part in PARTS]
    told: list[str | float] = [json.dumps(rules), now.timestamp(), str(application), "1" if joins else "0"]
    said, before, came = line.step(SCRIPT, keys, told)
    return Turn(Said(said), before, datetime.fromtimestamp(float(came), tz=UTC) if came else None)


def waiting(opens: datetime) -> int:
    """How many stand in the line of this opening. Raises RedisError."""
    return line.length(_key(opens, "line"))


def _key(opens: datetime, part: str) -> str:
    return f"turns:{opens.timestamp():.0f}:{part}"
