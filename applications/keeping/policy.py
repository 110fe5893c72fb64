"""What a row of the table of terms says: what is kept, why, since when its term counts, how it is erased."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Model, QuerySet

PURPOSE = "94-V art. 12: no longer than the purpose needs"

# In the transaction of the act: the rows that are due, locked, and the moment; names of files to be removed
# after it.
Erase = Callable[[Sequence[Any], datetime], list[str]]


@dataclass(frozen=True)
class Policy:
    """Erased at the end of a term, which counts in days from `since`."""

    name: str  # in the journal
    what: str
    why: str
    since: str
    setting: str  # of its days
    how: str
    due: Callable[[datetime], "QuerySet[Any]"]  # whose term began before this moment
    erase: Erase
    covers: tuple[type[Model], ...] = ()  # models besides that of `due` whose rows go with it
    alone: bool = False  # each row has an act of its own in the journal, by which an audit finds it

    @property
    def days(self) -> int:
        return int(getattr(settings, self.setting))

    def rows(self, now: datetime) -> "QuerySet[Any]":
        return self.due(now - timedelta(days=self.days))


@dataclass(frozen=True)
class Kept:
    """Erased by nobody here, or by a task of its own."""

    what: str
    why: str
    until: str
    models: tuple[type[Model], ...]
