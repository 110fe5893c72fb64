"""«Менің балаларым»: the children of a person by the register, and those they have added (R55-R59, D22)."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts import outside
from accounts.models import Child, Consent, Guardianship, User
from egov import persons
from egov.persons import ChildRecord, Person


@dataclass(frozen=True)
class Candidate:
    """A child of the register as the page may name it: by a key that tells nothing and fits one user only."""

    key: str
    record: ChildRecord
    added: bool

    @property
    def full_name(self) -> str:
        person = self.record.person
        return " ".join(part for part in (person.surname, person.name, person.patronymic) if part)


@dataclass(frozen=True)
class Family:
    """The children whom the page may name, and how many records of the register cannot be read."""

    candidates: list[Candidate]
    lost: int


def family(user: User) -> Family:
    """Asked of the register each time, so that what eGov has just updated is there (R56).
    Raises Unavailable."""
    found = of_register(user.iin)
    added = set(user.children.values_list("iin", flat=True))
    candidates = [
        Candidate(_key(user, record.person.iin), record, record.person.iin in added) for record in found
    ]
    return Family(candidates, found.lost)


def of_register(iin: str) -> persons.Children:
    """Raises Refused when nobody has this IIN, Unavailable."""
    with outside.watching("children", "address", now=timezone.now()):
        return persons.children(iin)


def record_of(user: User, iin: str) -> ChildRecord | None:
    """What the register says today of this child of this person; None when it is not theirs.
    Raises Unavailable."""
    with outside.watching("children", "address", now=timezone.now()):
        return persons.child_of(user.iin, iin)


@transaction.atomic
def add(user: User, record: ChildRecord, *, now: datetime) -> Child:
    """The child joins the person's list (R59); one row per child, whichever parent adds it."""
    child, _created = Child.objects.update_or_create(
        iin=record.person.iin, defaults=_facts(record.person) | {"refreshed_at": now}
    )
    Guardianship.objects.update_or_create(user=user, child=child, defaults={"relation": record.relation})
    Consent.objects.filter(user=user, child_iin=child.iin, child=None).update(child=child)
    return child


def refresh(child: Child, *, now: datetime) -> Child:
    """Take the child's facts from the register again. Raises Unavailable, Refused; the old ones stay then."""
    facts = _facts(persons.person(child.iin)) | {"refreshed_at": now}
    for name, value in facts.items():
        setattr(child, name, value)
    child.save(update_fields=list(facts))
    return child


def _facts(person: Person) -> dict[str, object]:
    return person.told_names | {
        "birth_date": person.birth_date,
        "sex": person.sex,
        "registered_address": person.address.as_dict(),
    }


def _key(user: User, iin: str) -> str:
    return salted_hmac("accounts.children", f"{user.pk}:{iin}", algorithm="sha256").hexdigest()[:32]
