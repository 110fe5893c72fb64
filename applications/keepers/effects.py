"""What a list would change at its schools, for who is about to save it or put it back (D64)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice

from django.utils import timezone

from accounts.models import User
from applications.keepers import affected
from schools import microdistricts, periods, reading_words, versions
from schools.microdistricts import Microdistrict
from schools.models import School
from schools.versions import Change

SHOWN = 100  # addresses of a change, and doubles
MOST_DOUBLES = 1_000  # that are looked for


@dataclass
class Effect:
    """What saving would change at one school."""

    school: School
    change: Change
    added: list[str]
    gone: list[tuple[str, School | None]]  # and the school of this very file that it goes to
    families: int
    doubles: list[tuple[str, School]] = field(default_factory=list)
    doubles_count: int = 0

    @property
    def has_more_doubles(self) -> bool:
        return self.doubles_count == MOST_DOUBLES


def of(changes: Iterable[tuple[Microdistrict, Change]], *, reader: User) -> list[Effect]:
    every = list(changes)
    new_homes = {versions.identity(row): found.school for found, change in every for row in change.added}
    ours = {found.school.pk for found, _ in every}
    return [_effect(found, change, new_homes, ours, reader) for found, change in every]


def _effect(
    found: Microdistrict,
    change: Change,
    new_homes: dict[tuple[object, ...], School],
    ours: set[int],
    reader: User,
) -> Effect:
    others = (pair for pair in microdistricts.conflicts(found) if pair[1].school_id not in ours)
    doubles = list(islice(others, MOST_DOUBLES))
    homes = ((row, new_homes.get(versions.identity(row))) for row in change.gone)
    gone = [(reading_words.of_row(row), home if home != found.school else None) for row, home in homes]
    return Effect(
        school=found.school,
        change=change,
        added=[reading_words.of_row(row) for row in change.added[:SHOWN]],
        gone=gone[:SHOWN],
        families=affected.families_left_out(found, year=periods.current_year(timezone.now()), reader=reader),
        doubles=[(reading_words.of_row(row), other.school) for row, other in doubles[:SHOWN]],
        doubles_count=len(doubles),
    )
