"""The registers of persons: who someone is, where they are registered, whose children they have."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from lxml import etree

from egov import formats, smartbridge
from egov import iin as numbers
from egov.errors import Unavailable
from egov.smartbridge import each, text

RELATIONS = ("PARENT", "GUARDIAN")
SEXES = {"1": "M", "2": "F"}  # codes of the register


@dataclass(frozen=True)
class Address:
    """A registered address. `kato` is the lowest locality the register knows."""

    kato: str = ""
    street: str = ""
    house: str = ""
    flat: str = ""
    text_kk: str = ""  # as the register prints it
    text_ru: str = ""

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True)
class Person:
    iin: str
    surname: str
    name: str
    patronymic: str
    birth_date: date
    sex: str  # "M" or "F"
    address: Address


@dataclass(frozen=True)
class ChildRecord:
    """A child of an adult; `relation` is "PARENT" or "GUARDIAN" (D22)."""

    person: Person
    relation: str


def person(iin: str) -> Person:
    """The person with this IIN, with their registered address. Raises Refused when unknown, Unavailable."""
    found = each(smartbridge.send("person", {"iin": iin}, repeat=True), "person")
    if len(found) != 1 or text(found[0], "iin") != iin:
        raise Unavailable("person", "not the person who was asked for")
    return _person(found[0], addresses=_addresses([iin]), system="person")


def children(iin: str) -> list[ChildRecord]:
    """The adult's children (minors) by the register of births and guardianship, youngest last.

    Of another kind of relation nothing follows here, so such records are passed over (D22).
    Raises Refused when the adult is unknown, Unavailable.
    """
    found = each(smartbridge.send("children", {"iin": iin}, repeat=True), "child")
    own = [
        (element, text(child, "relation"))
        for child in found
        if text(child, "relation") in RELATIONS
        for element in each(child, "person")
    ]
    addresses = _addresses([text(element, "iin") for element, _relation in own])
    records = [
        ChildRecord(_person(element, addresses=addresses, system="children"), relation)
        for element, relation in own
    ]
    return sorted(records, key=lambda record: (record.person.birth_date, record.person.iin))


def _person(element: etree._Element, *, addresses: dict[str, Address], system: str) -> Person:
    iin = text(element, "iin")
    born = formats.day(text(element, "birthDate")) or numbers.birth_date(iin)
    sex = SEXES.get(text(element, "gender/code"))
    if not re.fullmatch(r"\d{12}", iin, re.ASCII) or born is None or sex is None:
        raise Unavailable(system, "a person without IIN, birth date or sex")
    return Person(
        iin=iin,
        surname=text(element, "surname"),
        name=text(element, "name"),
        patronymic=text(element, "patronymic"),
        birth_date=born,
        sex=sex,
        address=addresses.get(iin, Address()),
    )


def _addresses(iins: Sequence[str]) -> dict[str, Address]:
    """By IIN; whoever is registered nowhere is not in it."""
    if not iins:
        return {}
    data = smartbridge.send("address", {"iin": iins}, repeat=True)
    return {text(found, "iin"): _address(found) for found in each(data, "registration")}


def _address(element: etree._Element) -> Address:
    return Address(
        kato=text(element, "address/kato"),
        street=text(element, "address/street"),
        house=text(element, "address/building"),
        flat=text(element, "address/flat"),
        text_kk=text(element, "address/textKz"),
        text_ru=text(element, "address/textRu"),
    )
