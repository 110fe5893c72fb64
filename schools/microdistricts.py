"""A school's microdistrict from a file of its department: read, shown, checked, replaced (R69, R70).

Nothing is saved while a line stays unread. An address that belongs to several schools is lawful, and is
reported, not refused.
"""

from dataclasses import dataclass, field
from pathlib import Path

from schools import kato, versions, villages
from schools.address_lists import Line, Reading, parse_line, parse_pair
from schools.addresses import overlap
from schools.files import read_rows, read_text
from schools.models import AddressList, Locality, MicrodistrictAddress, School, StreetAlias
from schools.remarks import Kind, Remark
from schools.tables import header_at
from schools.versions import Origin, identity

LONGEST_STREET = 200  # letters of a column
_STREET = {"street", "көше", "көшелер", "улица", "улицы", "көше атауы", "наименование улицы", "мекенжай"}
_HOUSES = {"houses", "үй", "үйлер", "үй нөмірлері", "дом", "дома", "номера домов", "№ дома", "№ домов"}


@dataclass
class ReadLine:
    number: int
    raw: str
    line: Line


@dataclass
class Microdistrict:
    """What a file says of one school, not yet saved."""

    school: School
    lines: list[ReadLine] = field(default_factory=list)
    rows: list[MicrodistrictAddress] = field(default_factory=list)
    aliases: list[StreetAlias] = field(default_factory=list)

    @property
    def errors(self) -> list[tuple[ReadLine, Remark]]:
        return [(each, remark) for each in self.lines for remark in each.line.errors]


def read(path: Path, school: School) -> Microdistrict:
    """Read a file of lines (.txt), or a table with streets and houses in one column or two."""
    return assemble(_read_lines(path), school)


def assemble(lines: list[ReadLine], school: School) -> Microdistrict:
    """The rows that the lines make, with the villages found that they name."""
    found = Microdistrict(school, lines)
    for each in found.lines:
        for reading in each.line.readings:
            place = _place(reading.locality, school.locality)
            if len(reading.street) > LONGEST_STREET:
                each.line.remarks.append(Remark(Kind.UNREAD, reading.street))
                continue
            if place is None:
                each.line.remarks.append(Remark(Kind.UNKNOWN_LOCALITY, reading.locality))
                continue
            _add_rows(found, each.number, reading, place)
    unique: dict[tuple[object, ...], MicrodistrictAddress] = {}  # some are named twice
    for row in found.rows:
        unique.setdefault(identity(row), row)
    found.rows = list(unique.values())
    return found


def replace(found: Microdistrict, origin: Origin) -> AddressList:
    """Put the file's addresses in place of all that the school had; what it had is kept as a version (R69).
    Raises ValueError for a list with lines that could not be read."""
    if found.errors:
        raise ValueError("a file with unread lines is not saved")
    lines = {str(each.number): each.raw for each in found.lines}
    return versions.replace(found.school, found.rows, found.aliases, lines=lines, origin=origin)


def conflicts(found: Microdistrict) -> list[tuple[MicrodistrictAddress, MicrodistrictAddress]]:
    """Pairs of a new row and another school's row that hold the same house."""
    others = MicrodistrictAddress.objects.exclude(school=found.school).filter(
        excluded=False,
        street_key__in={row.street_key for row in found.rows},
        locality__kato__startswith=kato.city_or_settlement(found.school.locality_id),
    )
    theirs: dict[str, list[MicrodistrictAddress]] = {}
    for other in others.select_related("school"):
        theirs.setdefault(other.street_key, []).append(other)
    return [
        (row, other)
        for row in found.rows
        for other in theirs.get(row.street_key, [])
        if not row.excluded and overlap(row, other)
    ]


def _read_lines(path: Path) -> list[ReadLine]:
    if path.suffix.lower() == ".txt":
        texts = read_text(path).splitlines()
        return [ReadLine(n, text, parse_line(text)) for n, text in enumerate(texts, start=1) if text.strip()]
    rows = read_rows(path)
    at = header_at(rows, lambda names: bool(names & _STREET and names & _HOUSES))
    if at is None:
        return [_one_column(number, cells) for number, cells in rows]
    names = [cell.lower() for cell in rows[at][1]]
    street, houses = (next(n for n, name in enumerate(names) if name in of) for of in (_STREET, _HOUSES))
    return [_two_columns(number, cells, street, houses) for number, cells in rows[at + 1 :]]


def _one_column(number: int, cells: list[str]) -> ReadLine:
    raw = ", ".join(cell for cell in cells if cell)
    return ReadLine(number, raw, parse_line(raw))


def _two_columns(number: int, cells: list[str], street: int, houses: int) -> ReadLine:
    first, second = ((cells[at] if at < len(cells) else "") for at in (street, houses))
    return ReadLine(number, f"{first} | {second}", parse_pair(first, second))


def _place(name: str, home: Locality) -> Locality | None:
    """The village that a line names, looked for in the school's district; the school's own without a name."""
    wanted = villages.words(name)
    if not wanted or wanted == villages.words(home.name_kk) or wanted == villages.words(home.name_ru):
        return home
    near = Locality.objects.filter(kato__startswith=home.kato[:4]).exclude(kato__endswith="000")
    same = [each for each in near if wanted in (villages.words(each.name_kk), villages.words(each.name_ru))]
    return same[0] if len(same) == 1 else None


def _add_rows(found: Microdistrict, line: int, reading: Reading, place: Locality) -> None:
    for span in reading.spans:
        row = MicrodistrictAddress(
            school=found.school,
            locality=place,
            street=reading.street,
            street_key=reading.key,
            house_from=span.start,
            house_to=span.end,
            suffix=span.suffix,
            parity=span.parity,
            excluded=span.excluded,
            line=line,
        )
        found.rows.append(row)
    found.aliases += [StreetAlias(locality=place, key=reading.key, other=key) for key in reading.aliases]
