"""«Nobody's address can match this»: an address is written from the row itself as the register would write
it, and the list is asked for it. A row that does not hold its own address holds nobody's (R69)."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from schools import matching
from schools.addresses import KINDS, House, covers, house
from schools.matching import Sought
from schools.models import EndedPlace, MicrodistrictAddress
from schools.successors import Codes, today_of_each

Rows = list[MicrodistrictAddress]


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
    without = [row for row in rows if row.excluded]
    for row in rows:
        if not row.excluded and not any(
            _holds([row, *without], address, text) for text in _houses(row, without)
        ):
            yield row


def _holds(rows: Rows, address: Sought, text: str) -> bool:
    return matching.holds(rows, replace(address, house=house(text)))


def _houses(row: MicrodistrictAddress, without: Iterable[MicrodistrictAddress]) -> Iterator[str]:
    """Houses of the row at its ends and beside those that are taken out: if any is left, one of these is."""
    ends = [row.house_from, row.house_to or row.house_from]
    ends += [end for one in without for end in (one.house_from, one.house_to or one.house_from)]
    for number in dict.fromkeys(end + step for end in ends for step in (0, 1, -1, 2, -2)):
        if number >= 0 and covers(row, found := House(number, row.suffix)):
            yield _as_written(found)


def _as_written(found: House) -> str:
    """«12А», «6/1», «уч. 5», as registers write a house."""
    kind = next((kind for kind in KINDS if found.suffix.startswith(kind)), "")
    before = f"{kind}. " if kind else ""
    return f"{before}{found.number}{found.suffix.removeprefix(kind)}"
