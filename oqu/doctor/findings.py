"""What the doctor has found (D61): how urgent it is, how many, and the first of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.db.models import QuerySet
from django.utils import timezone

from oqu.doctor.kinds import KINDS, Code, Kind
from schools.models import Locality, School

MOST_DETAILS = 20


class Urgency(StrEnum):
    """NOW: a parent is stopped today, or goes without an answer, a message or a paper. SOON: not yet."""

    NOW = "NOW"
    SOON = "SOON"


@dataclass(frozen=True)
class Detail:
    """One of what was found: a school or a region by its number and names, or a line for people of ops."""

    code: str
    name_kk: str = ""
    name_ru: str = ""

    def __str__(self) -> str:
        return f"{self.code} {self.name_kk}".rstrip()


@dataclass(frozen=True)
class Finding:
    """Plain facts, so that it may lie in a cache; nothing in it is about a person."""

    code: Code
    urgency: Urgency
    year: int
    count: int
    details: tuple[Detail, ...]

    @property
    def kind(self) -> Kind:
        return KINDS[self.code]

    @property
    def english(self) -> str:
        return self.kind.english.format(year=self.year)

    @property
    def mend(self) -> str:
        return self.kind.mend.format(year=self.year)

    @property
    def more(self) -> int:
        """How many are not among the details, of which there are no more than fit."""
        return self.count - MOST_DETAILS if len(self.details) == MOST_DETAILS else 0


@dataclass(frozen=True)
class Asked:
    """When the doctor looks, and at the intake of which year; `by_name`: somebody has named the year."""

    now: datetime
    year: int
    by_name: bool = False

    @property
    def today(self) -> date:
        return timezone.localdate(self.now)

    def found(
        self, code: Code, details: Sequence[Detail], *, count: int | None = None, soon: bool = False
    ) -> list[Finding]:
        """Nothing where there is nothing; of many the first are named; a yes is one."""
        urgency = Urgency.SOON if soon else Urgency.NOW
        count = len(details) if count is None else int(count)
        return [Finding(code, urgency, self.year, count, tuple(details[:MOST_DETAILS]))] if count else []

    def of_lines(self, code: Code, lines: Sequence[str], *, soon: bool = False) -> list[Finding]:
        return self.found(code, [Detail(line) for line in lines], soon=soon)

    def of_rows(
        self, code: Code, rows: QuerySet[School] | QuerySet[Locality], *, soon: bool = False
    ) -> list[Finding]:
        """Schools or regions."""
        details = [Detail(_number(one), one.name_kk, one.name_ru) for one in rows[:MOST_DETAILS]]
        count = rows.count() if len(details) == MOST_DETAILS else len(details)
        return self.found(code, details, count=count, soon=soon)


def _number(one: School | Locality) -> str:
    return one.bin if isinstance(one, School) else one.kato
