"""«Менің балаларым»: the children of a person by the register, and those they have added (R55-R59, D22)."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts import outside, people, protection
from accounts.models import Child, Consent, Guardianship, User
from accounts.prepared import Prepared
from egov import persons
from egov.persons import ChildRecord


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
    added = set(of(user).values_list("iin", flat=True))
    candidates = [
        Candidate(_key(user, record.person.iin), record, record.person.iin in added) for record in found
    ]
    return Family(candidates, found.lost)


def of(user: User) -> QuerySet[Child]:
    """Those they have added and by the register may still act for."""
    return Child.objects.filter(guardianships__in=user.guardianships.standing())


def listed(user: User) -> list[Child]:
    """The same, the eldest first."""
    return _LISTED(user.pk)


_LISTED = Prepared(lambda user: of(User(pk=user)).order_by("birth_date", "pk"), int)


def of_register(iin: str) -> persons.Children:
    """Raises Refused when nobody has this IIN, Unavailable."""
    now = timezone.now()
    with outside.watching("children", "address", now=now):
        found = persons.children(iin)
    protection.learn(found, now=now)
    return found


def record_of(user: User, iin: str) -> ChildRecord | None:
    """What the register says today of this child of this person; None when it is not theirs.
    Raises Unavailable."""
    now = timezone.now()
    with outside.watching("children", "address", now=now):
        record = persons.child_of(user.iin, iin)
    protection.learn([record] if record else [], now=now)
    return record


@transaction.atomic
def add(user: User, record: ChildRecord, *, now: datetime) -> Child:
    """The child joins the person's list (R59); one row per child, whichever parent adds it."""
    child, _created = Child.objects.update_or_create(
        iin=record.person.iin, defaults=people.facts_of_child(record.person) | {"refreshed_at": now}
    )
    Guardianship.objects.update_or_create(user=user, child=child, defaults=people.tie(record, now=now))
    Consent.objects.filter(user=user, child_iin=child.iin, child=None).update(child=child)
    return child


def _key(user: User, iin: str) -> str:
    return salted_hmac("accounts.children", f"{user.pk}:{iin}", algorithm="sha256").hexdigest()[:32]
