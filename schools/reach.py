"""«Nobody's address can match this»: an address is written from the row itself as the register would write
it, and the list is asked for it. A row that does not hold its own address holds nobody's (R69)."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from itertools import chain

from schools import matching
from schools.addresses import KINDS, House, covers, house
from schools.models import EndedPlace, MicrodistrictAddress
from schools.successors import Codes, today_of_each

Rows = list[MicrodistrictAddress]
MOST_TRIED = 1_000  # numbers for one row


def out_of_reach(rows: Rows) -> Rows:
    """Rows of one list that no address of the register could ever be found by."""
    places = _places_today({row.locality_id for row in rows})
    of_line: dict[tuple[int | None, str, str], Rows] = {}
    for row in rows:
        of_line.setdefault((row.line, row.locality_id, row.street), []).append(row)
    return [
        row
        for (_line, place, street), together in of_line.items()
        for row in _out_of_reach(together, place=places.get(place, ""), street=street)
    ]


def _places_today(codes: set[str]) -> dict[str, str]:
    """The code that the register writes for each; none for a place that ended, nobody knows into what."""
    found = today_of_each(codes)
    ended = set(EndedPlace.objects.filter(pk__in=found.values(), successor=None).values_list("pk", flat=True))
    return {code: later for code, later in found.items() if later not in ended}


def _out_of_reach(rows: Rows, *, place: str, street: str) -> Iterator[MicrodistrictAddress]:
    """Of the rows that one line makes of one street."""
    codes = tuple({row.locality_id for row in rows} - {place})
    address = matching.sought(Codes(place, codes), street=street, house_text="", aliases=())
    taken_out = _TakenOut([row for row in rows if row.excluded and address.is_street_of(row)])
    numbers = _worth_trying(rows)
    for row in rows:
        if not row.excluded and not (address.is_street_of(row) and _is_left(row, numbers, taken_out)):
            yield row


class _TakenOut:
    """What the line takes out of the street: «кроме 3, 5-9»."""

    def __init__(self, rows: Rows) -> None:
        self._spans = [row for row in rows if row.house_from != row.house_to]
        self._single: dict[int, Rows] = defaultdict(list)
        for row in rows:
            if row.house_from == row.house_to:
                self._single[row.house_from].append(row)

    def holds(self, found: House, key: str) -> bool:
        near = chain(self._single.get(found.number, ()), self._spans)
        return any(row.street_key == key and covers(row, found) for row in near)


def _worth_trying(rows: Rows) -> list[int]:
    """Numbers at the ends of the rows and beside them: if any house of a row is left, one of these is."""
    ends = {end for row in rows for end in (row.house_from, row.house_to or row.house_from)}
    return sorted({end + step for end in ends for step in range(-2, 3) if end + step >= 0})


def _is_left(row: MicrodistrictAddress, numbers: list[int], taken_out: _TakenOut) -> bool:
    """Of one that would take too long to tell it is believed."""
    first = bisect_left(numbers, row.house_from)
    last = len(numbers) if row.house_to is None else bisect_right(numbers, row.house_to)
    for number in numbers[first : min(last, first + MOST_TRIED)]:
        found = house(_as_written(House(number, row.suffix)))
        if found and covers(row, found) and not taken_out.holds(found, row.street_key):
            return True
    return last - first > MOST_TRIED


def _as_written(found: House) -> str:
    """«12А», «6/1», «уч. 5», as registers write a house."""
    kind = next((kind for kind in KINDS if found.suffix.startswith(kind)), "")
    before = f"{kind}. " if kind else ""
    return f"{before}{found.number}{found.suffix.removeprefix(kind)}"
