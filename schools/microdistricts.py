"""A school's microdistrict from a file of its department: read, shown, checked, replaced (R69, R70).

Nothing is saved while a line stays unread. An address that belongs to several schools is lawful, and is
reported, not refused.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.db.models import QuerySet

from schools import kato, reach, versions, villages
from schools.address_lists import Line, Reading
from schools.addresses import overlap
from schools.files import BadRows, Fault
from schools.kazakh import fold
from schools.list_files import ReadLine, Source, read_source, sources
from schools.models import AddressList, Locality, MicrodistrictAddress, School, StreetAlias
from schools.remarks import Kind, Remark
from schools.versions import Origin, identity

LONGEST_STREET = 200  # letters of a column
Near = dict[str, list[Locality]]


@dataclass
class Microdistrict:
    """What a file says of one school, not yet saved."""

    school: School
    lines: list[ReadLine] = field(default_factory=list)
    rows: list[MicrodistrictAddress] = field(default_factory=list)
    aliases: list[StreetAlias] = field(default_factory=list)

    @property
    def out_of_reach(self) -> int:
        """Lines that hold what nobody's address can match."""
        return sum(any(one.kind == Kind.OUT_OF_REACH for one in each.line.remarks) for each in self.lines)

    @property
    def errors(self) -> list[tuple[ReadLine, Remark]]:
        return [(each, remark) for each in self.lines for remark in each.line.errors]


def demand_no_other(lines: Iterable[Source], school: School) -> None:
    """Raises BadRows for lines whose column of schools names another one."""
    others = [
        (each.number, f"names another school, «{each.school}»") for each in lines if _of_another(each, school)
    ]
    if others:
        raise BadRows(others, Fault.SCHOOL)


def lines_of(path: Path, school: School | None) -> dict[School, list[Source]]:
    """The lines of a file of one school, or, with a column of their BINs or names, of many; they are read a
    school at a time. Raises BadFile, and BadRows where a line names another school, none, or one that the
    portal does not know (R69)."""
    lines = sources(path)
    if school is None:
        return by_school(lines, School.objects.all())
    demand_no_other(lines, school)
    return {school: lines}


def read(lines: Iterable[Source], school: School) -> Microdistrict:
    return assemble([read_source(each) for each in lines], school)


def by_school(lines: Iterable[Source], among: QuerySet[School]) -> dict[School, list[Source]]:
    """The lines of each school. Raises BadRows where one names none of these, or no single one."""
    of_school: dict[str, list[Source]] = {}
    for each in lines:
        of_school.setdefault(each.school, []).append(each)
    known = _schools(of_school, among)
    if unknown := [each for text, each_of in of_school.items() if text not in known for each in each_of]:
        unknown.sort(key=lambda each: each.number)
        raise BadRows([(each.number, f"no school «{each.school}»") for each in unknown], Fault.SCHOOL)
    together: dict[School, list[Source]] = {}
    for text, of_one in of_school.items():  # one school by its BIN and by its name
        together.setdefault(known[text], []).extend(of_one)
    return together


def _of_another(line: Source, school: School) -> bool:
    return (
        bool(line.school) and line.school.zfill(12) != school.bin and fold(line.school) not in _names(school)
    )


def _names(school: School) -> set[str]:
    return {fold(school.name_kk), fold(school.name_ru)}


def _schools(texts: Iterable[str], among: QuerySet[School]) -> dict[str, School]:
    """Each text with the only school that it can mean."""
    by_text: dict[str, list[School]] = {}
    for school in among.select_related("locality").prefetch_related("former_bins"):
        former = {one.number for one in school.former_bins.all()}
        for name in {school.bin, *former, *_names(school)}:
            by_text.setdefault(name, []).append(school)
    found = {text: by_text.get(text.zfill(12)) or by_text.get(fold(text), []) for text in texts if text}
    return {text: schools[0] for text, schools in found.items() if len(schools) == 1}


