"""Many rows read portion by portion, by their keys: no cursor stays open on the server, so each portion may
go over another connection of a pooler, and no statement takes long."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)


def read(rows: QuerySet[Row], keys: Iterable[Any], *, size: int) -> Iterator[Row]:
    """The rows of these keys, in their order; one that the query does not find any more is left out."""
    left = iter(keys)
    while piece := list(islice(left, size)):
        found = rows.in_bulk(piece)
        yield from (found[key] for key in piece if key in found)
