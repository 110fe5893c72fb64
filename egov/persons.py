"""The registers of persons: who someone is, where they are registered, whose children they have."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import asdict, dataclass
from datetime import date

from lxml import etree

from egov import formats, smartbridge
from egov import iin as numbers
from egov.errors import Unavailable, Unreadable
from egov.gate import Gate
from egov.smartbridge import ROUND_SECONDS, each, text

RELATIONS = ("PARENT", "GUARDIAN")
SEXES = {"1": "M", "2": "F"}  # codes of the register
MAX_DOCUMENT = 100

Questions = dict[str, dict[str, str | Sequence[str]]]  # by their service


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
    patronymic: str | None  # "": the person has none any more; None: the register left it out
    birth_date: date
    sex: str  # "M" or "F"
    address: Address

    @property
    def told_names(self) -> dict[str, str]:
        """The parts of the name to take over: what an answer leaves out stays as it is known, and only a
        patronymic can be none."""
        told = {"surname": self.surname, "name": self.name}
        told = {part: value for part, value in told.items() if value}
        return told if self.patronymic is None else told | {"patronymic": self.patronymic}


@dataclass(frozen=True)
class Bar:
    """A court hides the child's whereabouts from the person with this IIN (D35)."""

    iin: str
    document: str = ""  # number of the court's decision, where the register gives it


@dataclass(frozen=True)
class ChildRecord:
    """A child of an adult; `relation` is "PARENT" or "GUARDIAN" (D22)."""

    person: Person
    relation: str
    document: str = ""  # number of the decree that made a guardian, where the register gives it
    hidden_from: tuple[Bar, ...] = ()  # the adult who is asked about may be among them


class Children(list[ChildRecord]):
    """An adult's children. `lost`: records that cannot be read; they cost themselves, not the others."""

    lost = 0


@dataclass(frozen=True)
class Household:
    """An adult and their children, as the registers know them at one moment."""

    adult: Person
    children: Children


def person(iin: str) -> Person:
    """The person with this IIN, with their registered address. Raises Refused when unknown, Unavailable."""
    answers = _side_by_side({"person": {"iin": iin}, "address": {"iin": [iin]}})
    registrations = _by_iin(answers["address"](), [iin])
    return _person(_one(answers["person"](), iin), registrations=registrations, gate=Gate("person"))


def children(iin: str) -> Children:
    """The adult's children (minors) by the register of births and guardianship, youngest last.

    Of another kind of relation nothing follows here, so such records are passed over (D22).
    Raises Refused when the adult is unknown, Unavailable.
    """
    own = _own(smartbridge.send("children", {"iin": iin}, repeat=True), iin)
    return _children(own, _registrations([known for one in own if (known := _iin(one))]))


def household(iin: str, known: Sequence[str]) -> Household:
    """The adult and their children in one round of questions side by side, within ROUND_SECONDS in all (D34).
    Addresses are told of the adult and of the children who are `known`. Raises as `person` and `children`."""
    several = [iin, *known]
    questions: Questions = {
        "person": {"iin": iin}, "children": {"iin": iin}, "address": {"iin": several},
    }  # fmt: skip
    answers = _side_by_side(questions)
    registrations = _by_iin(answers["address"](), several)
    adult = _person(_one(answers["person"](), iin), registrations=registrations, gate=Gate("person"))
    return Household(adult, _children(_own(answers["children"](), iin), registrations))


def _side_by_side(questions: Questions) -> dict[str, Callable[[], etree._Element]]:
    """How each of them is answered, or why it is not, within ROUND_SECONDS in all; each thread knows whose
    request it works for."""
    with ThreadPoolExecutor(len(questions)) as threads:
        asked = {
            name: threads.submit(
                copy_context().run, smartbridge.send, name, fields, repeat=True, seconds=ROUND_SECONDS
            )
            for name, fields in questions.items()
        }
    return {name: one.result for name, one in asked.items()}


def _one(data: etree._Element, iin: str) -> etree._Element:
    found = each(data, "person")
    if len(found) != 1 or text(found[0], "iin") != iin:
        raise Unavailable("person", "not the person who was asked for")
    return found[0]


def _own(data: etree._Element, iin: str) -> list[etree._Element]:
    """Records of the adult's own children. A register that names another adult has answered another question:
    from such a list nothing follows about this one."""
    if text(data, "iin") not in (iin, ""):
        raise Unavailable("children", "not the person who was asked for")
    return [child for child in each(data, "child") if _may_be_own(child)]


