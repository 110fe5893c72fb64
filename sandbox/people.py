"""What the state knows of a person, and how it issues an IIN. The cast itself is in cast.py."""

from collections.abc import Container, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.texts import Text

ALMATY = ZoneInfo("Asia/Almaty")
FORMS = ("065/у", "052-2/у")
PASS_1 = range(1, 12)
PASS_2 = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)


@dataclass(frozen=True)
class Address:
    kato: str = ""
    street: str = ""
    house: str = ""
    flat: str = ""
    text_kk: str = ""
    text_ru: str = ""


@dataclass(frozen=True)
class Tie:
    iin: str  # of the child
    relation: str = "PARENT"  # or GUARDIAN
    document: str = ""  # number of the decree that made the guardian
    lost_until: float = 0.0  # the register has lost the child, and has it again from this moment


@dataclass(frozen=True)
class Enrolment:
    bin: str
    school_kk: str
    school_ru: str
    grade: int
    letter: str = ""


@dataclass(frozen=True)
class Job:
    """What an organisation key says of its holder."""

    bin: str
    organisation_kk: str
    organisation_ru: str
    role: str  # director | executor | officer


@dataclass(frozen=True)
class Human:
    iin: str
    surname: str
    name: str
    patronymic: str
    sex: str  # M | F
    birth_date: date
    lang: str = "kk"
    sim: str = ""  # the number of their SIM card, +7…; children have none
    in_base: bool = True  # is that number in the Mobile Citizens Database
    address: Address = Address()
    children: tuple[Tie, ...] = ()
    enrolment: Enrolment | None = None
    papers: tuple[str, ...] = FORMS  # forms the medical system holds
    hidden_from: tuple[str, ...] = ()  # IINs: a court hides the child's whereabouts from these people
    hidden_by: str = ""  # number of the court's decision
    job: Job | None = None
    case: Text | None = None  # what this person's story shows

    @property
    def phone(self) -> str:
        """As the Mobile Citizens Database knows it."""
        return self.sim if self.in_base else ""

    @property
    def full_name(self) -> str:
        return " ".join(part for part in (self.surname, self.name, self.patronymic) if part)


def check_digit(body: str) -> int | None:
    """Of an IIN or a BIN; None when no such number is issued."""
    digits = [int(char) for char in body]
    rest = sum(weight * digit for weight, digit in zip(PASS_1, digits, strict=True)) % 11
    if rest == 10:
        rest = sum(weight * digit for weight, digit in zip(PASS_2, digits, strict=True)) % 11
    return None if rest == 10 else rest


def issue_iin(born: date, sex: str, *, taken: Container[str] = ()) -> str:
    """The first free number of the day, counted down from 9990 so that no real one is met."""
    century = (born.year // 100 - 18) * 2 + (1 if sex == "M" else 2)
    for serial in range(9990, 0, -1):
        body = f"{born:%y%m%d}{century}{serial:04d}"
        digit = check_digit(body)
        if digit is not None and body + str(digit) not in taken:
            return body + str(digit)
    raise ValueError("no number is left for this day")


def academic_year(today: date) -> int:
    """First year of the year the demo admits to."""
    return today.year if today <= date(today.year, 8, 31) else today.year + 1


def newborn(
    parent: Human, *, born: date, name: str, sex: str, taken: Container[str] = (), **facts: Any
) -> Human:
    """A child with the parent's address, and surname unless another is given."""
    child = Human(
        iin=issue_iin(born, sex, taken=taken),
        surname=facts.pop("surname", parent.surname),
        name=name,
        patronymic=facts.pop("patronymic", ""),
        sex=sex,
        birth_date=born,
        address=parent.address,
    )
    return with_facts(child, facts)


def with_facts(human: Human, facts: Mapping[str, Any]) -> Human:
    """The person with some facts changed; plain JSON values, names as in `Human`."""
    changes: dict[str, Any] = dict(facts)
    if isinstance(changes.get("address"), Mapping):
        changes["address"] = Address(**changes["address"])
    if isinstance(changes.get("enrolment"), Mapping):
        changes["enrolment"] = Enrolment(**changes["enrolment"])
    if "children" in changes:
        changes["children"] = tuple(Tie(**tie) for tie in changes["children"])
    if "hidden_from" in changes:
        changes["hidden_from"] = tuple(changes["hidden_from"])
    if "papers" in changes:
        changes["papers"] = tuple(form for form in FORMS if form in changes["papers"])
    if isinstance(changes.get("birth_date"), str):
        changes["birth_date"] = date.fromisoformat(changes["birth_date"])
    unknown = changes.keys() - Human.__dataclass_fields__.keys() | (changes.keys() & {"iin", "job", "case"})
    if unknown:
        raise ValueError("no such fact: " + ", ".join(sorted(unknown)))
    return replace(human, **changes)


def to_record(human: Human) -> dict[str, Any]:
    record = asdict(human)
    record["birth_date"] = human.birth_date.isoformat()
    del record["job"], record["case"]
    return record


def from_record(record: Mapping[str, Any]) -> Human:
    facts = dict(record)
    names = ("iin", "surname", "name", "patronymic", "sex")
    born = date.fromisoformat(facts.pop("birth_date"))
    human = Human(**{name: facts.pop(name) for name in names}, birth_date=born)
    return with_facts(human, facts)
