"""What must stand before the first parent comes, in the order in which one leans on the other. Every step
says how it stands; one of which nothing is there is brought by the command that brings it anyway. What stands
is never touched: others may have changed it since."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.utils import timezone

from accounts import vault
from applications.models import Ground
from applications.papers import keys
from oqu.setup.answers import OPS, Wanted
from schools import appointing, calendar, classifier, dates, readiness
from schools.appointing import Post
from schools.models import Holiday, Language, Locality, Period, Role, StaffMember, StreetAlias
from schools.tables import read_table


@dataclass(frozen=True)
class Asked:
    """When somebody sets up, which year, and where the commands speak."""

    now: datetime
    year: int
    out: Any
    err: Any

    def call(self, name: str, *arguments: Any) -> None:
        call_command(name, *arguments, stdout=self.out, stderr=self.err)


@dataclass(frozen=True)
class Standing:
    """How a step stands: in words, whether anything is there, and whether the portal may do without."""

    words: str
    is_there: bool
    may_wait: bool = False

    @property
    def is_missing(self) -> bool:
        return not (self.is_there or self.may_wait)


@dataclass(frozen=True)
class Step:
    name: str
    look: Callable[[Asked], Standing]
    bring: Callable[[Asked, Any], None]
    wanted: Wanted | None = None  # nothing is asked where the portal brings it by itself


def _counted(count: int, what: str, *, may_wait: bool = False) -> Standing:
    return Standing(f"{count} {what}" if count else "none", bool(count), may_wait)


def _languages(_asked: Asked) -> Standing:
    return _counted(Language.objects.count(), "languages of instruction")


def _grounds(_asked: Asked) -> Standing:
    return _counted(Ground.objects.in_force().count(), "grounds of a refusal in force")


def _keys(asked: Asked) -> Standing:
    found = keys.faults(now=asked.now) + vault.faults()
    return Standing("; ".join(found) or "in order", not found)


def _places(_asked: Asked) -> Standing:
    known = set(Locality.objects.values_list("kato", flat=True))
    own = {row["kato"] for _number, row in read_table(classifier.EXTRACT, required={"kato"}, key="kato")}
    note = ", the extract alone: `load_kato FILE` brings the whole" if known and known <= own else ""
    return _counted(len(known), f"places{note}")


def _dates(asked: Asked) -> Standing:
    there = Period.objects.filter(year=asked.year).count()
    missing = readiness.regions_without_dates(asked.year).count()
    note = f", {missing} without: `load_periods {asked.year} FILE` brings theirs" if missing else ""
    return _counted(there, f"regions have dates of {asked.year}{note}")


def _holidays(asked: Asked) -> Standing:
    missing = calendar.years_without_days(timezone.localdate(asked.now), year=asked.year)
    if missing:
        return Standing(f"none of {', '.join(map(str, missing))}", is_there=False)
    return _counted(Holiday.objects.count(), "days off and moved working days")


def _street_names(_asked: Asked) -> Standing:
    return _counted(StreetAlias.objects.filter(school=None).count(), "pairs of names", may_wait=True)


def _ops(_asked: Asked) -> Standing:
    return _counted(StaffMember.objects.filter(role=Role.OPS).count(), "of ops")


def _load(command: str) -> Callable[[Asked, list[Path]], None]:
    return lambda asked, files: asked.call(command, *files)


def _load_dates(asked: Asked, files: list[Path]) -> None:
    asked.call("load_periods", asked.year, *files)


def _appoint(asked: Asked, iin: str) -> None:
    """As `staff add OPS` does, which asks for the IIN by itself."""
    appointing.appoint(iin, Post(Role.OPS), by=None, now=asked.now)
    asked.out.write("the post is given; they sign in through eGov")


OFF = f"days off; Enter for those of {', '.join(path.stem[-4:] for path in dates.official_holidays())}"

STEPS = (
    Step("languages", _languages, _load("load_languages")),
    Step("grounds", _grounds, lambda asked, _nothing: asked.call("load_grounds")),
    Step("keys", _keys, lambda asked, _nothing: asked.call("keys", "ensure")),
    Step(
        "kato", _places, _load("load_kato"),
        Wanted("the classifier of places (KATO); Enter for the extract: regions and large cities", True),
    ),
    Step(
        "periods", _dates, _load_dates,
        Wanted(f"the regions' filing dates; Enter for the official ones of {dates.OFFICIAL_YEAR}", True),
    ),
    Step("holidays", _holidays, _load("load_holidays"), Wanted(OFF, True, several=True)),
    Step(
        "street_names", _street_names, _load("load_street_names"),
        Wanted("second names of streets; Enter for none", needed=False),
    ),
    Step(OPS, _ops, _appoint, Wanted("the IIN of the first person of ops")),
)  # fmt: skip
