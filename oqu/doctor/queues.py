"""How long the queues are, how late and how much was given up (D61)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from applications import queues
from notifications import life, outbox
from notifications.queue import Standing
from oqu.doctor.findings import Asked, Detail, Finding
from oqu.doctor.kinds import Code

PATIENCE = timedelta(minutes=5)
NAMES: dict[str, str | Promise] = {
    "sms": _("SMS хабарламалар"),
    "email": _("Электрондық хаттар"),
    "notice": _("eGov хабарламалары"),
    "papers": _("Мөрленген құжаттар"),
    "originals": _("Қол қойылатын құжаттар"),
    "medical": _("Медициналық құжаттар"),
    "families": _("Отбасы деректері бар файлдар"),
    "tables": _("Үлкен кестелер"),
}
DEAD = {"papers": Code.DEAD_PAPERS, "families": Code.DEAD_ORDERS, "tables": Code.DEAD_ORDERS}


@dataclass(frozen=True)
class Line:
    """One queue, as the page shows it."""

    name: str
    standing: Standing

    @property
    def title(self) -> str:
        return str(NAMES[self.name])


def lines(*, now: datetime) -> list[Line]:
    every = outbox.standings(now=now) | queues.standings(now=now)
    return [Line(name, standing) for name, standing in every.items()]


def worker(asked: Asked) -> list[Finding]:
    """Beat too: what it does not order, the worker does not write down."""
    return asked.found(Code.WORKER_SILENT, [], count=life.worker_is_silent(now=asked.now))


def late(asked: Asked) -> list[Finding]:
    """Where a system outside has stopped the queue, that system is the finding."""
    found = [
        Detail(f"{line.name}: {line.standing.waiting} wait")
        for line in lines(now=asked.now)
        if line.standing.is_late(now=asked.now, patience=PATIENCE)
    ]
    return asked.found(Code.STUCK, found)


def dead(asked: Asked) -> list[Finding]:
    """Counted by what brings them back to life."""
    counts: dict[Code, list[Detail]] = {}
    totals: dict[Code, int] = {}
    for line in lines(now=asked.now):
        if line.standing.dead:
            code = DEAD.get(line.name, Code.DEAD_MESSAGES)
            counts.setdefault(code, []).append(Detail(f"{line.name}: {line.standing.dead}"))
            totals[code] = totals.get(code, 0) + line.standing.dead
    return [one for code in counts for one in asked.found(code, counts[code], count=totals[code])]
