"""The grounds of a refusal (D16, D49): the list that comes with the portal, and what ops write over it."""

import csv
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from django.db import IntegrityError, transaction

from accounts.models import User
from applications.models import Ground

LIST = Path(__file__).parent / "data" / "grounds.csv"
WORDS = ("about", "name_kk", "name_ru", "law_kk", "law_ru", "text_kk", "text_ru")


class Reason(StrEnum):
    """Why a ground is not written or ended."""

    CODE_TAKEN = "CODE_TAKEN"
    CHANGED = "CHANGED"
    LAST = "LAST"


class NotWritten(Exception):
    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


def load(*, now: datetime) -> int:
    """The portal's own list; a code that ops have written over or ended is left as they want it. How many
    were new."""
    known = set(Ground.objects.values_list("code", flat=True))
    with LIST.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    new = [
        Ground(position=position, since=now, **row)
        for position, row in enumerate(rows, start=1)
        if row["code"] not in known
    ]
    Ground.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def add(code: str, words: Mapping[str, str], *, by: User, now: datetime) -> Ground:
    """A ground that was not there. Raises NotWritten: one of this code is in force."""
    last = Ground.objects.order_by("-position").first()
    try:
        with transaction.atomic():
            return Ground.objects.create(
                code=code, position=last.position + 1 if last else 1, since=now, written_by=by, **words
            )
    except IntegrityError as error:
        if "one_wording_of_a_ground_in_force" not in str(error):
            raise
        raise NotWritten(Reason.CODE_TAKEN) from None


@transaction.atomic
def rewrite(old: Ground, words: Mapping[str, str], *, by: User, now: datetime) -> Ground:
    """A new wording from now on; decisions keep theirs. Raises NotWritten: somebody was first."""
    held = _in_force(old)
    if all(getattr(held, name) == words[name] for name in WORDS):
        return held
    _end(held, by=by, now=now)
    return Ground.objects.create(code=held.code, position=held.position, since=now, written_by=by, **words)


@transaction.atomic
def end(old: Ground, *, by: User, now: datetime) -> None:
    """No school names it from now on; the last one stays, or nobody could refuse. Raises NotWritten."""
    if list(Ground.objects.select_for_update().in_force().values_list("pk", flat=True)) == [old.pk]:
        raise NotWritten(Reason.LAST)
    _end(_in_force(old), by=by, now=now)


def _in_force(ground: Ground) -> Ground:
    found = Ground.objects.select_for_update(of=("self",)).filter(pk=ground.pk, until=None).first()
    if found is None:
        raise NotWritten(Reason.CHANGED)
    return found


def _end(ground: Ground, *, by: User, now: datetime) -> None:
    ground.until, ground.ended_by = now, by
    ground.save(update_fields=["until", "ended_by"])