def _iin(child: etree._Element) -> str:
    found = text(child, "person/iin")
    return found if numbers.valid_iin(found) else ""


def _children(own: list[etree._Element], registrations: dict[str, etree._Element]) -> Children:
    records: dict[str, ChildRecord] = {}
    lost = 0
    for child in own:
        try:
            record = _record(child, registrations=registrations)
        except Unreadable:
            lost += 1
        else:
            records.setdefault(record.person.iin, record)
    children = Children(sorted(records.values(), key=lambda one: (one.person.birth_date, one.person.iin)))
    children.lost = lost
    return children


def child_of(iin: str, child_iin: str) -> ChildRecord | None:
    """The adult's child with this IIN, None when it is not theirs. Raises as `children`, and Unreadable when
    it may be one of those that cannot be read."""
    found = children(iin)
    record = next((one for one in found if one.person.iin == child_iin), None)
    if record is None and found.lost:
        raise Unreadable("children", "the child may be among the records that cannot be read")
    return record


def _may_be_own(child: etree._Element) -> bool:
    """A relation that is another one is known; one that is left out is not."""
    return text(child, "relation") in (*RELATIONS, "")


def _record(child: etree._Element, *, registrations: dict[str, etree._Element]) -> ChildRecord:
    gate, found, relation = Gate("children"), each(child, "person"), text(child, "relation")
    if len(found) != 1 or not relation:
        gate.refuse("person" if relation else "relation", "missing or there twice")
    person = _person(found[0], registrations=registrations, gate=gate)
    document = gate.line(text(child, "document"), "document", limit=MAX_DOCUMENT)
    bars = tuple(_bar(one, gate=gate) for one in each(child, "hiddenFrom"))
    return ChildRecord(person, relation, document, bars)


def _bar(element: etree._Element, *, gate: Gate) -> Bar:
    """One that cannot be read costs the child's record: nobody is told of a child whom it might hide."""
    number = gate.line(text(element, "document"), "hiddenFrom/document", limit=MAX_DOCUMENT)
    return Bar(gate.iin(text(element, "iin")), number)


def _person(element: etree._Element, *, registrations: dict[str, etree._Element], gate: Gate) -> Person:
    """A person without any name is nobody whom a paper could name."""
    iin = gate.iin(text(element, "iin"))
    surname, name = gate.name(text(element, "surname"), "surname"), gate.name(text(element, "name"), "name")
    sex = SEXES.get(text(element, "gender/code")) or gate.refuse("gender/code", "not known")
    born = formats.day(text(element, "birthDate")) or numbers.birth_date(iin)
    registration = registrations.get(iin)
    return Person(
        iin=iin,
        surname=surname,
        name=name or gate.refuse("name", "missing"),
        patronymic=_patronymic(element, gate=gate),
        birth_date=born or gate.refuse("birthDate", "missing"),
        sex=sex,
        address=_address(registration) if registration is not None else Address(),
    )


def _patronymic(element: etree._Element, *, gate: Gate) -> str | None:
    """An empty element says that there is none; one that is left out, or holds others, says nothing."""
    found = each(element, "patronymic")
    if not found or (len(found[0]) and not found[0].text):
        return None
    return gate.patronymic(found[0].text)


def _registrations(iins: Sequence[str]) -> dict[str, etree._Element]:
    """By IIN; whoever is registered nowhere is not in it."""
    if not iins:
        return {}
    return _by_iin(smartbridge.send("address", {"iin": iins}, repeat=True), iins)


def _by_iin(data: etree._Element, asked: Sequence[str]) -> dict[str, etree._Element]:
    """Who is missing is registered nowhere; but not where somebody nobody asked for stands in their place."""
    found = {text(one, "iin"): one for one in each(data, "registration")}
    if found.keys() - set(asked) and set(asked) - found.keys():
        raise Unavailable("address", "not the person who was asked for")
    return found


def _address(element: etree._Element) -> Address:
    """Of somebody who is registered somewhere, so that it is not taken for "nowhere"."""
    gate = Gate("address")
    address = Address(
        kato=gate.digits(text(element, "address/kato"), "kato", limit=9),
        street=gate.line(text(element, "address/street"), "street", limit=300),
        house=gate.line(text(element, "address/building"), "building", limit=50),
        flat=gate.line(text(element, "address/flat"), "flat", limit=50),
        text_kk=gate.line(text(element, "address/textKz"), "textKz", limit=500),
        text_ru=gate.line(text(element, "address/textRu"), "textRu", limit=500),
    )
    return address if address.kato else gate.refuse("kato", "missing")
