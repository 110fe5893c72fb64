"""How long the queues are, how late and how much was given up, and what waits for nobody (D61)."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.waiting import line
from accounts.waiting.room import room
from applications import queues, unheard
from notifications import life, shares, ways
from notifications.queue import Standing
from oqu import rush
from oqu.doctor.findings import Asked, Detail, Finding
from oqu.doctor.kinds import Code

NAMES: dict[str, str | Promise] = {
    "sms": _("SMS-хабарламалар"),
    "email": _("Электрондық хаттар"),
    "notice": _("eGov хабарламалары"),
    "papers": _("Мөр басылған құжаттар"),
    "originals": _("Қол қойылатын құжаттар"),
    "ahead": _("Алдын ала дайындалатын құжаттар"),
    "medical": _("Медициналық құжаттар"),
    "families": _("Отбасы деректері бар файлдар"),
    "tables": _("Үлкен кестелер"),
}
OF_BATCHES = ("originals", "ahead")  # they end with their batch, and nothing of them is given up
DEAD = {"papers": Code.DEAD_PAPERS, "families": Code.DEAD_ORDERS, "tables": Code.DEAD_ORDERS}


@dataclass(frozen=True)
class Line:
    """One queue, as the page shows it."""

    name: str
    standing: Standing

    @property
    def may_be_tried(self) -> bool:
        """By ops at once (D77)."""
        return self.name not in OF_BATCHES

    @property
    def title(self) -> str:
        return str(NAMES[self.name])


def lines(*, now: datetime) -> list[Line]:
    return [Line(name, standing) for name, standing in queues.every(now=now).items()]


def worker(asked: Asked) -> list[Finding]:
    """Beat too: what it does not order, the worker does not write down."""
    return asked.of_lines(Code.WORKER_SILENT, life.silent(now=asked.now))


def standing(asked: Asked) -> list[Finding]:
    """Work that is late, and what was given up. Where a system outside has stopped a queue, that system is
    the finding."""
    every = lines(now=asked.now)
    late = [one for one in every if one.standing.is_late(now=asked.now, patience=queues.PATIENCE)]
    found = asked.of_lines(Code.STUCK, [f"{one.name}: {one.standing.waiting} wait" for one in late])
    for one in every:
        code = DEAD.get(one.name, Code.DEAD_MESSAGES)
        details = [Detail(one.name)] if one.standing.dead else []
        found += asked.found(code, details, count=one.standing.dead, soon=one.name in ways.BESIDE)
    return found


def arriving(asked: Asked) -> list[Finding]:
    return asked.of_lines(Code.UNDELIVERED, shares.faults(now=asked.now))


def appeals(asked: Asked) -> list[Finding]:
    """D73: by the schools whose refusals they are about."""
    waiting, coming = unheard.with_department(now=asked.now), unheard.with_school(now=asked.now)
    return _unheard(asked, waiting) + _unheard(asked, coming, soon=True)


def _unheard(asked: Asked, found: list[unheard.Unheard], *, soon: bool = False) -> list[Finding]:
    details = [Detail(one.school.bin, one.school.name_kk, one.school.name_ru) for one in found]
    return asked.found(Code.NO_OFFICER, details, soon=soon)


def guarded(asked: Asked) -> list[Finding]:
    """Is there to be a waiting room where a region opens (D68)?"""
    found = rush.unguarded(now=asked.now)
    return asked.of_lines(Code.ROOM_OFF, [str(found.day)], soon=not found.is_near) if found else []


def people(asked: Asked) -> list[Finding]:
    """Who waits before the sign-in (D68): as it should be on the day of an opening, unless it takes long."""
    standing = room.standing()
    if standing is None:
        return asked.found(Code.NO_ROOM, [], count=line.is_wanted())
    details = [Detail(rush.in_words(standing))] if standing.waiting else []
    return asked.found(Code.CROWD, details, count=standing.waiting, soon=standing.longest < rush.LONG)
