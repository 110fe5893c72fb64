"""Streets that the portal has seen, in requests and in the list before, and that no current list of the area
claims (D64). Of an address nothing but its place and street is read."""

import logging
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from django.core.cache import cache
from django.db import connection
from django.db.models import Q

from schools import kato, matching, successors
from schools.matching import Sought
from schools.models import Locality, MicrodistrictAddress, StreetAlias
from schools.streets import keys_to_match, street_key
from schools.successors import Codes

logger = logging.getLogger(__name__)

MOST_STREETS = 5_000  # that are shown; the rest shows when these are mended
MOST_LOOKED_AT = 50_000
KEPT = 3 * 60  # seconds, of one area
# The school whose list before had the street, or the request that asks for it.
SEEN = """
SELECT kato, street, max(school), max(request) FROM (
  SELECT kato, street, NULL::bigint AS school, id AS request FROM schools_addressrequest
   WHERE answered_at IS NULL AND kato BETWEEN %(first)s AND %(last)s
  UNION ALL
  SELECT each ->> 0, each ->> 1, last.school_id, NULL::bigint FROM (
    SELECT DISTINCT ON (v.school_id) v.school_id, v.rows FROM schools_addresslist v
      JOIN schools_school s ON s.id = v.school_id
     WHERE v.ended IS NOT NULL AND s.locality_id BETWEEN %(first)s AND %(last)s
     ORDER BY v.school_id, v.id DESC) last, jsonb_array_elements(last.rows) each
   WHERE each ->> 7 = 'false'
) seen WHERE street <> '' GROUP BY kato, street ORDER BY kato, street LIMIT %(most)s
"""


@dataclass(frozen=True)
class Street:
    kato: str
    name: str
    school: int | None  # whose list before had it
    request: int | None  # that asks for it


@dataclass(frozen=True)
class Found:
    streets: list[Street]  # each once, in the order of their places
    cut_at: int = 0  # how many were looked at, where there are more


def streets(area: Locality) -> Found:
    """As they were some minutes ago at most. Without a cache, or kept by another version, they are looked for
    anew."""
    key = f"unclaimed-streets-{area.kato}"
    try:
        found = cache.get(key)
    except Exception as error:
        logger.warning("streets of nobody are not kept: %s", type(error).__name__)
        return _look(area)
    if not isinstance(found, Found):
        found = _look(area)
        with suppress(Exception):
            cache.set(key, found, KEPT)
    return found


def _look(area: Locality) -> Found:
    seen = _seen(area)
    codes = successors.codes_of_each({one.kato for one in seen})
    lists, names = _lists(area, codes.values()), _names()
    found: dict[tuple[str, str], Street] = {}
    for number, one in enumerate(seen):
        if number == MOST_LOOKED_AT or len(found) == MOST_STREETS:
            return Found(list(found.values()), cut_at=number)
        keys = keys_to_match(one.name)
        aliases = {alias for key in keys for alias in names[key]}
        address = matching.sought(codes[one.kato], street=one.name, house_text="", aliases=aliases)
        if keys and not _is_claimed(address, lists):
            found.setdefault((one.kato, street_key(one.name)), one)
    return Found(list(found.values()))


def _seen(area: Locality) -> list[Street]:
    digits = kato.prefix(area.kato)
    asked: dict[str, str | int] = {
        "first": digits.ljust(9, "0"),
        "last": digits.ljust(9, "9"),
        "most": MOST_LOOKED_AT + 1,
    }
    with connection.cursor() as cursor:
        cursor.execute(SEEN, asked)
        return [Street(*row) for row in cursor.fetchall()]


def _lists(area: Locality, codes: Iterable[Codes]) -> dict[str, list[MicrodistrictAddress]]:
    """One row for each street that the lists around name, by its key."""
    in_city = area.kato[:2] in kato.REPUBLIC_CITIES  # there a street is one
    digits = area.kato[:2] if in_city else kato.prefix(area.kato)
    around = Q(locality__gte=digits.ljust(9, "0"), locality__lte=digits.ljust(9, "9"))
    before = {code for one in codes for code in one.foreign if not code.startswith(digits)}
    rows = MicrodistrictAddress.objects.filter(around | Q(locality__in=before), excluded=False)
    names = rows.values_list("locality_id", "street_key", "street").distinct()
    by_key: dict[str, list[MicrodistrictAddress]] = defaultdict(list)
    for place, key, street in names:
        by_key[key].append(MicrodistrictAddress(locality_id=place, street_key=key, street=street))
    return by_key


def _names() -> dict[str, list[StreetAlias]]:
    """Second names by either of the two."""
    by_key: dict[str, list[StreetAlias]] = defaultdict(list)
    for alias in StreetAlias.objects.all():
        for key in {alias.key, alias.other}:
            by_key[key].append(alias)
    return by_key


def _is_claimed(address: Sought, lists: dict[str, list[MicrodistrictAddress]]) -> bool:
    rows: Iterable[MicrodistrictAddress] = (row for key in address.row_keys for row in lists.get(key, ()))
    return any(address.is_in(row) for row in rows)
