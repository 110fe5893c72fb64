"""The registers of persons: who someone is, where they are registered, whose children they have."""

from dataclasses import asdict, dataclass
from datetime import date


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
    raise NotImplementedError


def children(iin: str) -> list[ChildRecord]:
    """The adult's children (minors) by the register of births and guardianship, youngest last."""
    raise NotImplementedError