def assemble(lines: list[ReadLine], school: School) -> Microdistrict:
    """The rows that the lines make, with the villages found that they name."""
    found, near = Microdistrict(school, lines), _near(school.locality)
    for each in found.lines:
        for reading in each.line.readings:
            place = _place(reading.locality, school.locality, near)
            if len(reading.street) > LONGEST_STREET:
                each.line.remarks.append(Remark(Kind.UNREAD, reading.street))
                continue
            if place is None:
                each.line.remarks.append(Remark(Kind.UNKNOWN_LOCALITY, reading.locality))
                continue
            _add_rows(found, each.number, reading, place)
    _tell_out_of_reach(found)
    unique: dict[tuple[object, ...], MicrodistrictAddress] = {}  # some are named twice
    for row in found.rows:
        unique.setdefault(identity(row), row)
    found.rows = list(unique.values())
    return found


def _tell_out_of_reach(found: Microdistrict) -> None:
    """It is no error: a list may be right and the register may yet come to it."""
    by_number: dict[int | None, Line] = {each.number: each.line for each in found.lines}
    for row in reach.out_of_reach(found.rows):
        by_number[row.line].remarks.append(Remark(Kind.OUT_OF_REACH, str(row)))


def replace(found: Microdistrict, origin: Origin) -> AddressList:
    """Put the file's addresses in place of all that the school had; what it had is kept as a version (R69).
    Raises ValueError for a list with lines that could not be read."""
    if found.errors:
        raise ValueError("a file with unread lines is not saved")
    lines = {str(each.number): each.raw for each in found.lines}
    return versions.replace(found.school, found.rows, found.aliases, lines=lines, origin=origin)


def conflicts(found: Microdistrict) -> Iterator[tuple[MicrodistrictAddress, MicrodistrictAddress]]:
    """Pairs of a new row and another school's row that hold the same house, found as they are asked for."""
    others = MicrodistrictAddress.objects.exclude(school=found.school).filter(
        excluded=False,
        street_key__in={row.street_key for row in found.rows},
        locality__kato__startswith=kato.city_or_settlement(found.school.locality_id),
    )
    theirs: dict[str, list[MicrodistrictAddress]] = {}
    for other in others.select_related("school"):
        theirs.setdefault(other.street_key, []).append(other)
    return (
        (row, other)
        for row in found.rows
        for other in theirs.get(row.street_key, [])
        if not row.excluded and _meet(row, other) and overlap(row, other)
    )


def _meet(row: MicrodistrictAddress, other: MicrodistrictAddress) -> bool:
    """May they hold one number? A hundred times cheaper than `overlap`, and mostly they do not."""
    starts_in_time = other.house_to is None or row.house_from <= other.house_to
    return starts_in_time and (row.house_to is None or other.house_from <= row.house_to)


def _place(name: str, home: Locality, near: Near) -> Locality | None:
    """The village that a line names, looked for in the school's district; the school's own without a name. Of
    several with one name the one in the school's rural district is meant, of two codes of one place today's
    (D66)."""
    wanted = villages.words(name)
    if not wanted or wanted in (villages.words(home.name_kk), villages.words(home.name_ru)):
        return home
    same = near.get(wanted, [])
    if len(same) > 1:
        codes = {each.kato for each in same}
        same = [each for each in same if not hasattr(each, "ended") or each.ended.successor_id not in codes]
    closest = [each for each in same if each.kato[:6] == home.kato[:6]] if len(same) > 1 else same
    return closest[0] if len(closest) == 1 else None


def _near(home: Locality) -> Near:
    """The settlements of the school's district by their names."""
    found: Near = {}
    here = Locality.objects.filter(kato__startswith=home.kato[:4]).exclude(kato__endswith="000")
    for place in here.select_related("ended"):
        for name in {villages.words(place.name_kk), villages.words(place.name_ru)}:
            found.setdefault(name, []).append(place)
    return found


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
