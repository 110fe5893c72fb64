"""How much working time is left until a due time, or has passed since, in words (R119-R121)."""

from datetime import datetime, timedelta
from functools import lru_cache

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from schools import calendar
from schools.calendar import Days

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def in_words(due: datetime, *, now: datetime, days: Days) -> str:
    """As the school's clock counts: nights, days off and holidays take none of it."""
    if now < due:
        left = calendar.between(now, due, days)
        return _("%(time)s қалды") % {"time": _span_of(left + MINUTE - timedelta(microseconds=1))}
    late = calendar.between(due, now, days)
    if late < MINUTE:
        return _("мерзімі жаңа ғана өтті")
    return _("кешікті: %(time)s") % {"time": _span_of(late)}


def _span_of(time: timedelta) -> str:
    least = MINUTE if time < calendar.DAY else calendar.DAY
    return _span(time // least * least, get_language())


@lru_cache(maxsize=2048)
def _span(time: timedelta, _language: str | None) -> str:
    """In whole working days, below one in hours and minutes: of few words, which lists of many repeat."""
    if days := time // calendar.DAY:
        return ngettext("%(count)s жұмыс күні", "%(count)s жұмыс күні", days) % {"count": days}
    hours, minutes = time // HOUR, time % HOUR // MINUTE
    told = [ngettext("%(count)s сағат", "%(count)s сағат", hours) % {"count": hours}] if hours else []
    if minutes or not hours:
        told.append(ngettext("%(count)s минут", "%(count)s минут", minutes) % {"count": minutes})
    return " ".join(told)
