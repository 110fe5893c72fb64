"""The versions of a school's microdistrict: a list is never replaced in silence (R69, R70).

The list before stays with its author, its reason and its dates, so that a decision made in June can be
explained in October; any of them can be put back.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts import seen
from schools import matching, successors
from schools.models import AddressList, MicrodistrictAddress, School, StreetAlias
from schools.streets import given_name, keys_to_match

ASKS_TWICE = 10  # a change of more than one address in so many
_FIELDS = (
    "locality_id", "street", "street_key", "house_from", "house_to", "suffix", "parity", "excluded", "line",
)  # fmt: skip


class NoAddresses(Exception):
    """A version without any address is not put back: no microdistrict is emptied by a mistake."""


@dataclass(frozen=True)
class Origin:
    """Who brings a list, what for, and from where."""

    author: str
    reason: str
    source: str = ""


@dataclass
class Change:
    """What a new list changes against the one that stands."""

    added: list[MicrodistrictAddress] = field(default_factory=list)
    gone: list[MicrodistrictAddress] = field(default_factory=list)
    kept: int = 0

    @property
    def is_large(self) -> bool:
        """Has the change to be confirmed? Not where there was no list."""
        before = self.kept + len(self.gone)
        return bool(before) and (len(self.added) + len(self.gone)) * ASKS_TWICE > before


def difference(school: School, rows: list[MicrodistrictAddress], aliases: Iterable[StreetAlias]) -> Change:
    """What would be added and what would go (R69): a street that loses a name goes, and comes without it."""
    old = _with_names(school.addresses.all(), school.aliases.all())
    new = _with_names(rows, aliases)
    return Change(
        added=[row for key, row in new.items() if key not in old],
        gone=[row for key, row in old.items() if key not in new],
        kept=len(old.keys() & new.keys()),
    )


@transaction.atomic
def replace(
    school: School,
    rows: list[MicrodistrictAddress],
    aliases: list[StreetAlias],
    *,
    lines: dict[str, str],
    origin: Origin,
) -> AddressList:
    """Put the rows in place of all that the school had, and keep what it had (R69)."""
    School.objects.select_for_update(no_key=True).get(pk=school.pk)
    _end_current(school)
    school.addresses.all().delete()
    school.aliases.all().delete()
    MicrodistrictAddress.objects.bulk_create(rows, batch_size=1000)
    for alias in aliases:
        alias.school = school
    StreetAlias.objects.bulk_create(aliases, ignore_conflicts=True)
    return AddressList.objects.create(
        school=school,
        author=origin.author[:200],
        reason=origin.reason[:300],
        source=origin.source[:255],
        lines=lines,
        rows=[_stored(row) for row in rows],
        aliases=[[alias.locality_id, alias.key, alias.other] for alias in aliases],
    )


def lock(school: School, *, seen_at: str = "") -> None:
    """To the end of the transaction nobody else changes its list; with a mark, it is the list that was seen.
    Raises seen.Stale."""
    School.objects.select_for_update(no_key=True).get(pk=school.pk)
    seen.demand(seen_at, stored={"version": _key(current(school))}, wanted={"version": None})


@transaction.atomic
def put_back(version: AddressList, *, origin: Origin, seen_at: str = "") -> AddressList:
    """Make an earlier version the school's list again; it becomes the newest one, and none is lost. With the
    mark of the list that it was compared with on a page, only in the place of that one. Raises seen.Stale,
    NoAddresses."""
    lock(version.school, seen_at=seen_at)
    rows = rows_of(version)
    if not rows:
        raise NoAddresses
    return replace(version.school, rows, aliases_of(version), lines=version.lines, origin=origin)


@transaction.atomic
def add(school: School, row: MicrodistrictAddress, *, line: str, origin: Origin) -> AddressList:
    """One line more, all the rest as it stands."""
    School.objects.select_for_update(no_key=True).get(pk=school.pk)
    rows = [_row(school, _stored(one)) for one in school.addresses.order_by("pk")]
    aliases = [
        StreetAlias(locality_id=one.locality_id, key=one.key, other=one.other) for one in school.aliases.all()
    ]
    standing = current(school)
    lines = dict(standing.lines) if standing else {}
    row.line = max(map(int, lines), default=0) + 1
    return replace(school, [*rows, row], aliases, lines=lines | {str(row.line): line}, origin=origin)


def mark(school: School) -> str:
    """Of the list that stands, for a page that puts another in its place."""
    return seen.mark({"version": _key(current(school))})


def _key(version: AddressList | None) -> int:
    return version.pk if version else 0


def rows_of(version: AddressList) -> list[MicrodistrictAddress]:
    return [_row(version.school, stored) for stored in version.rows]


def aliases_of(version: AddressList) -> list[StreetAlias]:
    return [StreetAlias(locality_id=kato, key=key, other=other) for kato, key, other in version.aliases]


def current(school: School) -> AddressList | None:
    return school.address_lists.filter(ended=None).first()


def before(school: School) -> AddressList | None:
    """The version that the current one took the place of."""
    return school.address_lists.exclude(ended=None).first()


def on(school: School, moment: datetime) -> AddressList | None:
    """The list that stood at that moment."""
    return school.address_lists.filter(began__lte=moment).exclude(ended__lte=moment).first()


def why(version: AddressList, *, kato: str, street: str, house_text: str) -> list[str]:
    """The lines of the list that give the school this address, as the department wrote them."""
    common = matching.other_names(keys_to_match(street)).filter(school=None)
    aliases = [*aliases_of(version), *common]
    address = matching.sought(
        successors.codes_of(kato), street=street, house_text=house_text, aliases=aliases
    )
    address = matching.own_first(address)
    giving = [row for row in rows_of(version) if address.is_in(row)]
    numbers = dict.fromkeys(str(row.line) for row in giving if row.line is not None)
    return [version.lines[number] for number in numbers if number in version.lines]


def _end_current(school: School) -> None:
    """The version that stood ends now; addresses of a time before versions become one first."""
    now = timezone.now()
    if not school.address_lists.filter(ended=None).update(ended=now) and school.addresses.exists():
        aliases = [[alias.locality_id, alias.key, alias.other] for alias in school.aliases.all()]
        rows = [_stored(row) for row in school.addresses.order_by("pk")]
        AddressList.objects.create(school=school, began=now, ended=now, rows=rows, aliases=aliases)


def _stored(row: MicrodistrictAddress) -> list[Any]:
    return [getattr(row, name) for name in _FIELDS]


def _row(school: School, stored: list[Any]) -> MicrodistrictAddress:
    return MicrodistrictAddress(school=school, **dict(zip(_FIELDS, stored, strict=True)))


def identity(row: MicrodistrictAddress) -> tuple[object, ...]:
    """What makes two rows of one school the same address; «ул. А. Толстого» is not «ул. Л. Толстого»."""
    houses = (row.house_from, row.house_to, row.suffix, str(row.parity), row.excluded)
    return row.locality_id, row.street_key, given_name(row.street), *houses


def _with_names(
    rows: Iterable[MicrodistrictAddress], aliases: Iterable[StreetAlias]
) -> dict[tuple[object, ...], MicrodistrictAddress]:
    """The rows by what makes them one address, the other names of their streets included."""
    names: dict[tuple[str | None, str], set[str]] = {}
    for alias in aliases:
        names.setdefault((alias.locality_id, alias.key), set()).add(alias.other)
    return {
        (*identity(row), frozenset(names.get((row.locality_id, row.street_key), ()))): row for row in rows
    }
