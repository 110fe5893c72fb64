"""How long one waits, in words never more hopeful than what is known, and when to look again (D68)."""

import math
import secrets

from django.utils.translation import gettext as _

from accounts.waiting.terms import JITTER, LATEST, MINUTE, SOONEST

HOUR = 60  # minutes
UNKNOWN_RELOAD = 30  # seconds


def minutes(before: int, per_minute: float | None) -> int | None:
    """Until the turn of who has so many before them; rounded up, and the coarser the longer it is."""
    if not per_minute:
        return None
    exact = math.ceil((before + 1) / per_minute)
    step = 1 if exact <= 10 else 5 if exact <= HOUR else 30
    return math.ceil(exact / step) * step


def in_words(wait: int | None) -> str:
    if wait is None:
        return _("Қанша күтетініңізді әзірге айту мүмкін емес.")
    if wait <= 1:
        return _("Бір минуттай күтесіз.")
    if wait < HOUR:
        return _("Шамамен %(minutes)s минут күтесіз.") % {"minutes": wait}
    hours, rest = divmod(wait, HOUR)
    if rest:
        return _("Шамамен %(hours)s сағат %(minutes)s минут күтесіз.") % {"hours": hours, "minutes": rest}
    return _("Шамамен %(hours)s сағат күтесіз.") % {"hours": hours}


def reload_without_a_place() -> int:
    """Seconds after which who got none asks for one; a minute's number of them is spread over it."""
    return SOONEST + secrets.randbelow(MINUTE)


def reload_after(wait: int | None) -> int:
    """Seconds until the page looks again: an eighth of the wait, and not everybody at once."""
    base = UNKNOWN_RELOAD if wait is None else min(LATEST, max(SOONEST, wait * MINUTE // 8))
    return base + secrets.randbelow(int(base * JITTER) + 1)
