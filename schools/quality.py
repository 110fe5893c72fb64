"""What is amiss in the catalogue of a region or a district, for who keeps it to mend (D64)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Left
from django.utils import timezone

from schools import kato
from schools.addresses import KINDS
from schools.models import EndedPlace, Intake, Locality, MicrodistrictAddress, Role, School, StaffMember

MOST_DOUBLES = 1_000  # that are looked for; the rest shows when these are mended

# A house of two schools, one of them of the area at least: one street of one city or settlement, or one
# village, ranges that meet on one side of it, and of exact houses the same. Each pair once; of schools that
# have stopped none (D57); not what a list of the two takes out again. `exact`: one house; `whole`: a whole
# street.
DOUBLES = """
WITH rows AS NOT MATERIALIZED (
  SELECT r.*, house_to IS NOT DISTINCT FROM house_from AS exact, coalesce(house_to, 2147483647) AS last,
         house_from = 1 AND house_to IS NULL AND parity = 'ALL' AND suffix = '' AS whole,
         CASE WHEN house_to IS NOT DISTINCT FROM house_from
              THEN CASE WHEN house_from %% 2 = 1 THEN 'ODD' ELSE 'EVEN' END ELSE parity END AS side,
         CASE WHEN suffix = ANY (%(kinds)s) THEN suffix ELSE '' END AS kind,
         CASE WHEN street_key <> '' AND left(r.locality_id, 2) = ANY (%(cities)s)
              THEN left(r.locality_id, 2) ELSE r.locality_id END AS place,
         s.locality_id BETWEEN %(first)s AND %(last)s AS ours
    FROM schools_microdistrictaddress r JOIN schools_school s ON s.id = r.school_id
   WHERE s.stops_on IS NULL OR s.stops_on > %(today)s
)
SELECT a.id, b.id FROM rows a JOIN rows b ON a.street_key = b.street_key
   AND b.locality_id BETWEEN rpad(a.place, 9, '0') AND rpad(a.place, 9, '9')
   AND (a.school_id < b.school_id OR (a.school_id > b.school_id AND NOT b.ours))
   AND a.house_from <= b.last AND b.house_from <= a.last
   AND (a.side = b.side OR a.side = 'ALL' OR b.side = 'ALL')
   AND (a.whole OR b.whole OR CASE WHEN a.exact = b.exact THEN a.suffix = b.suffix ELSE a.kind = b.kind END)
 WHERE a.ours AND NOT a.excluded AND NOT b.excluded AND NOT EXISTS (
   SELECT FROM rows x WHERE x.excluded AND x.school_id IN (a.school_id, b.school_id)
      AND x.street_key = a.street_key AND x.place = a.place
      AND x.house_from <= greatest(a.house_from, b.house_from) AND x.last >= least(a.last, b.last)
      AND (x.side = 'ALL' OR x.side = CASE WHEN a.side = 'ALL' THEN b.side ELSE a.side END)
      AND (x.whole OR CASE WHEN NOT x.exact THEN x.kind = CASE WHEN a.whole THEN b.kind ELSE a.kind END
                           ELSE (a.exact AND a.suffix = x.suffix) OR (b.exact AND b.suffix = x.suffix) END))
 ORDER BY a.school_id, a.id, b.id LIMIT %(most)s
"""


@dataclass(frozen=True)
class Double:
    """A house, or several, that stand in the lists of two schools."""

    one: MicrodistrictAddress
    other: MicrodistrictAddress


def schools_of(area: Locality, on: date | None = None) -> QuerySet[School]:
    """Of the area, without those that have stopped."""
    inside = School.objects.filter(locality__kato__startswith=kato.prefix(area.kato))
    return inside.exclude(stops_on__lte=on or timezone.localdate()).select_related("locality")


def without_director(area: Locality) -> QuerySet[School]:
    directors = StaffMember.objects.filter(role=Role.DIRECTOR, school=OuterRef("pk"))
    return schools_of(area).exclude(Exists(directors))


def without_seats(area: Locality, year: int) -> QuerySet[School]:
    """No place of the year in any language: such a school is offered to nobody."""
    return schools_of(area).exclude(
        Exists(Intake.objects.filter(school=OuterRef("pk"), year=year, seats__gt=0))
    )


def without_contacts(area: Locality) -> QuerySet[School]:
    return schools_of(area).filter(Q(phone="") | Q(address_kk="", address_ru=""))


def without_list(area: Locality) -> QuerySet[School]:
    """No address leads to them."""
    return schools_of(area).exclude(Exists(MicrodistrictAddress.objects.filter(school=OuterRef("pk"))))


def alike(area: Locality) -> QuerySet[School]:
    """Schools of one district whose names differ by nothing but the kind of letters: are they two?"""
    every = schools_of(area).annotate(district=Left("locality_id", 4))
    same = every.order_by().values("district", "search").annotate(count=Count("pk")).filter(count__gt=1)
    pairs = list(same.values_list("district", "search"))
    found = Q(pk__in=[])
    for district, search in pairs:
        found |= Q(district=district, search=search)
    return every.filter(found)


def ended(area: Locality) -> QuerySet[EndedPlace]:
    """Places of the area that ended, that nobody has named the successor of, and that schools or lists still
    stand in (D66)."""
    schools = School.objects.filter(locality=OuterRef("pk"))
    lists = MicrodistrictAddress.objects.filter(locality=OuterRef("pk"))
    inside = EndedPlace.objects.filter(successor=None, place__kato__startswith=kato.prefix(area.kato))
    return inside.filter(Exists(schools) | Exists(lists)).select_related("place")


def doubles(area: Locality) -> list[tuple[int, int]]:
    """Keys of the rows of each pair: an address may lawfully be of several schools, mostly it is not."""
    digits = kato.prefix(area.kato)
    asked: dict[str, Any] = {
        "cities": sorted(kato.REPUBLIC_CITIES),
        "kinds": list(KINDS),
        "first": digits.ljust(9, "0"),
        "last": digits.ljust(9, "9"),
        "today": timezone.localdate(),
        "most": MOST_DOUBLES,
    }
    with connection.cursor() as cursor:
        cursor.execute(DOUBLES, asked)
        return [(one, other) for one, other in cursor.fetchall()]


def told(pairs: Sequence[tuple[int, int]]) -> list[Double]:
    """The rows of the pairs that a page shows."""
    rows = MicrodistrictAddress.objects.select_related("school").in_bulk(
        {key for pair in pairs for key in pair}
    )
    return [Double(rows[one], rows[other]) for one, other in pairs if one in rows and other in rows]
