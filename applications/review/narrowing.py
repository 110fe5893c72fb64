"""The department's list of schools as its officer wants it: a part of it, a place, a name, an order. All
of it stands in the address: it tells nothing of a person."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from applications.review.oversight import Row
from applications.review.search import plain
from schools import kazakh
from schools.models import Locality, School

PARTS: dict[str, Callable[[Row], bool]] = {
    "all": lambda row: True,
    "overdue": lambda row: bool(row.overdue),
    "long": lambda row: row.is_long_overdue,
    "full": lambda row: row.is_full,
    "unannounced": lambda row: row.awaits_seats,
}


@dataclass(frozen=True)
class Column:
    """What the list is sorted by. Of a number the largest comes first, unless it is asked otherwise."""

    name: str | Promise
    key: Callable[[Row], Any]
    is_number: bool = True


COLUMNS = {
    "name": Column(_("Мектеп"), lambda row: row.school.sort_kk, is_number=False),
    "locality": Column(_("Елді мекен"), lambda row: row.school.locality.sort_kk, is_number=False),
    "waiting": Column(_("Қарауды күтеді"), lambda row: row.waiting),
    "overdue": Column(_("Мерзімі өткен"), lambda row: (row.overdue, row.days_late)),
    "accepted": Column(_("Қабылданды"), lambda row: row.accepted),
    "refused": Column(_("Бас тартылды"), lambda row: row.refused),
    "seats": Column(_("Орындар"), lambda row: row.filled),
}


@dataclass(frozen=True)
class Heading:
    """A column's head: the order that a press on it gives, and the one that it stands in."""

    name: str | Promise
    query: str
    sorted: str  # ascending, descending or ""


@dataclass(frozen=True)
class Narrowing:
    """Anything unknown in the address means no filter."""

    view: str = "all"
    district: str = ""
    locality: str = ""
    q: str = ""
    sort: str = ""  # a column, behind a minus the largest first; without it the longest overdue first
    page: int = 1

    @classmethod
    def read(cls, query: QueryDict) -> "Narrowing":
        view, sort, page = (query.get(name, "") for name in ("view", "sort", "page"))
        return cls(
            view=view if view in PARTS else "all",
            district=_code(query.get("district", "")),
            locality=_code(query.get("locality", "")),
            q=plain(query.get("q", "")),
            sort=sort if sort.removeprefix("-") in COLUMNS else "",
            page=int(page) if re.fullmatch(r"[1-9]\d{0,4}", page, re.ASCII) else 1,
        )

    @property
    def asked(self) -> dict[str, str]:
        """What the address has to carry to lead back here; the view always, by it a place is known."""
        names = ("district", "locality", "q", "sort")
        carried = {name: getattr(self, name) for name in names if getattr(self, name)}
        return {"view": self.view} | carried | ({"page": str(self.page)} if self.page > 1 else {})

    @property
    def query(self) -> str:
        return urlencode(self.asked)

    @property
    def is_narrowed(self) -> bool:
        return bool(self.district or self.locality or self.q)

    def of_view(self, view: str) -> "Narrowing":
        return replace(self, view=view, page=1)

    def rows(self, every: Iterable[Row]) -> list[Row]:
        """Those wanted, in the order wanted; what is equal stays as it stood."""
        found = [row for row in self.here(every) if PARTS[self.view](row)]
        if not self.sort:
            return found
        return sorted(found, key=COLUMNS[self.sort.removeprefix("-")].key, reverse=self.sort[0] == "-")

    def here(self, every: Iterable[Row]) -> list[Row]:
        """In the place and of the name, of every part: what the counters of the parts count."""
        words = kazakh.fold(self.q).split()
        return [
            row
            for row in every
            if (not self.district or row.district.pk == self.district)
            and (not self.locality or row.school.locality_id == self.locality)
            and is_called(row.school, words)
        ]

    def counters(self, every: Iterable[Row]) -> dict[str, int]:
        found = self.here(every)
        return {view: sum(map(wanted, found)) for view, wanted in PARTS.items()}

    @staticmethod
    def orders() -> list[tuple[str, str]]:
        """For a list to choose from, where there are no heads of columns: a number's largest first."""
        return [
            (f"-{name}" if column.is_number else name, str(column.name)) for name, column in COLUMNS.items()
        ]

    def headings(self) -> dict[str, Heading]:
        return {name: self._heading(name, column) for name, column in COLUMNS.items()}

    def _heading(self, name: str, column: Column) -> Heading:
        stands = {name: "ascending", f"-{name}": "descending"}.get(self.sort, "")
        first, second = (f"-{name}", name) if column.is_number else (name, f"-{name}")
        pressed = replace(self, sort=second if self.sort == first else first, page=1)
        return Heading(column.name, pressed.query, stands)


def is_called(school: School, words: Iterable[str]) -> bool:
    """Each word begins a word of the name, in either language; «№6» is no «№63»."""
    named = school.search.split()
    return all(word in named if word.isdecimal() else any(map(_begins(word), named)) for word in words)


def _begins(word: str) -> Callable[[str], bool]:
    return lambda name: name.startswith(word)


def _code(typed: str) -> str:
    return typed if re.fullmatch(r"\d{9}", typed, re.ASCII) else ""


def districts_of(every: Iterable[Row]) -> list[Locality]:
    """Where the schools are, by the alphabet."""
    return _sorted(row.district for row in every)


def localities_of(every: Iterable[Row], district: str) -> list[Locality]:
    """Of one district: those of a whole region nobody would look through."""
    return _sorted(row.school.locality for row in every if row.district.pk == district)


def _sorted(places: Iterable[Locality]) -> list[Locality]:
    return sorted({place.pk: place for place in places}.values(), key=lambda place: place.sort_kk)
